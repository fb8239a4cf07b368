"""What a person can ask in words: a closed set of typed values, made by `language/parsing.py`."""

from dataclasses import dataclass

from core.domain.actions import Action
from core.domain.operation.reason import Reason
from core.domain.people import Language
from core.domain.prompts import Prompt
from core.domain.records import Kind


@dataclass(frozen=True, slots=True)
class Find:
    """查 宏远 / find Hongyuan"""

    what: str
    kind: Kind = Kind.CUSTOMER


@dataclass(frozen=True, slots=True)
class MyCustomers:
    """我的客户 / my customers"""


@dataclass(frozen=True, slots=True)
class Change:
    """作废客户 X 原因：重复 / void customer X because duplicate; also 归档, 恢复 X, 删除群体 Y."""

    action: Action
    kind: Kind
    what: str
    reason: Reason | None = None
    took_delete_as_void: bool = False
    """The person said 删除 of a customer: the answer says that it was read as 作废."""


@dataclass(frozen=True, slots=True)
class Undo:
    """撤销 #0312 / undo #0312 / 恢复 #0312 / 手滑了; None: the last own operation, while it is fresh."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class BringBack:
    """恢复 昨天删的那三个 / 恢复刚才那个: own operations that are done, by when and how many; None: not said."""

    days_ago: int | None = None
    """Calendar days: 0 today, 1 yesterday."""
    count: int | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Approve:
    """同意 #0312; None: the only one waiting, if there is only one (`handlers/about.py` finds it)."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """驳回 #0312 还在谈"""

    operation: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """确认 / 确认作废 / confirm; `count` from 确认 36, `operation` from 确认 #0312.

    None: the open confirm card (`handlers/about.py` finds it).
    """

    count: int | None = None
    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """取消 / cancel: the open confirm card, or whatever the bot last asked."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回申请 #0312 / withdraw #0312; None: the only own one waiting."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """执行 #0312 / run #0312"""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Nudge:
    """催一下 #0312 / nudge #0312"""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """保留客户 #0312: the records changed, the request is dropped; None: the only own one that is paused."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class AskAgain:
    """仍要作废 #0312: the records changed, and it is still wanted; None: the only own one that is paused."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class ArchiveInstead:
    """改为归档 #0312; None: the one open confirm card."""

    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Contacted:
    """已联系: the customers of the reminder that is open."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """下周再提醒: the customers of the reminder that is open."""


@dataclass(frozen=True, slots=True)
class MyRequests:
    """我的申请 / my requests"""


@dataclass(frozen=True, slots=True)
class WaitingForMe:
    """待我审批 / waiting for me"""


@dataclass(frozen=True, slots=True)
class Log:
    """日志 X / 谁动了 X / who deleted X / 日志 #0312"""

    what: str = ""
    operation: int | None = None


@dataclass(frozen=True, slots=True)
class Greet:
    """你好 / hello: answered in the language of the greeting, and no language is changed by it."""

    language: str


@dataclass(frozen=True, slots=True)
class Thanks:
    """谢谢 / thanks"""


@dataclass(frozen=True, slots=True)
class Help:
    """帮助 / help"""


@dataclass(frozen=True, slots=True)
class Speak:
    """说中文 / speak English: the language of this person's cards."""

    language: str


@dataclass(frozen=True, slots=True)
class Choose:
    """2 / 选2 / 第二个: the place in the list the bot last gave, from 1; 0: 都不是 / none of them.

    None: 是 / 就是它 / yes, which names no place: it holds only where a single record was offered.
    """

    index: int | None
    prompt: Prompt | None = None
    """The list; found by `handlers/about.py`."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line of text the bot asked for; made by `handlers/routing.py` while a prompt is open."""

    words: str
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """不要作废 宏远 / don't void C1024: nothing is touched, and the answer says so."""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A verb people use that this version does not carry out (彻底删除, 导出 …); never read as another verb."""

    verb: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """No command reads like this. `zh` and `en` are examples of the likeliest ones, about what was said."""

    text: str
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    language: Language | None = None
    """The language of the text, where it tells: a number and a name tell nothing."""

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
