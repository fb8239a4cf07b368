"""Reads the answer of `user/get` about a member (documents, path/90196). Newer apps can only count on the id."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class MemberStatus(IntEnum):
    UNKNOWN = 0
    ACTIVE = 1
    DISABLED = 2
    NOT_ACTIVATED = 4
    LEFT = 5


@dataclass(frozen=True, slots=True)
class Member:
    userid: str
    name: str = ""
    status: MemberStatus = MemberStatus.UNKNOWN
    leaders: tuple[str, ...] = ()
    """The user ids of `direct_leader`, the nearest first; often empty."""
    departments: tuple[int, ...] = ()
    main_department: int | None = None
    position: str = ""


def read_member(userid: str, answer: Mapping[str, Any]) -> Member:
    """Returns the member. A field of another type than documented counts as absent."""
    main = answer.get("main_department")
    return Member(
        userid=_text(answer.get("userid")) or userid,
        name=_text(answer.get("name")),
        status=_status(answer.get("status")),
        leaders=tuple(leader for leader in _items(answer.get("direct_leader")) if isinstance(leader, str)),
        departments=tuple(number for number in _items(answer.get("department")) if isinstance(number, int)),
        main_department=main if isinstance(main, int) else None,
        position=_text(answer.get("position")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _status(value: object) -> MemberStatus:
    known = {status.value: status for status in MemberStatus}
    return known.get(value, MemberStatus.UNKNOWN) if isinstance(value, int) else MemberStatus.UNKNOWN
