"""What to ask the index for each way of naming a customer."""

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
    """Names that begin and end as this one and hold all of its bigrams."""
    return tuple(one(*_edges(text), *_grams(text)) for text in sorted({parts.body, parts.core}) if text)


def partial(parts: NameParts) -> tuple[Way, ...]:
    """All bigrams of each part; how the parts are joined in the full name is left open."""
    terms = [value for text in (parts.region, parts.brand, parts.industry) for value in _grams(text)]
    if terms:
        return (one(*terms),)
    return (one(term(FIRST, parts.core)),) if parts.core else ()  # one Chinese sign, or two letters


def typo(connection: Connection, parts: NameParts) -> tuple[Way, ...]:
    """Any bigram that tells names apart, or both edges: one wrong sign leaves some of these whole."""
    core = parts.core
    telling = dict.fromkeys([*_grams(core), *_grams(parts.brand)])
    stops = set(connection.execute(select(search_stops.c.term).where(search_stops.c.term.in_(telling))).scalars())
    found = [one(value) for value in telling if value not in stops]
    first, last = term(FIRST, core[:1]), term(LAST, core[-1:])
    brand_last = term(LAST, parts.brand[-1:])
    found += [one(first, last), one(first, brand_last)] if len(core) > 2 else [one(first), one(last)]
    return tuple(dict.fromkeys(found))


def alike(core: str) -> tuple[Way, ...]:
    """Names that sound the same: 宏元 for 宏远, typed by pinyin with the wrong choice taken."""
    sound = sound_of(core) or ()
    return tuple(
        [one(*(term(SOUND, f"{first}.{second}") for first, second in pairwise(sound)))] if sound[1:] else []
    )


def letters_of(text: str) -> str:
    """What may be pinyin or initials: letters alone, ü as v; empty otherwise."""
    plain = re.sub(r"[\s'’\-.]", "", text.casefold().replace("ü", "v"))
    return plain if plain.isascii() and plain.isalpha() and 2 <= len(plain) <= 40 else ""


def pinyin_ways(letters: str) -> tuple[Way, ...]:
    return tuple(way for reading in readings(letters) if (way := _sound_way(reading)))


def _sound_way(reading: tuple[str, ...]) -> Way:
    """The last syllable may be unfinished: any that begins so."""
    *whole, last = reading
    if not whole:
        return (frozenset(term(SOUND, "^" + syllable) for syllable in syllables_from(last)),)
    steps: list[Terms] = list(one(*(term(SOUND, f"{first}.{second}") for first, second in pairwise(whole))))
    steps.append(frozenset(term(SOUND, f"{whole[-1]}.{syllable}") for syllable in syllables_from(last)))
    return tuple(steps)


def initials_ways(letters: str) -> tuple[Way, ...]:
    if len(letters) > 12 or (len(letters) > 6 and letters in known_syllables()):
        return ()
    if len(letters) == 2:
        return (one(term(INITIALS, "^" + letters)),)
    return (one(*(term(INITIALS, piece) for piece in pieces_of(letters, 3))),)


def _grams(text: str) -> list[int]:
    return [term(GRAM, gram) for gram in grams(text)]


def _edges(text: str) -> tuple[int, int]:
    return term(FIRST, text[0]), term(LAST, text[-1])
