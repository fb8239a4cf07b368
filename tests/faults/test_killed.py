"""The bot is killed in the middle of its work with SIGKILL, so without a chance to clean up."""

from pathlib import Path

import pytest

from tests.faults.loop import NewDatabase, Wish, stories

pytestmark = pytest.mark.timeout(600)
PARTS = 4
"""The number of tests over which the steps are spread; they may run side by side."""


async def all_right(folder: Path, maker: NewDatabase, wish: Wish) -> int:
    """Runs the stories and returns the number of deaths; fails with all stories that went wrong."""
    told = [story async for story in stories(folder, maker, wish)]
    wrong = [f"step {story.step}, died at {story.where}\n{story.failure}" for story in told if story.failure]
    assert not wrong, "\n\n".join(wrong)
    return sum(story.deaths for story in told)


@pytest.mark.parametrize("maker", ["sqlite"], indirect=True)
@pytest.mark.parametrize("first", range(1, PARTS + 1))
async def test_a_death_after_any_step(tmp_path, maker, first):
    """Whichever step was stored last, the next bot goes on from it: one effect, one card, nothing lost."""
    assert await all_right(tmp_path, maker, Wish(first=first, every=PARTS, edges="after")) > 50 // PARTS


@pytest.mark.parametrize("maker", ["postgresql"], indirect=True)
async def test_a_death_on_the_larger_database(tmp_path, maker):
    """The same holds on PostgreSQL, for a sample of the steps on both their edges."""
    steps = tuple(range(3, 140, 9))
    assert await all_right(tmp_path, maker, Wish(steps)) == len(steps)


@pytest.mark.parametrize(("maker", "first"), [("sqlite", 5), ("postgresql", 12)], indirect=["maker"])
async def test_a_death_while_recovering(tmp_path, maker, first):
    """A second death, up to half a second after the restart, changes nothing either."""
    steps = tuple(range(first, 140, 17))
    assert await all_right(tmp_path, maker, Wish(steps, seed=first)) >= 2 * len(steps)
