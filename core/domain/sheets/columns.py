"""The columns of each kind of sheet, with the titles by which people call them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.domain.sheets import words
from core.domain.sheets.cells import Cell, many_lines, one_line
from core.domain.sheets.dates import read_moment, read_past_moment
from core.domain.sheets.money import read_amount, read_currency
from core.domain.sheets.people import Directory
from core.domain.sheets.rows import SheetKind


@dataclass(frozen=True, slots=True)
class Reading:
    """The context in which cells are read."""

    zone: tzinfo
    """The company's time zone, for dates that name none."""
    now: datetime
    people: Directory


ReadCell = Callable[[Cell, Reading], object]


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    aliases: tuple[str, ...]
    """The titles in the form of `words.squeeze`. The first one is named in answers."""
    read: ReadCell


def _plain(read: Callable[[Cell], object]) -> ReadCell:
    return lambda cell, _reading: read(cell)


def _line(limit: int) -> ReadCell:
    return lambda cell, _reading: one_line(cell, limit)


def _text(limit: int) -> ReadCell:
    return lambda cell, _reading: many_lines(cell, limit)


def _moment(cell: Cell, reading: Reading) -> object:
    return read_moment(cell, reading.zone)


def _past(cell: Cell, reading: Reading) -> object:
    return read_past_moment(cell, reading.zone, reading.now)


def _owner(cell: Cell, reading: Reading) -> object:
    return reading.people.owner(one_line(cell, 64))  # WeCom's user ids have at most 64 characters


def _author(cell: Cell, reading: Reading) -> object:
    return reading.people.author(one_line(cell, 128))


def _column(field: str, aliases: str, read: ReadCell) -> Column:
    return Column(field, tuple(words.squeeze(alias) for alias in aliases.split()), read)


_number = _plain(words.read_number)
_NAME, _SHORT = _line(200), _line(100)
_PHONES = "手机号 手机 手机号码 电话 电话号码 联系电话 联系方式 phone phone_number mobile tel telephone"
_EMAILS = "邮箱 电子邮箱 邮件 email e-mail mail"
_OWNERS = "负责人 所有人 归属人 销售 跟进人 业务员 owner owner_id sales rep"
_WHOSE = (
    _column("whose_number", "客户编号 客户号 客户ID customer_number customer_id customer_no account_id", _number),
    _column(
        "whose_name",
        "客户名称 客户名 公司名称 公司 企业名称 customer_name account_name company company_name",
        _NAME,
    ),
    _column("whose_either", "客户 所属客户 关联客户 customer account", _NAME),
)
_MONEY = (
    _column(
        "amount",
        "金额 总额 商机金额 预计金额 发票金额 开票金额 含税金额 amount total value",
        _plain(read_amount),
    ),
    _column("currency", "币种 货币 currency currency_code", _plain(read_currency)),
)

# Within one kind of sheet no title may belong to two columns; a test checks it.
COLUMNS: dict[SheetKind, tuple[Column, ...]] = {
    SheetKind.CUSTOMERS: (
        _column(
            "number",
            "客户编号 编号 客户号 客户ID id number no customer_id customer_number customer_no",
            _number,
        ),
        _column(
            "name",
            "客户名称 名称 客户名 客户 公司名称 公司 企业名称 name customer customer_name company company_name",
            _NAME,
        ),
        _column("short_name", "简称 客户简称 公司简称 short_name short alias", _SHORT),
        _column("phone", _PHONES, _plain(words.read_phone)),
        _column("email", _EMAILS, _plain(words.read_email)),
        _column("owner", _OWNERS, _owner),
        _column("level", "级别 客户级别 等级 客户等级 level grade tier", _plain(words.read_level)),
        _column("source", "来源 客户来源 source lead_source", _SHORT),
        _column("tags", "标签 客户标签 tags tag labels", _plain(lambda cell: words.read_list(cell, 1000))),
        _column(
            "created_at",
            "创建时间 创建日期 建档时间 录入时间 created_at created create_time created_time",
            _past,
        ),
        _column(
            "last_contact_at",
            "最近联系 最近联系时间 最近联系日期 最后联系 最后联系时间 上次联系 上次联系时间 最近跟进 "
            "最近跟进时间 最后跟进时间 last_contact_at last_contact last_contacted last_contacted_at "
            "last_activity",
            _past,
        ),
        _column(
            "last_order_at",
            "最近下单 最近下单时间 最近订单 最近订单时间 最后下单时间 last_order_at last_order last_ordered_at",
            _past,
        ),
    ),
    SheetKind.CONTACTS: (
        *_WHOSE,
        _column("name", "姓名 联系人 联系人姓名 名称 name contact contact_name full_name", _SHORT),
        _column("title", "职务 职位 岗位 title job_title position role", _SHORT),
        _column("phone", _PHONES, _plain(words.read_phone)),
        _column("email", _EMAILS, _plain(words.read_email)),
    ),
    SheetKind.DEALS: (
        _column(
            "number",
            "商机编号 编号 商机号 商机ID id number no deal_id deal_number deal_no opportunity_id",
            _number,
        ),
        *_WHOSE,
        _column("name", "商机名称 商机 名称 name deal deal_name opportunity opportunity_name", _NAME),
        *_MONEY,
        _column("stage", "阶段 商机阶段 销售阶段 状态 商机状态 stage deal_stage status", _plain(words.read_stage)),
        _column(
            "expected_at",
            "预计成交 预计成交时间 预计成交日期 预计签约 预计签单日期 预计结单日期 expected_at expected "
            "close_date expected_close_date",
            _moment,
        ),
    ),
    SheetKind.INVOICES: (
        _column(
            "number",
            "发票编号 编号 发票号 发票号码 账单编号 id number no invoice_id invoice_number invoice_no",
            _number,
        ),
        *_WHOSE,
        *_MONEY,
        _column(
            "paid",
            "已付 付款状态 支付状态 回款状态 是否付款 是否已付 状态 paid payment_status is_paid status",
            _plain(words.read_paid),
        ),
        _column("issued_at", "开票时间 开票日期 日期 issued_at issued invoice_date date", _moment),
    ),
    SheetKind.COMMUNICATIONS: (
        _column(
            "number",
            "记录编号 编号 沟通编号 跟进编号 id number no communication_id record_id note_id",
            _number,
        ),
        *_WHOSE,
        _column("at", "时间 沟通时间 跟进时间 联系时间 日期 at time date datetime contacted_at", _past),
        _column(
            "channel",
            "渠道 方式 沟通方式 跟进方式 联系方式 类型 channel type via",
            _plain(words.read_medium),
        ),
        _column("author", "记录人 跟进人 沟通人 作者 销售 author by user owner", _author),
        _column("text", "内容 沟通内容 跟进内容 记录 备注 text content note notes body", _text(20_000)),
    ),
    SheetKind.SEGMENTS: (
        _column(
            "number",
            "群体编号 编号 群编号 群号 群组编号 分组编号 客户群编号 客户群体编号 id number no segment_id group_id",
            _number,
        ),
        _column(
            "name",
            "群体名称 名称 群名称 群组名称 分组名称 客户群名称 群组 客户群体 分组 客户群 "
            "name segment segment_name group group_name",
            _SHORT,
        ),
        _column("description", "说明 描述 备注 description note", _text(1000)),
        _column("condition", "条件 筛选条件 condition filter", _text(2000)),
        _column("owner", _OWNERS, _owner),
        _column(
            "members",
            "成员 客户 客户编号 成员编号 members customers customer_ids customer_numbers",
            _plain(words.read_members),
        ),
    ),
}
