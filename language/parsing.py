"""A chat line in, one typed command out. Pure; raises nothing, whatever the text.

The order goes from safe to bold: answers that are the whole message, decisions with a number, then everything that
must never be read as a change, then verbs with an object. Two verbs in one message, or a verb that does not fit,
are asked back, never guessed.
"""

from language import commands as c
from language.answers import numbered, rejection, whole
from language.changes import read_verbs
from language.guards import safe_reading
from language.names import clauses, without_courtesy
from language.nearest import not_read
from language.normal import said
from language.opening import greeting_in, without_greeting
from language.reasons import split_reason
from language.restoring import last_of_mine
from language.verbs import NOT_OFFERED, VERBS, Takes, Verb

__all__ = ["NOT_OFFERED", "VERBS", "Takes", "Verb", "parse"]


def parse(text: str) -> c.Command:
    """The one reading of a message; NotRead when there is none."""
    heard = said(text)
    if (greeting := greeting_in(heard)) is not None:
        return greeting
    line = without_greeting(heard)
    answer = whole(line)
    if answer is not None:
        return answer
    plain = without_courtesy(line)
    if clauses(line) and not clauses(without_courtesy(line.trim(" 。.!~"))):
        return c.Thanks()
    if not clauses(plain):
        return not_read(plain)
    head, reason = split_reason(plain)
    for read in (whole, rejection, numbered):
        if (reading := read(plain)) is not None:
            return reading
    return last_of_mine(head) or safe_reading(plain, head) or read_verbs(plain, head, reason)
