"""House rules that a machine can check."""

import re

import pytest

from tests.house.tree import CODE, PRODUCT, modules, texts

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|raise NotImplementedError|stub(bed)?|to be implemented)\b")
# Written in two pieces so that this file does not break its own rule.
_HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmjs" + ".com", "registry" + ".yarnpkg"]
_WORKPLACE = re.compile("/" + r"work/(h|main|shared)\b")


def test_the_product_does_not_know_the_pretend_platform() -> None:
    """No product file even names the pretend platform, so no test switch can hide there."""
    word = re.compile("sand" + "box", re.IGNORECASE)
    assert [path for path, text in texts(*PRODUCT) if word.search(path) or word.search(text)] == []


def test_files_fit_in_a_head() -> None:
    """A file of the product or the pretend platform has at most 400 lines."""
    lines = {m.path: m.text.count("\n") for m in modules(*PRODUCT, "sandbox") if not m.generated}
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_functions_fit_on_a_screen() -> None:
    """A function has at most 60 lines."""
    long = [
        f"{m.path}:{f.lineno} {f.name}"
        for m in modules(*PRODUCT, "sandbox")
        for f in m.functions()
        if not m.generated and (f.end_lineno or f.lineno) - f.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_init_files_are_empty() -> None:
    """Every `__init__.py` is empty, so that a name has one home and an import runs nothing."""
    assert [m.path for m in modules(*CODE) if m.path.endswith("__init__.py") and m.text] == []


def test_nothing_is_left_unfinished() -> None:
    """The code has no notes about work left to do: such work is an issue."""
    found = [
        f"{m.path}: {said[0]}"
        for m in modules(*PRODUCT, "sandbox")
        for said in [_UNFINISHED.search(m.text)]
        if said
    ]
    assert found == []


@pytest.mark.parametrize("host", _HOSTS)
def test_no_registry_is_named(host: str) -> None:
    """No committed file names the host of a package registry, so the machine's own settings decide."""
    assert [path for path, text in texts() if host in text] == []


def test_no_path_of_one_machine() -> None:
    """No committed file names a folder that exists on one machine only."""
    assert [path for path, text in texts() if _WORKPLACE.search(text)] == []


def test_every_test_states_its_promise() -> None:
    """Every test says in one sentence what it promises."""
    silent = [
        f"{m.path}:{f.lineno} {f.name}"
        for m in modules("tests")
        for f in m.functions()
        if f.name.startswith("test_") and not (f.body and _is_sentence(f.body[0]))
    ]
    assert silent == []


def _is_sentence(node: object) -> bool:
    value = getattr(node, "value", None)
    return isinstance(getattr(value, "value", None), str)
