"""Only a channel knows which channel it is; the rest of the bot works with addresses."""

import ast

import pytest

from bot.channels.wecom_app.address import WECOM_APP
from core.domain.address import HOME
from tests.house.tree import PRODUCT, ROOT, modules

INSIDE = ("cards", "core", "handlers", "language", "notify")
CHANNELS = {path.name for path in (ROOT / "bot/channels").iterdir() if (path / "__init__.py").exists()}
MAY_NAME_ONE = {"core/domain/address.py"}
"""The file with HOME, the channel to which notices go."""
MAY_IMPORT = {"bot/app.py", "bot/checkup.py", "bot/directory.py", "bot/command_line/"}
"""The composition root, and what asks WeCom about the app itself: directory, menu and check-up."""


@pytest.mark.parametrize("folder", INSIDE)
def test_nothing_inside_knows_a_channel(folder: str) -> None:
    """No handler, notice, card, word or rule imports or names a channel, so all work alike through any channel."""
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
    """The courier, the dispatcher, the worker and the jobs import no channel: they are given it."""
    strange = {
        m.path
        for m in modules(*PRODUCT)
        for name, _ in m.imports()
        if name.startswith("bot.channels") and not m.path.startswith(("bot/channels/", *MAY_IMPORT))
    }
    assert strange == set()


def test_home_is_the_app() -> None:
    """The only channel that the domain names is WeCom's app, which everybody has."""
    assert HOME == WECOM_APP
