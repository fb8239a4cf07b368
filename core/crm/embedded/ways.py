"""Builds the question to the index for each way of naming a customer.

The index may answer with too many customers, never with too few; each is checked afterwards (`looking.py`).
"""

import re
from itertools import pairwise

from sqlalchemy import Connection, select

from core.crm.embedded.pinyin import known_syllables, readings, sound_of, syllables_from
from core.crm.embedded.tables import search_stops
from core.crm.embedded.term_queries import Terms, Way, one
from core.crm.embedded.terms import CONTACT, FIRST, GRAM, INITIALS, LAST, PHONE, SOUND, term
from core.domain.names import NameParts, grams, pieces_of


def phone(digits: str) -> Way:
    return one(term(PHONE, digits[-4:]))


def contact(key: str) -> Way:
    return one(term(CONTACT, key))


def exact(parts: NameParts) -> tuple[Way, ...]:
    """Asks for names that begin and end like this one and hold all its bigrams."""
    return tuple(one(*_edges(text), *_grams(text)) for text in sorted({parts.body, parts.core}) if text)


def partial(parts: NameParts) -> tuple[Way, ...]:
    """Asks for names with all bigrams of each part; how the full name joins the parts is left open."""
    terms = [value for text in (parts.region, parts.brand, parts.industry) for value in _grams(text)]
    if terms:
        return (one(*terms),)
    # What is too short for a bigram is one Chinese character or two letters; it must be the beginning of a name.
    return (one(term(FIRST, parts.core)),) if parts.core else ()


def typo(connection: Connection, parts: NameParts) -> tuple[Way, ...]:
    """Asks for any bigram that tells names apart, or both edges: one wrong character leaves one of them intact."""
    core = parts.core
    telling = dict.fromkeys([*_grams(core), *_grams(parts.brand)])
    stops = set(connection.execute(select(search_stops.c.term).where(search_stops.c.term.in_(telling))).scalars())
    found = [one(value) for value in telling if value not in stops]
    first, last = term(FIRST, core[:1]), term(LAST, core[-1:])
    brand_last = term(LAST, parts.brand[-1:])
    # A name of two characters has one edge right when the other is wrong; a longer one must have both.
    found += [one(first, last), one(first, brand_last)] if len(core) > 2 else [one(first), one(last)]
    return tuple(dict.fromkeys(found))


def alike(core: str) -> tuple[Way, ...]:
    """Asks for names of the same sound: 宏元 for 宏远, typed in pinyin with the wrong character chosen."""
    sound = sound_of(core) or ()
    return tuple(
        [one(*(term(SOUND, f"{first}.{second}") for first, second in pairwise(sound)))] if sound[1:] else []
    )


def letters_of(text: str) -> str:
    """Returns the letters that may be pinyin or initials, with v for ü; empty when there is anything else."""
    plain = re.sub(r"[\s'’\-.]", "", text.casefold().replace("ü", "v"))
    return plain if plain.isascii() and plain.isalpha() and 2 <= len(plain) <= 40 else ""


def pinyin_ways(letters: str) -> tuple[Way, ...]:
    return tuple(way for reading in readings(letters) if (way := _sound_way(reading)))


def _sound_way(reading: tuple[str, ...]) -> Way:
    """Returns the way for one reading. Its last syllable may be unfinished, so any that begins like it counts."""
    *whole, last = reading
    if not whole:
        return (frozenset(term(SOUND, "^" + syllable) for syllable in syllables_from(last)),)
    steps: list[Terms] = list(one(*(term(SOUND, f"{first}.{second}") for first, second in pairwise(whole))))
    steps.append(frozenset(term(SOUND, f"{whole[-1]}.{syllable}") for syllable in syllables_from(last)))
    return tuple(steps)


def initials_ways(letters: str) -> tuple[Way, ...]:
    if len(letters) > 12 or (len(letters) > 6 and letters in known_syllables()):
        return ()  # so many letters are pinyin, not initials
    # Initials are indexed in threes, with ^ for the beginning; two letters only fit the beginning.
    if len(letters) == 2:
        return (one(term(INITIALS, "^" + letters)),)
    return (one(*(term(INITIALS, piece) for piece in pieces_of(letters, 3))),)


def _grams(text: str) -> list[int]:
    return [term(GRAM, gram) for gram in grams(text)]


def _edges(text: str) -> tuple[int, int]:
    return term(FIRST, text[0]), term(LAST, text[-1])
