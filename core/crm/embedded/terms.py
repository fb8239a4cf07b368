"""Makes the terms by which the name index finds a customer; they are the same on both databases.

A term is a kind and a text, hashed to 32 bits. Equal texts always have equal terms; two texts that share a term by
chance cost one more candidate, which is checked before it is shown (docs/decisions/0009).
"""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from core.crm.embedded import pinyin
from core.domain.names import NameParts, grams, is_latin, name_key, name_parts, phone_digits, pieces_of

# The kinds of terms. A kind is part of what is hashed, so a changed letter makes every stored index useless.
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
    """Returns the term as a signed 32-bit number, the range of PostgreSQL's integer."""
    # CRC-32, because Python's own hash of a text differs from process to process.
    value = zlib.crc32(f"{kind}:{text}".encode())
    return value - (1 << 32) if value >= 1 << 31 else value


@dataclass(frozen=True, slots=True)
class Findable:
    """The fields of a customer that people can search by."""

    name: str
    short_name: str = ""
    owner: str = ""
    phones: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry of one customer in the index."""

    terms: frozenset[int]
    pinyin: str
    """The syllables of the core name; after ` | ` those of a short name that is not part of it."""
    digest: int
    """A hash of the other two, by which an unchanged customer is recognized and not written again."""


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
    # Seven bytes always fit a signed 64-bit column.
    return int.from_bytes(hashlib.blake2b(raw.encode(), digest_size=7).digest(), "big")


def _sounds(parts: NameParts, short: str) -> list[tuple[str, ...]]:
    # A short name without region, industry and legal form may be a person's, whose surname has its own reading.
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
        # Latin text is indexed in threes (`grams`), so two typed letters need a term of their own.
        if is_latin(text[:2]):
            yield term(FIRST, text[:2])
    # The end of the brand, so that a typo in the middle is found when the industry was left out.
    yield term(LAST, parts.brand[-1:])


def _sound_terms(sound: tuple[str, ...]) -> Iterable[int]:
    if not sound:
        return
    yield from (term(SOUND, f"{first}.{second}") for first, second in pairwise(sound))
    yield term(SOUND, "^" + sound[0])  # a single syllable has no pair, but can be typed
    yield from (term(INITIALS, piece) for piece in pieces_of(f"^{initials(sound)}", 3))


def initials(sound: Iterable[str]) -> str:
    """Returns the initials of a sound: hykj for hong yuan ke ji. A Latin part (abc) is its own initials."""
    known = pinyin.known_syllables()
    return "".join(part[0] if part in known or len(part) > 5 else part for part in sound)


def contact_names(contact: str) -> set[str]:
    """Returns what a contact is called: the whole name, each word of a Latin one, 建国 for 王建国."""
    whole = name_key(contact)
    # A given name of one character is left out, because too many people share it.
    words = {name_key(word) for word in contact.split()} if whole.isascii() else set()
    given = {whole[1:]} if len(whole) == 3 and not whole.isascii() else set()
    return {name for name in {whole} | words | given if name}
