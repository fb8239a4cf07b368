"""What a customer is found by: the terms of the name index, one small vocabulary for both databases.

A term is a kind and a text, stored as 32 bits: equal texts always meet, and the rare two texts that share a
number cost one more candidate, which is looked at before it is shown.
"""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from core.crm.embedded import pinyin
from core.domain.names import NameParts, grams, is_latin, name_key, name_parts, phone_digits, pieces_of

GRAM = "c"
FIRST = "^"
LAST = "$"
SOUND = "y"
INITIALS = "i"
CONTACT = "p"
PHONE = "t"
OWNER = "o"


@lru_cache(maxsize=65536)
def term(kind: str, text: str) -> int:
    """A signed 32-bit number, as PostgreSQL's integer wants it."""
    value = zlib.crc32(f"{kind}:{text}".encode())
    return value - (1 << 32) if value >= 1 << 31 else value


@dataclass(frozen=True, slots=True)
class Findable:
    """A customer, as far as somebody can look for it."""

    name: str
    short_name: str = ""
    owner: str = ""
    phones: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    terms: frozenset[int]
    pinyin: str
    """Syllables of the core name; after ` | ` those of a short name that is no part of it."""
    digest: int


def entry(customer: Findable) -> Entry:
    parts = name_parts(customer.name)
    short = name_key(customer.short_name)
    sounds = _sounds(parts, short)
    found = set(_name_terms(parts, short))
    for sound in sounds:
        found.update(_sound_terms(sound))
    found.update(term(PHONE, tail[-4:]) for phone in customer.phones for tail in phone_digits(phone))
    found.update(term(CONTACT, name) for contact in customer.contacts for name in contact_names(contact))
    found.add(term(OWNER, customer.owner))
    spelled = " | ".join(" ".join(sound) for sound in sounds)
    return Entry(frozenset(found), spelled, _digest(found, spelled))


def _digest(terms: Iterable[int], spelled: str) -> int:
    raw = ",".join(map(str, sorted(terms))) + spelled
    return int.from_bytes(hashlib.blake2b(raw.encode(), digest_size=7).digest(), "big")


def _sounds(parts: NameParts, short: str) -> list[tuple[str, ...]]:
    if len(parts.key) <= 4 and parts.key == parts.brand:
        core = pinyin.personal_syllables(parts.brand)
    else:
        core = (*pinyin.syllables(parts.brand), *pinyin.syllables(parts.industry))
    if not short or short in parts.core:
        return [core]
    return [core, pinyin.syllables(short)]


def _name_terms(parts: NameParts, short: str) -> Iterable[int]:
    for text in {parts.body, parts.core, short} - {""}:
        yield from (term(GRAM, gram) for gram in grams(text))
        yield from (term(FIRST, text[0]), term(LAST, text[-1]))
        if is_latin(text[:2]):
            yield term(FIRST, text[:2])
    yield term(LAST, parts.brand[-1:])


def _sound_terms(sound: tuple[str, ...]) -> Iterable[int]:
    if not sound:
        return
    yield from (term(SOUND, f"{first}.{second}") for first, second in pairwise(sound))
    yield term(SOUND, "^" + sound[0])
    yield from (term(INITIALS, piece) for piece in pieces_of(f"^{initials(sound)}", 3))


def initials(sound: Iterable[str]) -> str:
    """Of hong yuan ke ji: hykj; letters of a Latin part (abc) stay whole, its own initials."""
    known = pinyin.known_syllables()
    return "".join(part[0] if part in known or len(part) > 5 else part for part in sound)


def contact_names(contact: str) -> set[str]:
    """What a contact person is called: the whole name, each word of a Latin one, 建国 of 王建国."""
    whole = name_key(contact)
    words = {name_key(word) for word in contact.split()} if whole.isascii() else set()
    given = {whole[1:]} if len(whole) == 3 and not whole.isascii() else set()
    return {name for name in {whole} | words | given if name}
