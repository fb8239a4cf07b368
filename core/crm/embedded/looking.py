"""Decides whether a candidate is what was asked for, and how well it fits.

A candidate is a customer that the index has found. Each method tries one way of naming a customer and returns a
`Looked`, or None when the candidate does not fit that way.
"""

from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from core.crm.embedded.terms import initials
from core.domain.names import NameParts, allowed_edits, name_key, name_parts
from core.domain.records import FoundBy

# The members of FoundBy stand in the order of trust, the surest first.
_SUREST_FIRST = {found_by: place for place, found_by in enumerate(FoundBy)}


@dataclass(frozen=True, slots=True)
class Looked:
    """How a candidate was found, and how well it fits (`score`, 0 to 1)."""

    found_by: FoundBy
    score: float = 1.0

    @property
    def order(self) -> tuple[int, float]:
        return _SUREST_FIRST[self.found_by], -self.score


@dataclass(frozen=True)
class Candidate:
    """One customer from the index; `pinyin` is written as in `terms.Entry`."""

    id: int
    name: str
    short_name: str
    pinyin: str

    @cached_property
    def parts(self) -> NameParts:
        return name_parts(self.name)

    @cached_property
    def short(self) -> str:
        return name_key(self.short_name)

    def exactly(self, asked: NameParts) -> Looked | None:
        if name_key(self.name) == asked.key:
            return Looked(FoundBy.NAME)
        # Region, industry and legal form may be left out: 宏远 is a short name of 上海宏远科技有限公司.
        if {asked.key, asked.body} & (self.parts.short_names | {self.short}):
            return Looked(FoundBy.SHORT_NAME)
        return None

    def partly(self, asked: NameParts) -> Looked | None:
        """Returns a hit when all parts asked for are in the name.

        The score is higher when they stand there in one piece, and when the name holds little else.
        """
        key = name_key(self.name)
        if asked.body in key or asked.body in self.short or asked.key in key:
            return Looked(
                FoundBy.PARTIAL, 0.5 + 0.5 * len(asked.body) / max(len(self.parts.core), len(asked.body))
            )
        # The parts are there, but others stand between them: half the score at most.
        if all(part in key for part in (asked.region, asked.brand, asked.industry)):
            return Looked(FoundBy.PARTIAL, 0.5 * len(asked.core) / max(len(self.parts.core), len(asked.core)))
        return None

    def sounds(self, letters: str) -> Looked | None:
        return self._best(FoundBy.PINYIN, letters, [sound.split(" ") for sound in self.pinyin.split(" | ")])

    def begins(self, letters: str) -> Looked | None:
        sounds = [list(initials(sound.split(" "))) for sound in self.pinyin.split(" | ")]
        return self._best(FoundBy.INITIALS, letters, sounds)

    def sounds_like(self, syllables: list[str]) -> Looked | None:
        """Returns a hit when the name has other characters of the same sound: 宏元 and 宏远."""
        heard = self._best(
            FoundBy.TYPO, "".join(syllables), [sound.split(" ") for sound in self.pinyin.split(" | ")]
        )
        # Below 1: a name that only sounds the same is never a perfect hit.
        return Looked(FoundBy.TYPO, 0.5 + 0.49 * heard.score) if heard else None

    def _best(self, found_by: FoundBy, letters: str, sounds: list[list[str]]) -> Looked | None:
        heard = [looked for sound in sounds if (looked := self._heard(found_by, letters, sound))]
        return max(heard, key=lambda looked: looked.score, default=None)

    @staticmethod
    def _heard(found_by: FoundBy, letters: str, pieces: list[str]) -> Looked | None:
        """Returns a hit when the letters begin where a syllable begins; one inside a syllable is chance."""
        joined = "".join(pieces)
        start = 0
        for piece in pieces:
            if joined.startswith(letters, start):
                closeness = len(letters) / len(joined)
                return Looked(found_by, closeness if start == 0 else 0.5 * closeness)
            start += len(piece)
        return None

    def nearly(self, asked: NameParts) -> Looked | None:
        """Returns a hit when a few characters differ; the short name that fits best counts."""
        mine = self.parts.short_names | {self.short} - {""}
        best = 0.0
        for text in {asked.body, asked.core}:
            edits = allowed_edits(len(text))
            # What was typed may be only the beginning of a name. Two characters are too few to tell.
            beginnings = {name[: len(text)] for name in mine} if len(text) > 2 else set()
            for name in mine | beginnings:
                # OSA counts two swapped characters as one edit, a common slip in typing.
                distance = OSA.distance(text, name, score_cutoff=edits)
                if distance <= edits:
                    # A typo never scores 1, and one in a whole name scores higher than one in its beginning.
                    best = max(best, (0.9 if name in mine else 0.8) - distance / max(len(text), len(name)))
        return Looked(FoundBy.TYPO, best) if best else None


def likest(text: str, candidates: list[Candidate], most: int) -> list[Candidate]:
    """Returns the `most` candidates whose name or short name holds something most like `text`."""
    if len(candidates) <= most:
        return candidates
    names = [f"{one.name} {one.short_name}" for one in candidates]
    best = process.extract(text, names, scorer=fuzz.partial_ratio, limit=most)
    return [candidates[place] for _, _, place in best]
