"""Reads a strict subset of XML for callbacks: plain nodes that hold text or children.

A DTD, an entity of its own, a processing instruction, an attribute and deep nesting are refused, so that a
document cannot reach a file, a host or much memory. People may still *write* `<!DOCTYPE` in a message: it arrives
as CDATA, which is text. Characters that XML forbids come with pasted texts, and are read as blanks.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from bot.channels.wecom_app.errors import CallbackRefused

MAX_DEPTH = 16
"""The deepest nesting we read; the deepest documented event (approval forms) uses 8."""

_BLANKS = " \t\r\n"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(slots=True)
class Node:
    name: str
    text: str = ""
    children: list["Node"] = field(default_factory=list)


class Fields(dict[str, str]):
    """The texts of the child nodes that we read, each at most once. Others are ignored: WeCom adds nodes.

    `fields["MsgType"]` raises CallbackRefused for a node that is missing or has children.
    """

    __slots__ = ("_nodes",)

    def __init__(self, parent: Node, read: Iterable[str]) -> None:
        nodes: dict[str, Node] = {}
        for child in parent.children:
            if child.name in read:
                if child.name in nodes:
                    raise CallbackRefused("node twice")
                nodes[child.name] = child
        self._nodes = nodes
        super().__init__({name: node.text for name, node in nodes.items() if not node.children})

    def __missing__(self, name: str) -> str:
        raise CallbackRefused("node has children" if name in self._nodes else "node missing")

    def node(self, name: str) -> Node | None:
        return self._nodes.get(name)

    def optional(self, name: str) -> str | None:
        """Returns the text of a node, or None when it is absent. Raises CallbackRefused when it has children."""
        return self[name] if name in self._nodes else None


def read_xml(data: bytes) -> Node:
    """Returns the root node, which must be `<xml>`. Raises CallbackRefused for any other document."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise CallbackRefused("not UTF-8") from None
    tree = _Tree()
    parser = expat.ParserCreate("utf-8")  # overrides whatever encoding the document claims
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.data
    parser.StartDoctypeDeclHandler = tree.refuse_doctype
    parser.ProcessingInstructionHandler = tree.refuse_instruction
    try:
        parser.Parse(_FORBIDDEN.sub(" ", text).encode(), True)
    except expat.ExpatError:
        raise CallbackRefused("not XML") from None
    if tree.root is None or tree.root.name != "xml":
        raise CallbackRefused("wrong root")
    return tree.root


class _Tree:
    """Builds nodes from expat's events. An exception raised in a handler ends the parsing."""

    __slots__ = ("_open", "root")

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if attributes or len(self._open) >= MAX_DEPTH or _NAME.fullmatch(name) is None:
            raise CallbackRefused("unexpected node")
        node = Node(name)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        node = self._open.pop()
        if node.children and node.text.strip(_BLANKS):
            raise CallbackRefused("text between nodes")

    def data(self, text: str) -> None:
        self._open[-1].text += text  # a node is always open here: expat reports no text outside the root

    def refuse_doctype(self, *_declaration: object) -> None:
        raise CallbackRefused("document type")

    def refuse_instruction(self, *_instruction: object) -> None:
        raise CallbackRefused("processing instruction")
