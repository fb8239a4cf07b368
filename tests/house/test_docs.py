"""Compares the documentation with the code, so that no page becomes outdated."""

import re

import pytest

from bot.__main__ import COMMANDS, load
from bot.docs import commands_page
from bot.docs_command_line import command_line_rows
from config.settings import PREFIX, Settings
from handlers.table import ROUTES
from tests.house.tree import PRODUCT, ROOT, texts

SETTINGS = {PREFIX + field.upper() for field in Settings.model_fields}


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    """The table in docs/deploy.md lists every setting and no other, each with the default of the code."""
    rows = re.findall(r"^\| `(VOIDBOT_\w+)` \| (.+?) \|", _page("docs/deploy.md"), re.MULTILINE)
    assert {name for name, _ in rows} == SETTINGS
    for name, said in rows:
        default = Settings.model_fields[name.removeprefix(PREFIX).lower()].default
        told = said.strip("`")
        assert told == "needed" or str(default).endswith(told), f"{name}: the page says {told}, the code {default}"


def test_no_page_names_a_setting_that_is_gone() -> None:
    """No page names a setting that the code does not read."""
    pages = [(path, text) for path, text in texts() if path.endswith((".md", ".toml"))]
    named = {(path, name) for path, text in pages for name in re.findall(r"VOIDBOT_[A-Z_]+[A-Z]", text)}
    assert {(path, name) for path, name in named if name not in SETTINGS} == set()


@pytest.mark.parametrize("path", sorted(path for path, _ in texts() if path.endswith(".md")))
def test_links_between_pages_lead_somewhere(path: str) -> None:
    """A link to a file of the project leads to a file."""
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", _page(path))
    assert [link for link in links if not ((ROOT / path).parent / link).exists()] == []


def test_code_names_only_pages_that_exist() -> None:
    """A comment that names a page in docs/ names one that exists."""
    names = {
        (path, name)
        for path, text in texts(*PRODUCT, "sandbox", "tests")
        for name in re.findall(r"docs/(?:decisions/\d{4}|[a-z_]+\.md)", text)
    }
    assert {(path, name) for path, name in names if not list(ROOT.glob(f"{name}*"))} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """The module of a command has the command's name, and help in Chinese and English."""
    command = load(name)
    assert name == command.NAME
    assert re.search(r"[\u4e00-\u9fff]", command.HELP)
    assert re.search(r"[A-Za-z]{4}", command.HELP)


def test_the_page_of_commands_is_the_table() -> None:
    """docs/commands.md is exactly what `make docs` writes, so no route lacks its line on the page."""
    assert _page("docs/commands.md") == commands_page()


def test_every_route_is_on_the_page() -> None:
    """The generator leaves no route out."""
    page = _page("docs/commands.md")
    cases = {route.use_case for route in ROUTES}
    assert [case.name for case in cases if case.zh not in page or case.en not in page] == []


def test_every_command_is_on_the_page() -> None:
    """The page lists each command of the command line with its sub-commands and options, read from the parsers."""
    usages = [row.usage for row in command_line_rows() if row.words]
    assert {usage.split()[0] for usage in usages} == set(COMMANDS)
    assert "audit verify [--anchor SEQ:HASH]" in usages
    assert "backup restore #OP [--dry-run]" in usages


PAGES = sorted(path for path, _ in texts() if path.endswith(".md"))


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_only_files_that_exist(path: str) -> None:
    """A module or configuration file that a page names exists."""
    folders = "|".join((*PRODUCT, "tests"))
    named = re.findall(rf"`((?:{folders})/[\w/]+\.(?:py|toml))`", _page(path))
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_only_commands_that_exist(path: str) -> None:
    """A command that a page names exists, both make's targets and the bot's own."""
    page = _page(path)
    targets = set(re.findall(r"^([a-z]+):", _page("Makefile"), re.MULTILINE))
    asked = set(re.findall(r"(?:^|`)make (?:[A-Z]+=\S+ )?([a-z]+)\b", page, re.MULTILINE))
    assert asked <= targets
    words = {tuple(row.usage.split()[:2]) for row in command_line_rows()}
    for command, what in re.findall(r"python -m bot ([a-z]+)(?: ([a-z]+))?", page):
        assert command in COMMANDS, command
        assert not what or (command, what) in words, f"{command} {what}"


def test_the_picture_of_the_chat_is_light() -> None:
    """The picture on the first page is a PNG below 400 kB, so that a reader does not wait for it."""
    picture = (ROOT / "docs/images/chat.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 400_000
