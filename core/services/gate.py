"""The one gate: every door asks it whether somebody may do something, once, before anything is done.

What a use case demands is data in `use_cases.py`. Rules about one object ("may this person decide this request")
are not asked here: they live in that object.
"""

from dataclasses import dataclass
from enum import Enum

from core.domain.errors import NotAllowed, NotYours, Refusal
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.people import Person, PersonId, Right
from core.domain.prompts import Asking, Prompt
from core.domain.use_cases import ForWhom, RightOf, UseCase


@dataclass(frozen=True, slots=True)
class Member:
    """A person the bot knows, with what their roles grant at this moment. `somebody` makes it."""

    person: Person
    rights: frozenset[Right]


class Unnamed(Enum):
    """Who asks without being a person the bot knows."""

    STRANGER = "stranger"
    """Somebody in WeCom who has no place here, or none any more."""
    PLATFORM = "platform"
    """WeCom itself, telling what has happened."""
    OPERATOR = "operator"
    """Whoever runs a command on the bot's machine."""


Asker = Member | Unnamed


@dataclass(frozen=True, slots=True)
class Matter:
    """The request or question a message is about, where the right hangs on that; nothing where it does not."""

    operation: Operation | None = None
    prompt: Prompt | None = None


NOTHING = Matter()


def somebody(person: Person | None, rights: frozenset[Right]) -> Asker:
    """Who is asking from a chat. Who has left is a stranger, whatever rights are still held against the name."""
    if person is None or not person.active:
        return Unnamed.STRANGER
    return Member(person, rights)


def admit(case: UseCase, asker: Asker, matter: Matter = NOTHING) -> None:
    """Return when this one may do it; otherwise raise the Refusal they are to hear.

    NotAllowed says which right is missing. Where that is the right to approve and a request was named, the refusal
    is about the request: NotYours, or AlreadyClosed when it is their own and nobody decides it any more.
    """
    match case.for_whom:
        case ForWhom.ANYBODY:
            return
        case ForWhom.PLATFORM:
            _admit_only(Unnamed.PLATFORM, asker)
        case ForWhom.OPERATOR:
            _admit_only(Unnamed.OPERATOR, asker)
        case ForWhom.MEMBERS:
            _admit_member(case, asker, matter)


def _admit_only(one: Unnamed, asker: Asker) -> None:
    if asker is not one:
        raise NotAllowed("not_for_members")


def _admit_member(case: UseCase, asker: Asker, matter: Matter) -> None:
    if not isinstance(asker, Member):
        raise NotAllowed("not_known")
    right = _needed(case, matter)
    if right not in asker.rights:
        raise _refusal(asker.person.id, right, matter.operation)


def _needed(case: UseCase, matter: Matter) -> Right:
    match case.right:
        case RightOf.REQUEST:
            assert matter.operation is not None  # the door found it, or refused
            return matter.operation.action.right
        case RightOf.QUESTION:
            assert matter.prompt is not None
            return _led_to(matter.prompt, matter.operation)
        case Right() as right:
            return right
        case None:
            raise AssertionError(f"{case.name}: a use case for members has a right")


def _led_to(prompt: Prompt, operation: Operation | None) -> Right:
    """What somebody needs for that to which the answer of this question leads."""
    match prompt.asking:
        case Asking.REJECTION:
            return Right.APPROVE
        case Asking.REASON if operation is not None:
            return operation.action.right
        case _:
            return prompt.action.right if prompt.action else Right.VIEW


def _refusal(person: PersonId, right: Right, operation: Operation | None) -> Refusal:
    """Who lacks it hears which; who may not decide hears it about the request that was named."""
    if right is not Right.APPROVE or operation is None:
        return NotAllowed(right=right)
    own = operation.requester == person
    if own and operation.state is not State.PENDING:  # there is nobody left to be nudged
        return operation.closed()
    return NotYours("requester_cannot_decide" if own else "not_approver", operation=operation.label)
