"""The reading of a policy: the shipped one is valid, and all faults of another are named at once."""

import re
import tomllib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.files import DEFAULT_POLICY, read_toml
from config.policy_file import parse_duration, policy_from
from core.domain.actions import Action
from core.domain.errors import ConfigError
from core.domain.policy import AskWhom, Policy

DEFAULTS = read_toml(DEFAULT_POLICY)


def read(text: str) -> Policy:
    return policy_from(tomllib.loads(text), DEFAULTS)


def faults(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read(text)
    return "\n".join(refused.value.faults)


def test_shipped_policy_holds():
    """The default policy is read without a fault and asks the leader about a void."""
    policy = read("")
    assert policy.rule(Action.VOID).ask is AskWhom.LEADER
    assert policy.retention.of(Action.VOID) == timedelta(days=90)
    assert policy.retention.of(Action.RESTORE) is None


def test_what_is_left_out_keeps_the_default():
    """A policy that changes one key changes one value and keeps the other defaults."""
    policy = read('[approval.void]\nask = "approvers"')
    assert policy.rule(Action.VOID).ask is AskWhom.APPROVERS
    assert policy.rule(Action.VOID).votes == read("").rule(Action.VOID).votes
    assert policy.rule(Action.ARCHIVE) == read("").rule(Action.ARCHIVE)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[aproval.void]\nvotes = 1", "[aproval]"),
        ("[approval.viod]\nvotes = 1", "[approval.viod]"),
        ("[approval.void]\nvote = 1", "[approval.void] vote: unknown key"),
        ("[limits]\nchanges_a_day = 3", "[limits] changes_a_day: unknown key"),
        ("[limits]\nchanges_per_day = -1", "[limits] changes_per_day"),
        # A boolean is an integer in Python, but not in a policy.
        ("[limits]\nchanges_per_day = true", "[limits] changes_per_day = True: write a whole number"),
        ('[limits]\n"a b" = 3', "[limits] 'a b': unknown key"),
        (
            '[lives]\nconfirm_card = "36501d"',
            "[lives] confirm_card = '36501d': write a time like 30m, 24h or 90d",
        ),
        ("[approval.void]\nvotes = -1", "[approval.void] votes = -1: write a whole number, 0 or more"),
        ("[approval.void]\nvotes = 1.5", "[approval.void] votes"),
        ('[approval.void]\nask = "anybody"', "[approval.void] ask"),
        ('[approval.void]\nexpires = "soon"', "[approval.void] expires"),
        ("[approval.void]\nfinal_confirm = 1", "[approval.void] final_confirm"),
        ('[working_hours]\nstart = "9am"', "[working_hours] start"),
        ('[working_hours]\nend = "25:00"', "[working_hours] end = '25:00': write a time of day like 09:00"),
        ("limits = 3", "[limits]"),
        ("approval = 3", "[approval]"),
        ("[approval]\nvoid = 3", "[approval.void]"),
    ],
)
def test_fault_is_named(text, named):
    """A wrong or unknown key is named with its section and is never silently ignored."""
    found = faults(text)
    assert named in found
    assert re.search(r"[\u4e00-\u9fff]", found), "and in Chinese too, as all of the command line"


def test_all_faults_are_named_at_once():
    """One start names the mistakes of all sections, so that nobody has to start three times to find three."""
    found = faults('[limits]\nchanges_per_day = "many"\n[approval.void]\nvote = 1\n[retention]\nvoid = "long"')
    assert "changes_per_day" in found
    assert "vote" in found
    assert "[retention] void" in found


@pytest.mark.parametrize("purge", ['ask = "nobody"\nvotes = 0', "votes = 0", 'ask = "nobody"'])
def test_purge_always_needs_a_second_person(purge):
    """A policy that lets one person purge alone is refused."""
    assert "[approval.purge]" in faults(f"[approval.purge]\n{purge}")


@pytest.mark.parametrize("rule", ["votes = 0", 'ask = "nobody"'])
def test_asking_nobody_and_needing_votes_exclude_each_other(rule):
    """A policy that asks nobody but needs votes, or asks people but needs none, is refused."""
    assert "[approval.void]" in faults(f"[approval.void]\n{rule}")


@given(days=st.integers(0, 999), hours=st.integers(0, 99), minutes=st.integers(0, 99))
def test_durations_add_up(days, hours, minutes):
    """The parts of a duration add up: 1d12h is a day and a half."""
    written = f"{days}d{hours}h{minutes}m"
    assert parse_duration(written) == timedelta(days=days, hours=hours, minutes=minutes)


@pytest.mark.parametrize("text", ["", "90", "d", "90 d", "-1d", "1w", "1d!", 90, None, True])
def test_no_duration(text):
    """A text that is no duration is refused, and the message shows the form to use."""
    with pytest.raises(ValueError, match="write a time like"):
        parse_duration(text)
