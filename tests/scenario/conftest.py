"""Fixtures for stories, which run against the whole bot and a pretend WeCom, over real HTTP, on both databases."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.silent import watch_for_silence
from tests.scenario.town import Town
from tests.scenario.weather import open_town


def _policy(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    """Returns the settings for a story with its own policy: @pytest.mark.policy("[approval.void] …")."""
    mark = request.node.get_closest_marker("policy")
    if mark is None:
        return {}
    file = folder / "policy.toml"
    file.write_text(mark.args[0], encoding="utf-8")
    return {"policy_file": file}


@pytest.fixture
def starts() -> datetime | None:
    """The moment when the story begins; None for the evening of a working day."""
    return None


@pytest.fixture(autouse=True)
def _no_operation_changes_in_silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    silent = watch_for_silence(monkeypatch)
    yield
    assert silent == [], "these operations were stored without a word in the log"


@pytest.fixture
async def town(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest, starts: datetime | None
) -> AsyncIterator[Town]:
    failed_before = request.session.testsfailed
    async with open_town(database_url, tmp_path, start=starts, **_policy(request, tmp_path)) as place:
        yield place
        if request.session.testsfailed == failed_before:  # a failed story would only fail here once more
            await place.finish()
