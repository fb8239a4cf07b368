"""Single cells: dates, amounts, phones and words, as people and spreadsheets write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.domain.people import Person, PersonId
from core.domain.records import DealStage, Medium
from core.domain.sheets import words
from core.domain.sheets.cells import Cell, as_text, defuse, many_lines, one_line
from core.domain.sheets.dates import read_moment, read_past_moment
from core.domain.sheets.faults import CellFault, Fault
from core.domain.sheets.money import read_amount, read_currency
from core.domain.sheets.people import Directory

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2025, 4, 18, 1, 30, tzinfo=UTC)


def fault_of(read, *args: object) -> Fault:
    with pytest.raises(CellFault) as caught:
        read(*args)
    return caught.value.fault


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-18",
        "2025/4/18",
        "2025.4.18",
        "2025年4月18日",
        "20250418",
        "２０２５年４月１８日",
        date(2025, 4, 18),
    ],
)
def test_a_day_is_its_start_in_the_company_zone(text: Cell) -> None:
    """Every way to write a day means the same moment: midnight in Shanghai."""
    assert read_moment(text, SHANGHAI) == datetime(2025, 4, 17, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-18 09:30",
        "2025/4/18 9:30:00",
        "2025年4月18日9时30分",
        "2025年4月18日 9点30分00秒",
        "2025-04-18T09:30:00.000",
        "2025-04-18T01:30:00Z",
        "2025-04-18 03:30:00+02:00",
        "20250418 09:30",
        datetime(2025, 4, 18, 9, 30),  # noqa: DTZ001 - a spreadsheet's cells have no zone
    ],
)
def test_a_time_is_read_in_the_company_zone_unless_it_names_one(text: Cell) -> None:
    """09:30 in Shanghai is 01:30 UTC, however it is written."""
    assert read_moment(text, SHANGHAI) == MORNING


@pytest.mark.parametrize(
    "text",
    ["4/18/2025", "18.4.2025", "2025-13-01", "2025-02-30", "2025-4/18", "昨天", "0000-01-01", "2025-04-18 25:00",
     "2025-04-18 12:345", 45765, 45765.5, True, "2025-04-18 09:30+99:99"],
)  # fmt: skip
def test_what_could_mean_two_days_is_not_a_date(text: Cell) -> None:
    """Days in an unsure order, impossible days and bare numbers are refused, never guessed."""
    assert fault_of(read_moment, text, SHANGHAI) is Fault.BAD_DATE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2999-01-01", Fault.DATE_TOO_LATE),
        ("9999-12-31", Fault.DATE_TOO_LATE),
        (date(9999, 12, 31), Fault.DATE_TOO_LATE),
        ("0001-01-01", Fault.DATE_TOO_EARLY),
        (datetime(1899, 12, 31, tzinfo=UTC), Fault.DATE_TOO_EARLY),
    ],
)
def test_a_date_out_of_range_is_called_so(text: Cell, why: Fault) -> None:
    """What is a date is not called none: it is too early, too late, or simply in the future."""
    assert fault_of(read_moment, text, SHANGHAI) is why
    past = Fault.IN_FUTURE if why is Fault.DATE_TOO_LATE else why
    assert fault_of(read_past_moment, text, SHANGHAI, MORNING) is past


def test_a_contact_in_the_future_is_a_slip() -> None:
    """A typo in the year must not silence reminders for decades; tomorrow in another zone is no slip."""
    assert fault_of(read_past_moment, "2052-04-18", SHANGHAI, MORNING) is Fault.IN_FUTURE
    assert read_past_moment("2025-04-19", SHANGHAI, MORNING) < MORNING + timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("48,000.00", "48000.00", ""),
        ("¥48,000", "48000.00", "CNY"),
        ("￥48000元", "48000.00", "CNY"),
        ("４８０００", "48000.00", ""),
        ("4.8万", "48000.00", ""),
        ("4.8万元", "48000.00", "CNY"),
        ("USD 1,200.5", "1200.50", "USD"),
        ("1,200 USD", "1200.00", "USD"),
        ("$99", "99.00", "USD"),
        ("-¥5", "-5.00", "CNY"),
        ("¥-5", "-5.00", "CNY"),
        (0.1 + 0.2, "0.30", ""),
        (48000, "48000.00", ""),
    ],
)
def test_amounts(text: Cell, value: str, currency: str) -> None:
    """Thousands, signs, 万 and binary fractions come out as exact cents."""
    amount = read_amount(text)
    assert (amount.value, amount.currency) == (Decimal(value), currency)


@pytest.mark.parametrize(
    "text",
    ["4,8000", "48.000,00", "", "abc", "1e5", "--5", "5-", "¥5USD", "12 34x",
     float("nan"), True, date(2025, 1, 1), "=1+1"],
)  # fmt: skip
def test_what_is_not_surely_an_amount_is_refused(text: Cell) -> None:
    """A comma in a strange place, a formula: refused and not guessed."""
    assert fault_of(read_amount, text) is Fault.BAD_AMOUNT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("99999999999999999999", Fault.AMOUNT_TOO_BIG),
        ("-10,000,000,000,000", Fault.AMOUNT_TOO_BIG),
        ("100000亿", Fault.AMOUNT_TOO_BIG),
        (10**13, Fault.AMOUNT_TOO_BIG),
        (1e300, Fault.AMOUNT_TOO_BIG),
        (float("inf"), Fault.AMOUNT_TOO_BIG),
        ("1.005", Fault.AMOUNT_TOO_FINE),
    ],
)
def test_an_amount_out_of_range_is_called_so(text: Cell, why: Fault) -> None:
    """What is an amount is not called none: it is too big, or finer than a cent; it is never rounded."""
    assert fault_of(read_amount, text) is why


def test_currencies() -> None:
    """Codes of ISO 4217 and the words people use; anything else is named as unknown."""
    assert [read_currency(t) for t in ("cny", "人民币", "￥", "ＵＳＤ", "港币")] == [
        "CNY",
        "CNY",
        "CNY",
        "USD",
        "HKD",
    ]
    assert fault_of(read_currency, "XYZ") is Fault.BAD_CURRENCY


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        (13812345678, "13812345678"),
        (13812345678.0, "13812345678"),
        ("(021) 6888 1234", "02168881234"),
        ("0571-88888888转801", "057188888888-801"),
        ("057188888888-801", "057188888888801"),
        ("+1 415 555 0100", "+14155550100"),
    ],
)
def test_phones(text: Cell, phone: str) -> None:
    """One number has one form, so that its last digits can be found."""
    assert words.read_phone(text) == phone


@pytest.mark.parametrize("text", ["12ab", "1", "13812345678/13912345678", "电话", "=1+1", "1" * 30])
def test_what_is_not_a_phone(text: str) -> None:
    """Letters, two numbers in one cell, too few or too many digits are refused."""
    assert fault_of(words.read_phone, text) is Fault.BAD_PHONE


def test_a_number_rounded_by_a_spreadsheet_is_noticed() -> None:
    """1.38E+10 has lost its digits for ever; the answer says how to mend the sheet."""
    assert fault_of(words.read_phone, "1.38E+10") is Fault.ROUNDED_NUMBER
    assert fault_of(words.read_number, "1.38E+10") is Fault.ROUNDED_NUMBER
    assert fault_of(words.read_number, 1.5) is Fault.ROUNDED_NUMBER
    assert words.read_number(1024.0) == "1024"


def test_numbers_have_no_separators() -> None:
    """People quote numbers in lists, so a space or comma inside one cannot be."""
    assert words.read_number("Ｃ１０２４ ") == "C1024"
    assert {fault_of(words.read_number, t) for t in ("C 1", "C1、C2", "C1,C2")} == {Fault.BAD_NUMBER}


def test_closed_words() -> None:
    """Media, stages and payment in both languages, whatever their width and case."""
    assert [words.read_medium(t) for t in ("电话", "微信", "拜访", "邮件", "Phone", "ＷｅＣｈａｔ")] == [
        Medium.PHONE, Medium.WECHAT, Medium.VISIT, Medium.EMAIL, Medium.PHONE, Medium.WECHAT,
    ]  # fmt: skip
    assert [words.read_stage(t) for t in ("进行中", "赢单", "输单", "Closed Won")] == [
        DealStage.OPEN, DealStage.WON, DealStage.LOST, DealStage.WON,
    ]  # fmt: skip
    assert [words.read_paid(t) for t in ("已付", "未付", True, 0)] == [True, False, True, False]
    assert fault_of(words.read_medium, "烟") is Fault.BAD_MEDIUM
    assert fault_of(words.read_stage, "快了") is Fault.BAD_STAGE
    assert fault_of(words.read_paid, "一半") is Fault.BAD_PAID


def test_levels_and_lists() -> None:
    """A级 and A are one level; a list may be parted by any usual separator and names each thing once."""
    assert [words.read_level(t) for t in ("A级", "a", "Ａ", "VIP", "级")] == ["A", "A", "A", "VIP", "级"]
    assert words.read_list("展会、老客户，VIP;展会\nA") == ("展会", "老客户", "VIP", "A")


def test_owners() -> None:
    """A user id in any case, or a name only one member has; two 王敏 are a question, a stranger's name a fault."""
    people = Directory(
        [
            Person(PersonId("wangmin"), "WangMin", "王敏"),
            Person(PersonId("liqiang"), "LiQiang", "李强"),
            Person(PersonId("liqiang2"), "LiQiang2", "李强"),
        ]
    )
    assert [people.owner(t) for t in ("WANGMIN", "王敏", "new.person")] == ["wangmin", "wangmin", "new.person"]
    assert fault_of(people.owner, "李强") is Fault.TWO_PEOPLE
    assert fault_of(people.owner, "谁也不是") is Fault.UNKNOWN_PERSON
    assert [people.author(t) for t in ("王敏", "谁也不是")] == ["wangmin", "谁也不是"]


def test_text_keeps_a_formula_as_text() -> None:
    """A formula is what it says, and what we defused comes back as it was."""
    assert one_line('=HYPERLINK("http://x")', 100) == '=HYPERLINK("http://x")'
    for text in ("=1+1", "+86", "-5", "@x", "宏远", "'quoted'", ""):
        assert as_text(defuse(text)) == text
    assert [defuse(t)[0] for t in ("=1", "+1", "-1", "@a")] == ["'"] * 4


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\x1bb", "a\nb", "a\tb", "a\ud800b", "a\u2028b"])
def test_what_cannot_be_seen_is_refused(text: str) -> None:
    """Control characters, line breaks in a name and marks that turn the reading direction never get in."""
    assert fault_of(one_line, text, 10) is Fault.CONTROL


def test_long_texts_may_have_lines() -> None:
    """A note keeps its paragraphs, in one form; a control character is refused there too."""
    assert many_lines("一\r\n二\r三", 10) == "一\n二\n三"
    assert fault_of(many_lines, "a\x00", 10) is Fault.CONTROL
    assert fault_of(many_lines, "a" * 11, 10) is Fault.TOO_LONG
    assert fault_of(one_line, "#REF!", 10) is Fault.ERROR_VALUE
