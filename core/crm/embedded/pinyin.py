"""Returns the pinyin of names: by pypinyin when a name is stored, by a table of characters when it is searched.

pypinyin reads a character by its neighbours (重庆, 银行) but takes 50 MB once loaded, so only the first write
loads it. Searching needs only `syllables.txt`: one line per syllable with its characters, the 6,763 of GB 2312, as
pypinyin 0.55 reads each by itself.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("syllables.txt")

_SURNAMES = {
    "查": "zha", "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "曾": "zeng", "盖": "ge", "朴": "piao",
    "任": "ren", "洗": "xian", "冼": "xian", "缪": "miao", "种": "chong", "秘": "bi", "折": "she", "翟": "zhai",
    "员": "yun", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "澹台": "tan tai",
}  # fmt: skip
"""Characters that are read differently as a surname. It applies only at the start of a personal name."""

# Place names that pypinyin reads wrongly, such as 单县.
_PLACES = {
    "单县": "shan xian", "蚌埠": "beng bu", "亳州": "bo zhou", "乐亭": "lao ting", "六安": "lu an",
    "台州": "tai zhou", "丽水": "li shui", "铅山": "yan shan", "番禺": "pan yu", "歙县": "she xian",
}  # fmt: skip


@cache
def sounds() -> dict[str, str]:
    """Maps each character to its usual syllable."""
    return {sign: syllable for syllable, signs in _lines() for sign in signs}


@cache
def known_syllables() -> frozenset[str]:
    return frozenset(syllable for syllable, _ in _lines())


@cache
def syllables_from(start: str) -> frozenset[str]:
    """Returns every syllable that begins with these letters: ya, yan, yang … for `y`."""
    return frozenset(syllable for syllable in known_syllables() if syllable.startswith(start))


def _lines() -> list[tuple[str, str]]:
    lines = _FILE.read_text(encoding="utf-8").split("\n")
    return [(syllable, signs) for syllable, _, signs in (line.partition(" ") for line in lines) if syllable]


def sound_of(key: str) -> list[str] | None:
    """Returns the syllables of what was typed, by character; None when a character is not in the table."""
    table = sounds()
    found = [table.get(sign, "") for sign in key]
    return found if all(found) else None


@lru_cache(maxsize=65536)
def syllables(text: str) -> tuple[str, ...]:
    """Returns the syllables of a part of a name, read in context; letters and digits stay in one piece."""
    return tuple(_reader()(text)) if text else ()


@lru_cache(maxsize=4096)
def personal_syllables(name: str) -> tuple[str, ...]:
    """Returns the syllables of a personal name, with the reading its surname has: 查理 is Zha Li."""
    for length in (2, 1):  # a surname of two characters may begin with one that is a surname by itself
        surname = _SURNAMES.get(name[:length])
        if surname and len(name) > length:
            return (*surname.split(), *syllables(name[length:]))
    return syllables(name)


@cache
def _reader() -> Callable[[str], list[str]]:
    from pypinyin import lazy_pinyin, load_phrases_dict  # noqa: PLC0415  # 50 MB that a reading process never needs

    load_phrases_dict({place: [[sound] for sound in sounds.split()] for place, sounds in _PLACES.items()})
    return lazy_pinyin


@lru_cache(maxsize=1024)
def readings(letters: str, most: int = 4) -> tuple[tuple[str, ...], ...]:
    """Returns the ways to cut letters into syllables, the last maybe unfinished: `xian` is xian or xi·an.

    The fewest syllables come first. A last syllable of one letter counts only when nothing fits whole.
    """
    found: list[tuple[str, ...]] = []
    # The number of ways grows quickly with the letters; we look at a few more than are wanted, not at all.
    _cut(letters, (), found, most * 8)
    whole = [reading for reading in found if reading[-1] in known_syllables()]
    believed = [reading for reading in found if len(reading[-1]) > 1 or reading in whole] if whole else found
    return tuple(sorted(believed, key=lambda reading: (len(reading), reading not in whole))[:most])


def _cut(rest: str, so_far: tuple[str, ...], found: list[tuple[str, ...]], most: int) -> None:
    if len(found) >= most:
        return
    if not rest:
        found.append(so_far)
        return
    for length in range(min(6, len(rest)), 0, -1):  # zhuang and its like are the longest
        head = rest[:length]
        if head in known_syllables():
            _cut(rest[length:], (*so_far, head), found, most)
        elif length == len(rest) and syllables_from(head):
            found.append((*so_far, head))
