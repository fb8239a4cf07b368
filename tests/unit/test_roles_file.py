"""The roles file: people and what their roles grant."""

import re
import tomllib

import pytest

from config.files import DEFAULT_ROLES, read_toml
from config.roles_file import roster_from
from core.domain.errors import ConfigError
from core.domain.people import Language, Right, Role, person_id
from core.domain.roster import Roster

DEFAULTS = read_toml(DEFAULT_ROLES)


def _read(text: str) -> Roster:
    return roster_from(tomllib.loads(text), DEFAULTS)


def _faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _read(text)
    return caught.value.faults


def test_people_and_their_rights() -> None:
    """A rep with a leader who approves: the rep may void, the leader may approve, neither more than that."""
    roster = _read(
        '[people.ZhangSan]\nname = "张三"\nroles = ["rep"]\nleader = "LiSi"\n'
        '[people.lisi]\nname = "李四"\nroles = ["lead", "approver"]\nlanguage = "en"\n'
    )
    rep, lead = roster.people
    assert (rep.id, rep.userid, rep.name, rep.leader) == ("zhangsan", "ZhangSan", "张三", person_id("lisi"))
    assert (rep.language, lead.language) == (Language.ZH, Language.EN)
    assert roster.rights.allows(rep, Right.VOID)
    assert not roster.rights.allows(rep, Right.APPROVE)
    assert roster.rights.allows(lead, Right.APPROVE)
    assert not roster.rights.allows(lead, Right.AUDIT)


def test_the_defaults_grant_what_the_design_says() -> None:
    """Every role has its rights, admins all of them, and only admins may purge."""
    grants = _read("").rights.grants
    assert set(grants) == set(Role)
    assert grants[Role.ADMIN] == frozenset(Right)
    assert [role for role in Role if Right.PURGE in grants[role]] == [Role.ADMIN]
    assert grants[Role.AUDITOR] == {Right.HELP, Right.VIEW, Right.AUDIT}


def test_a_role_can_be_given_other_rights() -> None:
    """A file that names a role replaces that role's rights and leaves the others."""
    grants = _read('[roles.rep]\nrights = ["help", "view"]').rights.grants
    assert grants[Role.REP] == {Right.HELP, Right.VIEW}
    assert Right.VOID in grants[Role.LEAD]


def test_every_fault_is_named_at_once() -> None:
    """Unknown sections, roles, rights, keys, leaders and wrong types come out of one reading."""
    faults = _faults(
        '[team]\n[roles.boss]\nrights = []\n[roles.rep]\nrights = ["fly"]\nleft = 1\n'
        '[people.a]\nroles = ["king"]\ncolour = "red"\nleader = "ghost"\n'
        '[people.b]\nroles = "rep"\nname = 3\nlanguage = "fr"\n'
    )
    wanted = ("[team]", "[roles.boss]", "'fly'", "[roles.rep] left", "'king'", "[people.a] colour", "'ghost'")
    assert all(
        any(part in fault for fault in faults)
        for part in (*wanted, *(f"[people.b] {key} = " for key in ("roles", "name", "language")))
    )
    assert all(re.search(r"[\u4e00-\u9fff]", fault) for fault in faults), "and in Chinese too"
    assert len(faults) == 10


@pytest.mark.parametrize("leaders", [{"a": "a"}, {"a": "b", "b": "A"}, {"x": "a", "a": "b", "b": "c", "c": "a"}])
def test_leaders_in_a_circle_are_named_once(leaders: dict[str, str]) -> None:
    """Nobody can be, through any number of steps, their own leader."""
    text = "".join(f'[people.{who}]\nroles = ["rep"]\nleader = "{leader}"\n' for who, leader in leaders.items())
    faults = _faults(text)
    assert len(faults) == 1
    assert "circle" in faults[0]


def test_ids_that_differ_in_case_only_are_one_person() -> None:
    """WeCom ignores case, so two entries for one person stop the start instead of one silently winning."""
    faults = _faults('[people.LiSi]\nroles = ["rep"]\n[people.lisi]\nroles = ["approver"]\n')
    assert len(faults) == 1
    assert "LiSi" in faults[0]
    assert "lisi" in faults[0]


@pytest.mark.parametrize("userid", ["", " ", "张三", "a b", "-a", "a" * 65, "a\\nb", "|", "@all"])
def test_an_impossible_id_is_named(userid: str) -> None:
    """WeCom could never send such an id; @all and | would address more than one person."""
    assert "an id has" in _faults(f'[people."{userid}"]\nroles = ["rep"]\n')[0]


def test_an_id_may_be_a_mail_address() -> None:
    """WeCom allows _ - @ . inside an id."""
    assert _read('[people."wang.wu@corp"]\nroles = ["rep"]\n').people[0].id == "wang.wu@corp"
