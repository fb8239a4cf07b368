"""The commands: what a person can ask in words, as a closed set of typed values made by `language/parsing.py`."""

from dataclasses import dataclass

from core.domain.actions import Action
from core.domain.operation.reason import Reason
from core.domain.people import Language
from core.domain.prompts import Prompt
from core.domain.records import Kind


@dataclass(frozen=True, slots=True)
class Find:
    """The person looks for a record: 查 宏远 / find Hongyuan."""

    what: str
    kind: Kind = Kind.CUSTOMER


@dataclass(frozen=True, slots=True)
class MyCustomers:
    """The person asks for a list of their customers: 我的客户 / my customers."""


@dataclass(frozen=True, slots=True)
class Change:
    """The person wants a record changed: 作废客户 X 原因：重复 / void customer X because duplicate.

    归档, 恢复 X and 删除群体 Y are such changes too.
    """

    action: Action
    kind: Kind
    what: str
    reason: Reason | None = None
    took_delete_as_void: bool = False
    """True when the person said 删除 of a customer: the answer then says that it was read as 作废."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The person wants an operation undone: 撤销 #0312 / undo #0312 / 恢复 #0312 / 手滑了.

    Without a number it is the person's own last operation, while that is fresh.
    """

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class BringBack:
    """The person wants own operations taken back, named by when and how many: 恢复 昨天删的那三个 / 恢复刚才那个.

    None stands for what was not said.
    """

    days_ago: int | None = None
    """The number of calendar days: 0 is today, 1 yesterday."""
    count: int | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Approve:
    """An approver approves: 同意 #0312. Without a number: the only one waiting (`handlers/about.py` finds it)."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """An approver rejects, with words that say why: 驳回 #0312 还在谈. Without a number as for Approve."""

    operation: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """The requester confirms: 确认 / 确认作废 / confirm. `count` is from 确认 36, `operation` from 确认 #0312.

    Without a number it is about the open confirm card, which `handlers/about.py` finds.
    """

    count: int | None = None
    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """The person drops the open confirm card or what the bot asked last: 取消 / cancel."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The requester withdraws: 撤回申请 #0312 / withdraw #0312. Without a number: the only own one waiting."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The requester gives the final confirmation: 执行 #0312 / run #0312."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Nudge:
    """The requester wants the approvers reminded: 催一下 #0312 / nudge #0312."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """The requester drops a paused request whose records have changed: 保留客户 #0312.

    Without a number it is the only own request that is paused.
    """

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The requester still wants a paused request whose records have changed: 仍要作废 #0312.

    Without a number it is the only own request that is paused.
    """

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class ArchiveInstead:
    """The requester wants to archive instead: 改为归档 #0312. Without a number: the open confirm card."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Contacted:
    """A rep has spoken to the customers of the open reminder: 已联系."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A rep wants to be reminded of the customers of the open reminder next week: 下周再提醒."""


@dataclass(frozen=True, slots=True)
class MyRequests:
    """The person asks for their requests: 我的申请 / my requests."""


@dataclass(frozen=True, slots=True)
class WaitingForMe:
    """An approver asks which requests wait for their vote: 待我审批 / waiting for me."""


@dataclass(frozen=True, slots=True)
class Log:
    """The person asks for the log of a record or operation: 日志 X / 谁动了 X / who deleted X."""

    what: str = ""
    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Greet:
    """The person says hello: 你好 / hello. The answer is in the language of the greeting; no setting changes."""

    language: str


@dataclass(frozen=True, slots=True)
class Thanks:
    """The person says thanks: 谢谢 / thanks."""


@dataclass(frozen=True, slots=True)
class Help:
    """The person asks for help: 帮助 / help."""


@dataclass(frozen=True, slots=True)
class Speak:
    """The person chooses the language of their cards: 说中文 / speak English."""

    language: str


@dataclass(frozen=True, slots=True)
class Choose:
    """The person names a place in the last list, counted from 1: 2 / 选2 / 第二个; 0 means 都不是 / none of them.

    None stands for 是 / 就是它 / yes, which names no place and counts only when a single record was offered.
    """

    index: int | None
    prompt: Prompt | None = None
    """The list, which `handlers/about.py` finds."""


@dataclass(frozen=True, slots=True)
class Line:
    """The person writes the line of text that the bot asked for; `handlers/routing.py` makes it, no words do."""

    words: str
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """The person wants nothing changed: 不要作废 宏远 / don't void C1024. The answer says that nothing is."""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The person uses a verb that this version does not carry out (彻底删除, 导出 …). No other verb is read."""

    verb: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """No command reads like the text. `zh` and `en` are examples of likely commands, about what was said."""

    text: str
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    language: Language | None = None
    """The language of the text, or None: a number and a name belong to no language."""

    def nearest(self, language: Language) -> tuple[str, ...]:
        return self.en if language is Language.EN else self.zh


Command = (
    Find
    | MyCustomers
    | Change
    | Undo
    | BringBack
    | Approve
    | Reject
    | Confirm
    | Cancel
    | Withdraw
    | Run
    | Nudge
    | Keep
    | AskAgain
    | ArchiveInstead
    | Contacted
    | Snooze
    | MyRequests
    | WaitingForMe
    | Log
    | Greet
    | Thanks
    | Help
    | Speak
    | Choose
    | Line
    | LeaveAlone
    | NotOffered
    | NotRead
)
