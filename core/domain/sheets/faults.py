"""The faults that a sheet can have, each with its text in Chinese and English."""

from dataclasses import dataclass
from enum import Enum

from core.domain.errors import VoidbotError

# The number of characters of a wrong cell that the reason repeats: a long cell must not fill the report.
_SHOWN = 40


class Fault(Enum):
    """The faults of a cell or row, in Chinese and English.

    `{column}` stands for the column's title in the file, `{cell}` for the text of the cell.
    """

    # The value of each member is a pair of texts, which Enum hands to `__init__`.
    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en

    NUMBER_OR_NAME_MISSING = "缺少编号和名称，至少要有一个", "needs a number or a name"
    MISSING = "缺少「{column}」", '"{column}" is empty'
    NEEDED_WHEN_NEW = "新记录必须有「{column}」", 'a new record needs "{column}"'
    BAD_NUMBER = (
        "{column}「{cell}」不是编号：不能有空格或分隔符",
        '{column} "{cell}" is not a number: it has spaces or separators',
    )
    BAD_PHONE = "{column}「{cell}」不是电话号码", '{column} "{cell}" is not a phone number'
    ROUNDED_NUMBER = (
        "{column}「{cell}」被表格软件改成了科学计数，请改成文本格式后重填",
        '{column} "{cell}" was rounded by a spreadsheet; format the column as text and type it again',
    )
    BAD_EMAIL = "{column}「{cell}」不是邮箱", '{column} "{cell}" is not an e-mail address'
    BAD_DATE = (
        "{column}「{cell}」不是日期，请写成 2025-04-18 或 2025-04-18 09:30",
        '{column} "{cell}" is not a date; write 2025-04-18 or 2025-04-18 09:30',
    )
    DATE_TOO_EARLY = "{column}「{cell}」早于 1900 年", '{column} "{cell}" is before the year 1900'
    DATE_TOO_LATE = "{column}「{cell}」晚于 2200 年", '{column} "{cell}" is after the year 2200'
    IN_FUTURE = "{column}「{cell}」还没到", '{column} "{cell}" is in the future'
    BAD_AMOUNT = (
        "{column}「{cell}」不是金额，请写成 48000.00",
        '{column} "{cell}" is not an amount; write 48000.00',
    )
    AMOUNT_TOO_BIG = (
        "{column}「{cell}」超出范围，要小于十万亿（10,000,000,000,000）",
        '{column} "{cell}" is out of range; it must be below 10,000,000,000,000',
    )
    AMOUNT_TOO_FINE = (
        "{column}「{cell}」小数超过两位，最多到分",
        '{column} "{cell}" has more than two decimals; cents are the smallest part',
    )
    NEGATIVE = "{column}「{cell}」不能是负数", '{column} "{cell}" must not be negative'
    BAD_CURRENCY = (
        "{column}「{cell}」不是货币代码（如 CNY、USD）",
        '{column} "{cell}" is not a currency code such as CNY or USD',
    )
    TWO_CURRENCIES = (
        "金额和货币两列说的不是同一种货币",
        "the amount and the currency column name different currencies",
    )
    BAD_MEDIUM = (
        "{column}「{cell}」不是渠道：电话、微信、拜访、邮件、其他",
        '{column} "{cell}" is not a channel: phone, wechat, visit, email, other',
    )
    BAD_STAGE = (
        "{column}「{cell}」不是阶段：进行中、赢单、输单",
        '{column} "{cell}" is not a stage: open, won, lost',
    )
    BAD_PAID = "{column}「{cell}」不是付款状态：已付、未付", '{column} "{cell}" is neither paid nor unpaid'
    CONTROL = (
        "{column} 含有看不见的控制字符或换行",
        "{column} holds control characters or line breaks that cannot be seen",
    )
    TOO_LONG = "{column} 太长", "{column} is too long"
    ERROR_VALUE = "{column} 是表格的错误值「{cell}」", '{column} is the spreadsheet error "{cell}"'
    UNKNOWN_PERSON = (
        "{column}「{cell}」不是成员账号，也不是已知成员的姓名",
        '{column} "{cell}" is neither a user id nor the name of a known member',
    )
    TWO_PEOPLE = (
        "有多名成员叫「{cell}」，请在「{column}」写账号",
        'several members are called "{cell}"; write the user id in "{column}"',
    )
    UNKNOWN_CUSTOMER = "没有客户「{cell}」", 'there is no customer "{cell}"'
    TWO_CUSTOMERS = (
        "有多个客户叫「{cell}」，请写编号",
        'several customers are called "{cell}"; write the number',
    )
    PURGED = "「{cell}」已彻底删除，不能再写入", '"{cell}" has been purged; nothing is written to it again'
    DUPLICATE = "与第 {cell} 行重复", "repeats line {cell}"
    TOO_MANY_CELLS = (
        "比表头多出单元格，可能是没加引号的分隔符",
        "has more cells than the header; perhaps a separator without quotes",
    )
    BROKEN_QUOTES = "引号没有配对", "its quotes do not match"
    TOO_MANY_ROWS = "超过 {cell} 行，从这里起没有读", "past {cell} rows; nothing from here on was read"


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of a row, with the title of its column and the text of its cell."""

    fault: Fault
    column: str = ""
    cell: str = ""

    @property
    def zh(self) -> str:
        return self._fill(self.fault.zh)

    @property
    def en(self) -> str:
        return self._fill(self.fault.en)

    def _fill(self, template: str) -> str:
        cell = self.cell if len(self.cell) <= _SHOWN else self.cell[:_SHOWN] + "…"
        return template.format(column=self.column, cell=cell)


class CellFault(Exception):
    """The readers of single cells raise it; `read_row` turns it into a RowFault, which knows the column."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.name)


class Unusable(Enum):
    """The reasons why a whole file cannot be read, in Chinese and English."""

    # As in Fault: a pair of texts for each member.
    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en

    NOT_THERE = "找不到这个文件或无权读取", "the file is not there or may not be read"
    EMPTY = "文件是空的", "the file is empty"
    NOT_A_SHEET = (
        "内容不是 CSV 或 XLSX（{what}），看的是内容而不是后缀",
        "its content is neither CSV nor XLSX ({what}); the content counts, not the suffix",
    )
    OLD_OR_ENCRYPTED = (
        "是旧版 .xls 或加了密码的文件；请去掉密码，另存为 .xlsx",
        "it is an old .xls or a file with a password; remove the password and save it as .xlsx",
    )
    ENCODING = (
        "文字编码既不是 UTF-8 也不是 GB18030；请另存为 CSV UTF-8",
        "its text is neither UTF-8 nor GB18030; save it as CSV UTF-8",
    )
    DAMAGED = "文件已损坏：{what}", "the file is damaged: {what}"
    TOO_BIG = "解压后太大（上限 {what}）", "it is too big when unpacked (limit {what})"
    NO_HEADER = (
        "第一行没有认得出的表头，至少要有：{what}",
        "its first row has no header that can be told; at least: {what}",
    )
    TWICE = "表头里「{what}」出现了两次", 'its header names "{what}" twice'
    TOO_MANY_COLUMNS = "列太多（上限 {what}）", "it has too many columns (limit {what})"


class UnusableSheet(VoidbotError):
    """A file cannot be read at all, and nothing of it was imported."""

    def __init__(self, why: Unusable, what: str = "") -> None:
        self.why = why
        self.zh = why.zh.format(what=what)
        self.en = why.en.format(what=what)
        super().__init__(self.en)
