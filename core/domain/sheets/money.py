"""The reading of amounts and currencies as people write them."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from core.domain.sheets.cells import Cell, one_line
from core.domain.sheets.faults import CellFault, Fault

HOME = "CNY"
"""The currency of an amount that names none."""
_CENT = Decimal("0.01")
# Ten trillion: up to here a store that keeps amounts as binary fractions still gives back every cent.
_MOST = Decimal(10) ** 13
_LONGEST = 60
# A comma counts only between groups of three digits: 4,8000 is refused, not guessed.
_NUMBER = re.compile(r"(?P<sign>-?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<cents>\.\d+)?", re.ASCII)

_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR "
    "RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD "
    "TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())
"""The currencies in circulation by ISO 4217 (list one of SIX, 2025)."""

# The words and signs for a currency. `$` means USD and `¥` means CNY when no column says otherwise.
_WORDS = {
    "人民币": "CNY", "元": "CNY", "圆": "CNY", "RMB": "CNY", "CNH": "CNY", "¥": "CNY",
    "美元": "USD", "美金": "USD", "$": "USD", "US$": "USD", "欧元": "EUR", "€": "EUR", "英镑": "GBP", "£": "GBP",
    "日元": "JPY", "円": "JPY", "港币": "HKD", "港元": "HKD", "HK$": "HKD",
    "新台币": "TWD", "台币": "TWD", "NT$": "TWD",
    "澳门元": "MOP", "新加坡元": "SGD", "新币": "SGD", "S$": "SGD",
    "韩元": "KRW", "₩": "KRW", "澳元": "AUD", "加元": "CAD",
}  # fmt: skip
# Signs that several currencies share; the currency column decides among these.
_SHARED = {
    "¥": frozenset({"CNY", "JPY"}),
    "$": frozenset({"USD", "HKD", "TWD", "SGD", "AUD", "CAD", "MOP", "NZD"}),
}
# 4.8万 is 48,000.
_FACTORS = {"万": Decimal(10_000), "千": Decimal(1000), "亿": Decimal(100_000_000)}


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount in one cell, such as 48,000.00 · ¥48,000 · 4.8万元 · USD 1,200."""

    value: Decimal
    currencies: frozenset[str] = frozenset()
    """The currencies that its sign may stand for; empty when it names none."""
    currency: str = ""
    """The currency that its sign means when no column says otherwise."""


def read_currency(cell: Cell) -> str:
    """Returns the ISO 4217 code. Raises CellFault for a word that names no currency."""
    code = _currency(unicodedata.normalize("NFKC", one_line(cell, _LONGEST)))
    if code is None:
        raise CellFault(Fault.BAD_CURRENCY)
    return code


def read_amount(cell: Cell) -> Amount:
    """Returns an amount in whole cents; a spreadsheet's binary fraction is rounded to them. Raises CellFault."""
    if isinstance(cell, float):
        return Amount(_from_float(cell))
    # A boolean counts as an integer in Python, so it is refused by itself.
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        raise CellFault(Fault.BAD_AMOUNT)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", one_line(cell, _LONGEST))).replace("−", "-")
    found = _NUMBER.search(text)
    if found is None:
        raise CellFault(Fault.BAD_AMOUNT)
    before, after = text[: found.start()], text[found.end() :]
    if before == "-" or (before.endswith("-") and not found["sign"]):
        raise CellFault(Fault.BAD_AMOUNT)
    if found["sign"] and before:  # ¥-5 means the same as -¥5
        before = before.removesuffix("-")
    factor = _FACTORS.get(after[:1])
    after = after[1:] if factor else after
    sign = before.startswith("-")
    word = _sign_of(before.removeprefix("-"), after)
    value = Decimal(found["digits"].replace(",", "") + (found["cents"] or "")) * (factor or 1)
    value = -value if sign or found["sign"] else value
    if abs(value) >= _MOST:
        raise CellFault(Fault.AMOUNT_TOO_BIG)
    # An amount that a person has typed is never rounded; only a spreadsheet's binary fraction is.
    if value != value.quantize(_CENT):
        raise CellFault(Fault.AMOUNT_TOO_FINE)
    code = _currency(word) or "" if word else ""
    return Amount(value.quantize(_CENT), _SHARED.get(word, frozenset({code} if code else ())), code)


def _sign_of(before: str, after: str) -> str:
    """Returns the one word before or after the digits that names a currency, or ""."""
    if before and after in {"", "元"}:  # ¥48,000元 names the currency twice
        word = before
    elif not before:
        word = after
    else:
        raise CellFault(Fault.BAD_AMOUNT)
    if word and _currency(word) is None:
        raise CellFault(Fault.BAD_AMOUNT)
    return word


def _currency(word: str) -> str | None:
    upper = word.upper()
    return upper if upper in CURRENCIES else _WORDS.get(upper)


def _from_float(number: float) -> Decimal:
    if number != number:  # noqa: PLR0124 - only NaN differs from itself
        raise CellFault(Fault.BAD_AMOUNT)
    if abs(number) >= _MOST:
        raise CellFault(Fault.AMOUNT_TOO_BIG)
    # By `repr`, the shortest text of the number: Decimal(0.1) would hold the whole binary fraction.
    return Decimal(repr(number)).quantize(_CENT, rounding=ROUND_HALF_EVEN)
