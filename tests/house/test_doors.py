"""Only a channel knows which channel it is: the rest of the bot speaks to addresses."""

import ast

import pytest

from bot.channels.wecom_app.address import WECOM_APP
from core.domain.address import HOME
from tests.house.tree import PRODUCT, ROOT, modules

INSIDE = ("cards", "core", "handlers", "language", "notify")
CHANNELS = {path.name for path in (ROOT / "bot/channels").iterdir() if (path / "__init__.py").exists()}
MAY_NAME_ONE = {"core/domain/address.py"}
"""HOME: somebody must say where people are written to unasked."""
MAY_IMPORT = {"bot/app.py", "bot/checkup.py", "bot/directory.py", "bot/command_line/"}
"""Beside the composition root, those that ask WeCom about the app itself: its directory, menu and health."""


@pytest.mark.parametrize("folder", INSIDE)
def test_nothing_inside_knows_a_channel(folder: str) -> None:
    """No handler, notice, card, word or rule imports a channel or names one: all work the same through any."""
    imports = [f"{m.path}:{line}" for m in modules(folder) for name, line in m.imports() if "channels" in name]
    named = [
        f"{m.path}:{node.lineno} {node.value}"
        for m in modules(folder)
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Constant) and node.value in CHANNELS
        if not m.generated and m.path not in MAY_NAME_ONE
    ]
    assert (imports, named) == ([], [])


def test_few_know_the_app_channel() -> None:
    """The courier, the dispatcher, the worker and the jobs are told what they deliver through."""
    strange = {
        m.path
        for m in modules(*PRODUCT)
        for name, _ in m.imports()
        if name.startswith("bot.channels") and not m.path.startswith(("bot/channels/", *MAY_IMPORT))
    }
    assert strange == set()


def test_home_is_the_app() -> None:
    """The domain's one name of a channel is the name of the channel that everybody has."""
    assert HOME == WECOM_APP
