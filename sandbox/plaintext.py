"""Writes the inner XML of callbacks (path/90239, 90240) and reads that of passive replies (path/90241)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

Tree = Mapping[str, "str | int | float | Tree | Sequence[Tree | str]"]


def cdata(text: str) -> str:
    # CDATA cannot contain `]]>`, so it is split between two sections.
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def to_xml(tree: Tree) -> str:
    """Returns the tree as `<xml>` on one line, as real payloads are.

    Numbers stand bare, texts in CDATA, and lists become repeated elements.
    """
    return f"<xml>{_inside(tree)}</xml>"


def _inside(tree: Tree) -> str:
    return "".join(_element(name, value) for name, value in tree.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_inside(value)}</{name}>"
    if isinstance(value, str):  # before Sequence, which a str is too
        return f"<{name}>{cdata(value)}</{name}>"
    if isinstance(value, Sequence):
        return "".join(_element(name, entry) for entry in value)
    return f"<{name}>{escape(str(value))}</{name}>"


class BadReply(Exception):
    """A passive reply that WeCom would not understand."""


def read_xml(text: str) -> ET.Element:
    """Returns the root element `xml`. Raises BadReply."""
    # Refused before parsing: entities could grow without bound.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadReply("a document type is not allowed")
    try:
        root = ET.fromstring(text)  # noqa: S314 - entities were refused above
    except ET.ParseError as error:
        raise BadReply(f"not XML: {error}") from error
    if root.tag != "xml":
        raise BadReply("the root element is not xml")
    return root


def child(root: ET.Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


@dataclass(frozen=True, slots=True)
class _Part:
    """How one XML element becomes JSON: its name there, and its content (a type, or further parts)."""

    name: str
    inside: "type | dict[str, _Part]" = str
    repeated: bool = False


_LINK = {
    "Type": _Part("type", int),
    "Url": _Part("url"),
    # path/90241 spells it both ways: Appid in QuoteArea, AppId elsewhere.
    "AppId": _Part("appid"),
    "Appid": _Part("appid"),
    "PagePath": _Part("pagepath"),
}
_TITLED = {"Title": _Part("title"), "Desc": _Part("desc")}
_OPTIONS = {"Id": _Part("id"), "Text": _Part("text")}
_SELECTOR = {
    "QuestionKey": _Part("question_key"),
    "Title": _Part("title"),
    "SelectedId": _Part("selected_id"),
    "Disable": _Part("disable", bool),
    "OptionList": _Part("option_list", _OPTIONS, repeated=True),
}
_CARD = {
    "CardType": _Part("card_type"),
    "Source": _Part(
        "source",
        {"IconUrl": _Part("icon_url"), "Desc": _Part("desc"), "DescColor": _Part("desc_color", int)},
    ),
    "MainTitle": _Part("main_title", _TITLED),
    "SubTitleText": _Part("sub_title_text"),
    "EmphasisContent": _Part("emphasis_content", _TITLED),
    "HorizontalContentList": _Part(
        "horizontal_content_list",
        {
            "KeyName": _Part("keyname"),
            "Value": _Part("value"),
            "Type": _Part("type", int),
            "Url": _Part("url"),
            "MediaId": _Part("media_id"),
            "UserId": _Part("userid"),
        },
        repeated=True,
    ),
    "VerticalContentList": _Part("vertical_content_list", _TITLED, repeated=True),
    "JumpList": _Part("jump_list", {**_LINK, "Title": _Part("title")}, repeated=True),
    "CardAction": _Part("card_action", {**_LINK, "Title": _Part("title")}),
    "ActionMenu": _Part(
        "action_menu",
        {
            "Desc": _Part("desc"),
            "ActionList": _Part("action_list", {"Text": _Part("text"), "Key": _Part("key")}, repeated=True),
        },
    ),
    "QuoteArea": _Part("quote_area", {**_LINK, "Title": _Part("title"), "QuoteText": _Part("quote_text")}),
    "CardImage": _Part("card_image", {"Url": _Part("url"), "AspectRatio": _Part("aspect_ratio", float)}),
    "ImageTextArea": _Part("image_text_area", {**_LINK, **_TITLED, "ImageUrl": _Part("image_url")}),
    "ButtonList": _Part(
        "button_list",
        {
            "Type": _Part("type", int),
            "Text": _Part("text"),
            "Style": _Part("style", int),
            "Key": _Part("key"),
            "Url": _Part("url"),
        },
        repeated=True,
    ),
    "ButtonSelection": _Part("button_selection", _SELECTOR),
    "CheckBox": _Part(
        "checkbox",
        {
            "QuestionKey": _Part("question_key"),
            "Mode": _Part("mode", int),
            "Disable": _Part("disable", bool),
            "OptionList": _Part(
                "option_list", {**_OPTIONS, "IsChecked": _Part("is_checked", bool)}, repeated=True
            ),
        },
    ),
    "SelectList": _Part("select_list", _SELECTOR, repeated=True),
    "SubmitButton": _Part("submit_button", {"Text": _Part("text"), "Key": _Part("key")}),
    "ReplaceText": _Part("replace_text"),
}


def card_of(element: ET.Element) -> tuple[dict[str, Any], list[str]]:
    """Returns `<TemplateCard>` as the JSON of message/send, and the names of elements that are not documented."""
    unknown: list[str] = []
    return _object(element, _CARD, unknown), unknown


def _object(element: ET.Element, parts: dict[str, _Part], unknown: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in element:
        part = parts.get(node.tag)
        if part is None:
            unknown.append(f"{element.tag}/{node.tag}")
            continue
        value = _object(node, part.inside, unknown) if isinstance(part.inside, dict) else _value(node, part.inside)
        if part.repeated:
            found.setdefault(part.name, []).append(value)
        else:
            found[part.name] = value
    return found


def _value(node: ET.Element, kind: type) -> Any:
    text = node.text or ""
    if kind is bool:  # bool("false") is true, so the two words are compared
        if text.strip() not in {"true", "false"}:
            raise BadReply(f"{node.tag} must be true or false")
        return text.strip() == "true"
    try:
        return kind(text)
    except ValueError as error:
        raise BadReply(f"{node.tag} must be a number") from error
