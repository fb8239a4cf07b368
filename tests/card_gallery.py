"""Draws every card and every text answer once, in a chosen language and with a chosen name."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cards import answering, finding, history, notices, requests
from cards.answering import refusal
from cards.deciding import decide_card, final_card, submitted_card
from cards.model import Tappable, TextMessage, VoteCard
from cards.outcomes import (
    changed_card,
    closed_card,
    closed_list,
    confirmed_card,
    done_card,
    end_notice,
    expired_for_decider,
    stale_notice,
)
from cards.picking import pick_card, pick_list
from cards.proposing import confirm_card
from cards.reminders import digest_card, follow_up_card
from cards.texts.say import say
from cards.views import (
    Changed,
    ChangedView,
    ConfirmView,
    DecideView,
    Deed,
    DoneView,
    FinalView,
    HitsView,
    RequestView,
    Viewer,
)
from cards.wording import day
from core.domain.actions import Action, LifeStatus
from core.domain.approval.vote import Decision
from core.domain.audit import Tag
from core.domain.errors import AlreadyClosed
from core.domain.facts import facts_of
from core.domain.impact import Impact
from core.domain.incoming import MediaKind
from core.domain.operation.life import State
from core.domain.operation.operation import Operation
from core.domain.operation.reason import Reason, ReasonCode
from core.domain.operation.targets import Outcome, Tally
from core.domain.people import Language, Right
from core.domain.records import FoundBy, Hits, Kind, Medium, RecordRef
from core.domain.reminders import SilentCustomer
from tests.cards import (
    HEAD,
    IMPACT,
    LI,
    NAMES,
    NOW,
    SEGMENT_IMPACT,
    ZHAO,
    approved,
    hits,
    keys,
    operation,
    state,
    target,
    targets,
    undoing,
    viewer,
)

TASK = "task-1"
REP = frozenset({Right.HELP, Right.VIEW, Right.VOID, Right.ARCHIVE, Right.RESTORE, Right.GROUPS})
APPROVER = frozenset({Right.HELP, Right.VIEW, Right.APPROVE})


def silent(name: str = "宏远科技") -> tuple[SilentCustomer, ...]:
    since = datetime(2026, 4, 18, 6, 0, tzinfo=UTC)
    return (
        SilentCustomer(RecordRef(Kind.CUSTOMER, "C1024"), name, since, last_medium=Medium.PHONE),
        SilentCustomer(RecordRef(Kind.CUSTOMER, "C1031"), "宏远物流", since + timedelta(days=90)),
        SilentCustomer(RecordRef(Kind.CUSTOMER, "C1040"), "恒通", since + timedelta(days=100), never=True),
    )


def drawn(language: Language, name: str = "宏远科技", person: str = "王敏") -> dict[str, Tappable]:
    """Returns every card that can be tapped, by label."""
    r = viewer(language)
    return _asked(r, name, person) | _followed(r, name, person)


def _asked(r: Viewer, name: str, person: str) -> dict[str, Tappable]:
    void = operation(name)
    archive, restore = operation(name, Action.ARCHIVE), operation(name, Action.RESTORE)
    voided = replace(void.targets.first[0], status=LifeStatus.VOIDED)
    restore = replace(restore, targets=replace(restore.targets, first=(voided,)), undo_until=None)
    segment = operation(name, Action.DELETE, kind=Kind.SEGMENT)
    many = replace(void, targets=targets(target(name), target("恒通", "C7"), target("星海", "C8"), count=36))
    found = hits(FoundBy.PINYIN)
    first = replace(found.items[0], record=state(name, short_name=name))
    same_way = HitsView(name, replace(found, items=(first, *found.items[1:])), NAMES)
    ways = HitsView("宏远", hits(FoundBy.SHORT_NAME, FoundBy.PINYIN, FoundBy.INITIALS), NAMES)
    cards: dict[str, Tappable] = {
        "k2_void": confirm_card(r, _confirm(void, person, IMPACT, took_delete_as_void=True), keys(void), TASK),
        "k2_archive": confirm_card(r, _confirm(archive, person, Impact()), keys(archive), TASK),
        "k2_restore": confirm_card(r, ConfirmView(restore, owner=person), keys(restore), TASK),
        "k2_undo": confirm_card(r, ConfirmView(undoing(restore), IMPACT, person), keys(restore), TASK),
        "k2_segment": confirm_card(r, _confirm(segment, person, SEGMENT_IMPACT), keys(segment), TASK),
        "k2_many": confirm_card(r, _confirm(many, person, IMPACT), keys(many), TASK),
    }
    for label, view in (
        ("k1_one_way", same_way),
        ("k1_ways", ways),
        ("k1_only", HitsView(name, hits(FoundBy.PARTIAL), NAMES)),
        ("k1_near", HitsView(name, hits(FoundBy.PINYIN, FoundBy.TYPO), NAMES)),
    ):
        card = pick_card(r, view, keys(ref="p1"), TASK)
        assert isinstance(card, VoteCard)
        cards[label] = card
    return cards


def _confirm(op: Operation, person: str, impact: Impact, *, took_delete_as_void: bool = False) -> ConfirmView:
    return ConfirmView(
        op,
        impact,
        owner=person,
        level="B",
        approvers=("李强", person),
        votes_needed=1,
        undo_until=op.undo_until,
        took_delete_as_void=took_delete_as_void,
    )


def _followed(r: Viewer, name: str, person: str) -> dict[str, Tappable]:
    pending = replace(operation(name, state=State.PENDING), pushed_at=NOW - timedelta(minutes=5))
    said = replace(pending, reason=Reason(ReasonCode.OTHER, f"{name} 说的"), pushed_at=None)
    two = replace(said, votes_needed=2, round=2, approvers=(LI, LI))
    segment = operation(name, Action.DELETE, State.PENDING, Kind.SEGMENT)
    done = approved(pending, State.DONE)
    partly = approved(pending, State.PARTLY_DONE)
    moved = state(f"上海{name}有限公司", short_name=name, phone="13911112222", owner=ZHAO)
    now = facts_of(moved, replace(IMPACT, open_deals=2))
    changes = (Changed(target(name), now), Changed(target(name, "C9"), None))
    failures = {Outcome.CONFLICT: 1, Outcome.DENIED: 1}
    quiet = silent(name)
    return {
        "k5": submitted_card(r, RequestView(pending, ("李强",)), keys(pending), TASK),
        "k5_two_votes": submitted_card(r, RequestView(two, ("李强", person)), keys(two), TASK),
        "k6": decide_card(r, DecideView(pending, person, HEAD, IMPACT, (person,), 12, 1), keys(pending, LI), TASK),
        "k6_own_words": decide_card(r, DecideView(said, person, HEAD), keys(said, LI), TASK),
        "k6_segment": decide_card(r, DecideView(segment, person, HEAD, SEGMENT_IMPACT), keys(segment, LI), TASK),
        "k8": final_card(r, FinalView(approved(pending, State.FINAL), person, NOW), keys(pending), TASK),
        "k9": done_card(r, DoneView(done, Tally(1), {}, NOW + timedelta(days=120)), keys(done), TASK),
        "k10": done_card(r, DoneView(partly, Tally(1, 1, 1), failures), keys(partly), TASK),
        "k12": changed_card(r, ChangedView(pending, changes, NAMES), keys(pending), TASK),
        "k18": digest_card(r, quiet, 40, keys(ref="p2"), TASK),
        "k18_one": follow_up_card(r, quiet[:1], keys(ref="p3"), TASK),
        "k18_never": follow_up_card(r, quiet[2:], keys(ref="p3"), TASK),
        "k18_several": follow_up_card(r, quiet, keys(ref="p3"), TASK),
    }


ANSWERED = ("picked", "picked_none", "answered_contacted", "answered_snoozed", "answered_voiding")
"""The texts that handlers write on a list card once it is answered."""


def closed(language: Language, name: str = "宏远科技") -> dict[str, Mapping[str, object]]:
    """Returns cards redrawn without buttons, in every state in which they can end."""
    r = viewer(language)
    bodies = {f"closed_{s}": closed_card(r, approved(operation(name), s), names=NAMES) for s in State}
    rejected = replace(operation(name, state=State.REJECTED), note="还在谈")
    bodies["closed_rejected_why"] = closed_card(r, rejected)
    bodies["confirmed"] = confirmed_card(r, approved(operation(name), State.PENDING))
    bodies["closed_archived_instead"] = closed_card(r, rejected, say(language, "archived_instead"))
    bodies |= {
        f"closed_list_{how}": closed_list(r, name, say(language, how, what=name, day=day(NOW, r.zone)))
        for how in ANSWERED
    }
    return {label: json.loads(body) for label, body in bodies.items()}


def answers(language: Language, name: str = "宏远科技", person: str = "王敏") -> dict[str, TextMessage]:
    """Returns the text messages: lists, notices, help."""
    r, pending = viewer(language), operation(name, state=State.PENDING)
    found = hits(FoundBy.SHORT_NAME, FoundBy.PINYIN)
    deed = Deed(NOW, Tag.OPERATION_FINISHED, person, name, 312, Action.VOID, "不再合作")
    messages = {
        "find_none": finding.find_text(r, HitsView(name, Hits())),
        "find_one": finding.find_text(r, HitsView(name, Hits(found.items[:1], 1), NAMES), IMPACT),
        "find_some": finding.find_text(r, HitsView(name, found, NAMES)),
        "find_many": finding.find_text(r, HitsView(name, replace(found, total=300, more=True), NAMES)),
        "pick_too_many": pick_card(r, HitsView(name, replace(found, total=300), NAMES), keys(), TASK),
        "customers": finding.customers_text(
            r, [state(name), replace(state("恒通", "C7", "恒通"), last_contact_at=NOW - timedelta(days=9))], 40
        ),
        "requests": requests.requests_text(r, [pending, approved(pending, State.DONE)]),
        "waiting": requests.waiting_text(r, [(pending, person)]),
        "waiting_some": requests.waiting_text(r, [(pending, person)], more=True),
        "log": history.log_text(r, name, [deed, replace(deed, tag=Tag.OPERATION_EXPIRED, who="", reason="")]),
        "log_of_a_record": history.log_text(r, name, [deed], LifeStatus.VOIDED, person),
        "greeting_rep": answering.greeting(language, person, REP),
        "greeting_approver": answering.greeting(language, person, APPROVER),
        "help_rep": answering.help_text(language, REP),
        "help_approver": answering.help_text(language, APPROVER),
        "pushed": answering.pushed(r, pending, person),
        "half_time": answering.half_time(r, pending, person),
        "push_sent": answering.push_sent(language, (person, "李强")),
        "undelivered": answering.undelivered(language, pending, (person,), everybody=False),
        "undelivered_all": answering.undelivered(language, pending, (), everybody=True),
        "nobody_left": answering.nobody_left(language, pending),
        "ask_reason": answering.ask_reason(language, pending, 10),
        "ask_rejection": answering.ask_rejection(language, pending, 10),
        **{f"took_vote_{vote}": answering.took_vote(language, pending, vote) for vote in Decision},
        "took_reason": answering.took_reason(language, name),
        "not_known": answering.not_known(language, "ZhangSan@corp"),
        "returned": answering.returned(language, "ZhangSan@corp", 2),
        "admin_left": answering.admin_left(language, person, "WangMin"),
        "admin_returned": answering.admin_returned(language, person, "WangMin", 2),
        "not_offered": answering.not_offered(language, "导出"),
        "spoke": answering.spoke(language),
        "nothing_open": refusal(r, AlreadyClosed("nothing_open")),
    }
    messages |= {f"end_{s}": end_notice(r, replace(pending, state=s)) for s in ENDED}
    moved = state(f"上海{name}有限公司", short_name=name, phone="13911112222")
    changed = ChangedView(pending, (Changed(target(name), facts_of(moved, None)),), NAMES)
    messages["expired_decider"] = expired_for_decider(r, replace(pending, state=State.EXPIRED), voted=False)
    messages["expired_voter"] = expired_for_decider(r, replace(pending, state=State.EXPIRED), voted=True)
    messages["expired_not_run"] = end_notice(r, replace(approved(pending, State.DONE), state=State.EXPIRED))
    messages["stale"] = stale_notice(r, changed)
    done, group = approved(pending, State.DONE), operation(name, Action.DELETE, State.DONE, Kind.SEGMENT)
    messages |= {
        "owner": notices.owner_notice(r, done, person, 1),
        "owner_of_group": notices.owner_notice(r, replace(group, reason=None), person, 1),
        "restored_by_name": notices.restored_notice(r, undoing(done), done, person),
        "undone": notices.undone_notice(r, done, ()),
        "undone_by": notices.undone_notice(r, group, (), person),
        "undone_but": notices.undone_notice(r, done, ("customer.phone", "deals[D1].amount", "strange"), person),
        "undone_unproven": notices.undone_notice(r, done, None),
        "failed_unproven": notices.failed_notice(r, replace(pending, state=State.FAILED), unproven=True),
        "failed_admin": notices.failure_for_admin(
            r, replace(pending, state=State.FAILED, note="[Errno 28]"), person, {}
        ),
        "failed_admin_gone": notices.failure_for_admin(
            r, replace(pending, state=State.FAILED), person, {Outcome.NOT_FOUND: 2}
        ),
        "pick_list": pick_list(r, HitsView(name, found, NAMES)),
        "backup": notices.backup_notice(r, done, 1, 0),
        "backup_left": notices.backup_notice(r, done, 3, 2),
    }
    messages |= {f"media_{kind}": answering.media(language, kind) for kind in MediaKind}
    messages["alarm_log_broken"] = answering.log_broken(language)
    troubles = "internal_error wrong_person_key expired_card log_broken unknown_button"
    messages |= {f"trouble_{what}": TextMessage(say(language, what)) for what in troubles.split()}
    assert all(isinstance(message, TextMessage) for message in messages.values())
    return messages  # type: ignore[return-value]  # checked on the line above


ENDED = (
    State.DONE,
    State.PARTLY_DONE,
    State.REJECTED,
    State.WITHDRAWN,
    State.EXPIRED,
    State.CANCELLED,
    State.FAILED,
    State.NEEDS_HUMAN,
    State.APPROVED,
)
