"""The parser: it turns a line of chat into one typed command. It is pure and raises nothing, whatever the text.

The readings are tried from the safest on: answers that are the whole message, decisions with a number, then all
that must never be read as a change, then verbs with an object. When a message holds two verbs, or a verb that does
not fit, the bot asks back and never guesses.
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
    """Returns the one reading of a message, or NotRead when there is none."""
    heard = said(text)
    if (greeting := greeting_in(heard)) is not None:
        return greeting
    line = without_greeting(heard)
    answer = whole(line)
    if answer is not None:
        return answer
    plain = without_courtesy(line)
    # Without its courtesies and signs no word is left: nothing but thanks, or no words at all.
    if not clauses(without_courtesy(line.trim(" 。.!~"))):
        return c.Thanks() if clauses(line) else not_read(plain)
    head, reason = split_reason(plain)
    # From here on the order is the safety: see the top of the module.
    for read in (whole, rejection, numbered):
        if (reading := read(plain)) is not None:
            return reading
    return last_of_mine(head) or safe_reading(plain, head) or read_verbs(plain, head, reason)
