"""Amounts and currencies as people write them."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from core.domain.sheets.cells import Cell, one_line
from core.domain.sheets.faults import CellFault, Fault

HOME = "CNY"
"""The currency of an amount that names none."""
_CENT = Decimal("0.01")
_MOST = Decimal(10) ** 13
"""Ten trillion; up to here a store that keeps amounts as binary fractions still gives every cent back."""
_LONGEST = 60
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
"""ISO 4217, the currencies in circulation (SIX list one, 2025)."""

_WORDS = {
    "人民币": "CNY", "元": "CNY", "圆": "CNY", "RMB": "CNY", "CNH": "CNY", "¥": "CNY",
    "美元": "USD", "美金": "USD", "$": "USD", "US$": "USD", "欧元": "EUR", "€": "EUR", "英镑": "GBP", "£": "GBP",
    "日元": "JPY", "円": "JPY", "港币": "HKD", "港元": "HKD", "HK$": "HKD",
    "新台币": "TWD", "台币": "TWD", "NT$": "TWD",
    "澳门元": "MOP", "新加坡元": "SGD", "新币": "SGD", "S$": "SGD",
    "韩元": "KRW", "₩": "KRW", "澳元": "AUD", "加元": "CAD",
}  # fmt: skip
_SHARED = {
    "¥": frozenset({"CNY", "JPY"}),
    "$": frozenset({"USD", "HKD", "TWD", "SGD", "AUD", "CAD", "MOP", "NZD"}),
}
"""A sign that several currencies share gives way to the currency column."""
_FACTORS = {"万": Decimal(10_000), "千": Decimal(1000), "亿": Decimal(100_000_000)}


@dataclass(frozen=True, slots=True)
class Amount:
    """One cell: 48,000.00 · ¥48,000 · 4.8万元 · USD 1,200."""

    value: Decimal
    currencies: frozenset[str] = frozenset()
    """What its sign may stand for; empty: it names none."""
    currency: str = ""
    """What its sign means when nothing else says it."""


def read_currency(cell: Cell) -> str:
    """Raises CellFault."""
    code = _currency(unicodedata.normalize("NFKC", one_line(cell, _LONGEST)))
    if code is None:
        raise CellFault(Fault.BAD_CURRENCY)
    return code


def read_amount(cell: Cell) -> Amount:
    """Whole cents; a spreadsheet's binary fraction is rounded to them. Raises CellFault."""
    if isinstance(cell, float):
        return Amount(_from_float(cell))
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        raise CellFault(Fault.BAD_AMOUNT)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", one_line(cell, _LONGEST))).replace("−", "-")
    found = _NUMBER.search(text)
    if found is None:
        raise CellFault(Fault.BAD_AMOUNT)
    before, after = text[: found.start()], text[found.end() :]
    if before == "-" or (before.endswith("-") and not found["sign"]):
        raise CellFault(Fault.BAD_AMOUNT)
    if found["sign"] and before:  # ¥-5 reads as well as -¥5
        before = before.removesuffix("-")
    factor = _FACTORS.get(after[:1])
    after = after[1:] if factor else after
    sign = before.startswith("-")
    word = _sign_of(before.removeprefix("-"), after)
    value = Decimal(found["digits"].replace(",", "") + (found["cents"] or "")) * (factor or 1)
    value = -value if sign or found["sign"] else value
    if abs(value) >= _MOST:
        raise CellFault(Fault.AMOUNT_TOO_BIG)
    if value != value.quantize(_CENT):
        raise CellFault(Fault.AMOUNT_TOO_FINE)
    code = _currency(word) or "" if word else ""
    return Amount(value.quantize(_CENT), _SHARED.get(word, frozenset({code} if code else ())), code)


def _sign_of(before: str, after: str) -> str:
    """The one word around the digits that names a currency, or ""."""
    if before and after in {"", "元"}:  # ¥48,000元 says it twice
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
    if number != number:  # noqa: PLR0124 - the one value that is not itself
        raise CellFault(Fault.BAD_AMOUNT)
    if abs(number) >= _MOST:
        raise CellFault(Fault.AMOUNT_TOO_BIG)
    return Decimal(repr(number)).quantize(_CENT, rounding=ROUND_HALF_EVEN)
