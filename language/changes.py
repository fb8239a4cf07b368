"""The reading of verbs with an object in any word order: 作废宏远, 把宏远作废, 宏远黄了，删了吧."""

import re
from dataclasses import dataclass

from core.domain.actions import Action
from core.domain.operation.reason import Reason
from core.domain.records import Kind
from language import commands as c
from language.answers import phrase
from language.guards import mentions_change
from language.names import Object, after_verb, clauses, is_indirect, is_list, object_of, without_courtesy
from language.nearest import not_read
from language.normal import Said
from language.numbers import find_operation, only_operation
from language.opening import without_greeting
from language.reasons import any_reason, ends_in_reason, reason_of
from language.restoring import what_is_meant
from language.verbs import DELETE_WORDS, Found, Takes, Verb, closing, opening, verb

MOST_CLAUSES = 30
"""The most clauses that are read; a text with more is a pasted list and no sentence."""

# 把 and 将 put the object before the verb: 把宏远作废.
_OBJECT_FIRST = re.compile(r"[把将]\s?")
# Verbs whose words stand on both sides of the object.
_AROUND = (
    (re.compile(r"mark\s+(?P<name>.+?)\s+(?:as\s+)?(?:invalid|dead|void)$"), "作废"),
    (re.compile(r"(?:bring|get)\s+(?P<name>.+?)\s+back$"), "恢复"),
    (re.compile(r"取消(?P<name>.+?)的(?:作废|归档|删除)$"), "恢复"),
)
# Without a name these say that the person's own last change was a mistake: 误删了 means an undo.
_SLIPS = frozenset({"误删了", "误删", "被误删了", "删错了"})
# How somebody describes what is to be restored, before its name: 昨天误删的宏远.
_DELETED_BEFORE = re.compile(
    r"(?:昨天|今天|前天|刚才|刚刚|上周|上次)?(?:被)?(?:我)?(?:误)?(?:删|作废|归档)(?:掉|除)?(?:了)?的(?=\S)"
)


@dataclass(slots=True)
class Heard:
    """What the clauses of one message hold, taken together."""

    found: list[Found]
    """The verbs, each with its object."""
    loose: list[Said]
    """The clauses without a verb."""
    conflict: list[Verb]
    """Verbs that stand in one clause and do not go together."""


def read_verbs(line: Said, head: Said, reason: Reason | None) -> c.Command:
    """Read the verbs of a message. `line` is the whole message, `head` the same without its reason."""
    parts = clauses(head)
    if len(parts) > MOST_CLAUSES:
        return c.NotOffered("批量作废") if mentions_change(head) else not_read(line)
    heard = _hear(parts)
    # A dict instead of a set keeps the order in which the verbs were said.
    verbs = list(dict.fromkeys([row.verb for row in heard.found] + heard.conflict))
    for row in verbs:
        if not row.offered and not heard.conflict:
            return c.NotOffered(row.zh)
    if len(verbs) != 1 or heard.conflict:
        return not_read(line, *(row for row in verbs if row.offered))
    only = verbs[0]
    if only.takes is not Takes.NAME:
        # A verb that takes no name may hide one that does behind its first two characters (确认作废 宏远).
        inner = [f.verb for f in (opening(Said(w.word, w.word).cut(2)) for w in heard.found) if f]
        return not_read(line, only, *inner)
    if only.command is c.Change:
        return _change(line, heard, only, reason)
    if len(heard.found) > 1 or heard.loose:
        return not_read(line, only)
    return _look(line, only, heard.found[0])


def _hear(parts: list[Said]) -> Heard:
    heard = Heard([], [], [])
    for part in parts:
        clause = without_courtesy(without_greeting(part))
        if not clause:
            continue
        found = _clause(clause)
        if isinstance(found, Found):
            heard.found.append(found)
        elif found:
            heard.conflict.extend(found)
        else:
            heard.loose.append(clause)
    return heard


def _clause(part: Said) -> Found | tuple[Verb, Verb] | None:
    """Returns the verb of a clause with its object, two verbs that do not go together, or None."""
    if first := _OBJECT_FIRST.match(part.shadow):
        return closing(part.cut(first.end())) or closing(part)
    for around, name in _AROUND:
        if found := around.match(part.shadow):
            return Found(verb(name), name, part.cut(*found.span("name")))
    if row := phrase(part):
        return Found(row, part.shadow, part.cut(0, 0))
    start, end = opening(part), closing(part)
    if start is None or end is None:
        return _two(start) if start else end
    if not start.rest.trim():
        return start
    # The same verb at both ends is one verb, said twice: 作废宏远作废.
    if start.verb is end.verb:
        inner = closing(start.rest)
        return Found(start.verb, start.word + end.word, inner.rest) if inner and inner.rest.trim() else start
    return (start.verb, end.verb) if start.verb.offered else start


def _two(start: Found) -> Found | tuple[Verb, Verb]:
    """Look for a second verb after the first: 作废恢复宏远 holds two, 删除规则 is about a rule."""
    # A second verb of one character is more likely the beginning of a name (作废 查理科技).
    second = opening(after_verb(start.rest).trim(" :"))
    if start.verb.command is not c.Change or second is None or len(second.word) < 2 or second.verb is start.verb:
        return start
    if not second.verb.offered:
        return second
    return (start.verb, second.verb) if second.verb.command is c.Change else start


def _look(line: Said, row: Verb, found: Found) -> c.Command:
    thing = object_of(after_verb(found.rest))
    if row.command is c.Log:
        number, left = find_operation(thing.name)
        return c.Log(left.trim(" :,").text, number)
    if not thing.name:
        return not_read(line, row)
    number, alone = only_operation(thing.name)
    # 看 #0312 means the operation; bare digits may as well be the number of a record.
    if number is not None and alone and not thing.name.text.isdigit():
        return c.Log("", number)
    return c.Find(thing.name.text, thing.kind)


def _change(line: Said, heard: Heard, row: Verb, reason: Reason | None) -> c.Command:
    assert row.action is not None  # every verb with c.Change carries one
    objects = [_object(row, found) for found in heard.found]
    named = [thing for thing in objects if thing.name]
    reason = reason or next(filter(None, (reason_of(f.word, f.word) for f in heard.found)), None)
    # A clause without a verb is a reason, a name, or both: 宏远联系不上了 holds the name before the reason.
    for clause in heard.loose:
        given = reason_of(clause.text, clause.shadow)
        before = ends_in_reason(clause) if given else None
        if given:
            reason = reason or given
        if not given or (before and not named):
            named.append(object_of(before or clause))
    if not named:
        slip = row.action is Action.RESTORE and any(found.word in _SLIPS for found in heard.found)
        return c.Undo() if slip else not_read(line, row)
    if len(named) > 1 or is_list(named[0].name):
        return c.NotOffered("批量作废")
    return _one(line, row, named[0], reason, deleted=any(DELETE_WORDS.search(found.word) for found in heard.found))


def _object(row: Verb, found: Found) -> Object:
    rest = after_verb(found.rest)
    if row.action is Action.RESTORE and (before := _DELETED_BEFORE.match(rest.trim().shadow)):
        named = rest.trim().cut(before.end())
        rest = rest if is_indirect(rest.trim()) else named
    return object_of(rest)


def _one(line: Said, row: Verb, thing: Object, reason: Reason | None, *, deleted: bool) -> c.Command:
    assert row.action is not None  # as in `_change`
    restoring = row.action is Action.RESTORE
    number, alone = only_operation(thing.name)
    if number is not None and alone and not thing.name.text.isdigit():
        return c.Undo(number) if restoring else not_read(line, verb("撤回申请"), verb("撤销"), row)
    if is_indirect(thing.name):
        return what_is_meant(thing.name) if restoring else not_read(line, row)
    name = thing.name
    if thing.kind is Kind.CUSTOMER and not restoring and (before := ends_in_reason(name, spaced=True)):
        reason = reason or any_reason(name.cut(len(before.text)))
        name = before
    # A segment has no void: the words of 作废 with a segment as object mean its deletion.
    action = Action.DELETE if row.action is Action.VOID and thing.kind is Kind.SEGMENT else row.action
    took = deleted and action is Action.VOID
    return c.Change(action, thing.kind, name.text, reason, took_delete_as_void=took)
