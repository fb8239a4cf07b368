"""The comparison of names: their normal form, the parts of a company name, bigrams, and the typos allowed.

A company name is read as region + brand + industry + legal form: 北京市 + 宏远 + 科技 + 有限公司. People leave out
any of these except the brand, so each shorter reading is a *short name* of the whole.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from core.domain.name_parts import INDUSTRIES, LEGAL_FORMS, REGIONS, SIMPLIFIED

# Blanks, punctuation and brackets, which people type or leave out at will.
_DROPPED = re.compile(r"[\s·•・.,，。、;；:：'\"“”‘’!！?？*&_/\\|+~—–\-()（）\[\]【】《》<>「」『』#@]+")
_PARENTHESES = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
# A place that REGIONS lacks is known by its ending; two characters at least must be left for the name itself.
_NAMED_PLACE = re.compile(r"^[\u4e00-\u9fff]{2,3}[省市县](?=[\u4e00-\u9fff]{2})")
# Longest first: 自治区 must be tried before 区.
_PLACE_ENDS = ("特别行政区", "自治区", "自治州", "地区", "省", "市", "县", "区")
# The longest industry word has six characters (会计师事务所); longer words are tried first.
_WORD_LENGTHS = range(6, 0, -1)
# At the end of a name only, and after a blank or comma: Acme Co., Ltd.
_ENGLISH_FORMS = re.compile(
    r"[\s,]+(?:co\.?,?\s*ltd|company limited|limited|ltd|inc|llc|corp(?:oration)?|gmbh|plc|co)\.?$"
)


def name_key(text: str) -> str:
    """Returns the form in which all spellings of one name are equal.

    Width (full or half), letter case, spaces, punctuation, and traditional or simplified characters do not matter.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    bare = _DROPPED.sub("", plain).translate(SIMPLIFIED)
    # A second time, because characters that stand together only now may combine. ASCII text is already normal.
    return bare if bare.isascii() else unicodedata.normalize("NFKC", bare)


def asked_name(text: str) -> str:
    """Returns a typed name without control signs, which no database takes, cut to the greatest length of names."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cs"}).strip()[:200]


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of a company name, each in its normal form."""

    key: str
    """The whole name."""
    region: str
    """The place without 省 or 市; empty when the name has none or would name nobody without it (上海银行)."""
    brand: str
    industry: str

    @property
    def core(self) -> str:
        """The name without region and legal form."""
        return self.brand + self.industry

    @property
    def body(self) -> str:
        """The name without its legal form."""
        return self.region + self.core

    @property
    def short_names(self) -> frozenset[str]:
        return frozenset({self.body, self.core, self.brand})


@lru_cache(maxsize=4096)
def name_parts(text: str) -> NameParts:
    """Read a name, or what somebody typed as one, as region + brand + industry + legal form.

    No part is taken off when nothing would be left that tells names apart: 上海银行 stays whole.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(SIMPLIFIED)
    bracketed, plain = _take_bracketed_region(plain)
    body = _without_legal_form(plain)
    region, core = _split_region(body)
    brand, industry = _split_industry(core)
    return NameParts(key=name_key(text), region=region or bracketed, brand=brand, industry=industry)


def _take_bracketed_region(plain: str) -> tuple[str, str]:
    """Cut out a place in brackets: 宏远（上海）贸易 is 宏远贸易 of Shanghai. Returns the place and the rest."""
    for match in _PARENTHESES.finditer(plain):
        region = _without_place_end(match[1].strip())
        if region in REGIONS or region == "中国":
            return region, plain[: match.start()] + plain[match.end() :]
    return "", plain


def _without_legal_form(plain: str) -> str:
    shorter = _ENGLISH_FORMS.sub("", plain)
    whole = name_key(plain)
    # A name that is nothing but a legal form keeps it, here and below: 公司 stays 公司.
    body = name_key(shorter) or whole
    for form in LEGAL_FORMS:  # longest first
        if body.endswith(form) and len(body) > len(form):
            return body[: -len(form)]
    return body


def _split_region(body: str) -> tuple[str, str]:
    region, rest = _leading_region(body)
    second, rest_after_both = _leading_region(rest) if region else ("", rest)
    if second and _tells_apart(rest_after_both):  # province and city, as in 广东省深圳市…
        return region + second, rest_after_both
    return (region, rest) if _tells_apart(rest) else ("", body)


def _leading_region(body: str) -> tuple[str, str]:
    for length in (4, 3, 2):  # REGIONS holds names of two to four characters
        if body[:length] in REGIONS:
            rest = body[length:]
            for end in _PLACE_ENDS:
                if rest.startswith(end):
                    return body[:length], rest[len(end) :]
            return body[:length], rest
    named = _NAMED_PLACE.match(body)
    return (named[0][:-1], body[named.end() :]) if named else ("", body)


def _without_place_end(place: str) -> str:
    for end in _PLACE_ENDS:
        if place.endswith(end) and len(place) - len(end) >= 2:
            return place[: -len(end)]
    return place


def _split_industry(core: str) -> tuple[str, str]:
    brand = core
    # At least two characters stay, and more than a place: 上海 alone would name no company (上海银行).
    while len(shorter := _without_one_industry(brand)) >= 2 and shorter not in REGIONS:
        brand = shorter
    return brand, core[len(brand) :]


def _without_one_industry(text: str) -> str:
    for length in _WORD_LENGTHS:
        if len(text) > length and text[-length:] in INDUSTRIES:
            return text[:-length]
    return ""


def _tells_apart(rest: str) -> bool:
    """Returns whether the rest still names somebody: more than one sign, and not industry words alone."""
    left = rest
    while left:
        for length in _WORD_LENGTHS:
            if left[-length:] in INDUSTRIES:
                left = left[:-length]
                break
        else:
            return len(rest) >= 2
    return False


def runs(key: str) -> list[str]:
    """Returns the stretches of one script: `abc科技` → `abc`, `科技`. Bigrams never cross from one to the next."""
    return re.findall(r"[a-z0-9]+|[^a-z0-9]+", key)


def is_latin(key: str) -> bool:
    return key.isascii() and key.isalnum()


def pieces_of(text: str, size: int) -> list[str]:
    """Returns every stretch of `size` signs, in order."""
    return [text[i : i + size] for i in range(len(text) - size + 1)]


def grams(key: str) -> list[str]:
    """Returns what a part of a name is found by: bigrams of Chinese, trigrams of letters and digits."""
    found: list[str] = []
    for run in runs(key):
        found += pieces_of(run, 3 if is_latin(run) else 2)
    return found


def allowed_edits(length: int) -> int:
    """Returns how many wrong, missing or extra signs still count as a typo and not as another customer's name."""
    if length < 2:
        return 0
    return 1 if length <= 6 else 2


def phone_digits(text: str) -> list[str]:
    """Returns the digits of each phone number in a field such as `+86 138-0000-5678 / 010-66668888`."""
    plain = unicodedata.normalize("NFKC", text)
    numbers = (re.sub(r"\D", "", part) for part in re.split(r"[,;/、|\n]|或", plain))
    return [number for number in numbers if len(number) >= 4]  # numbers are found by their last four digits
