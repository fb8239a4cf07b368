# ruff: noqa: E501  (a list is read by rows, unbroken)
"""Everything that can be done, whichever door it is asked through. `gate.py` asks this list who may do it.

Words and a button for the same thing are one use case. To add one, write it here and name it in a row of
`handlers/table.py` or in a command in `bot/command_line/`.
"""

from core.domain.people import Right
from core.domain.use_cases import Confirmation, Effect, ForWhom, RightOf, UseCase

_LOOKS, _CHANGES, _FOR_GOOD = Effect.LOOKS, Effect.REVERSIBLE, Effect.FOR_GOOD
_AT_ONCE, _CARD = Confirmation.NONE, Confirmation.CARD
_APPROVAL, _COMMAND = Confirmation.APPROVAL, Confirmation.COMMAND
_ANYBODY, _MEMBERS = ForWhom.ANYBODY, ForWhom.MEMBERS
_PLATFORM, _OPERATOR = ForWhom.PLATFORM, ForWhom.OPERATOR

# fmt: off
# records: taking them out and bringing them back
VOID = UseCase("void", Right.VOID, _CHANGES, _CARD, _MEMBERS, "作废客户", "void a customer")
ARCHIVE = UseCase("archive", Right.ARCHIVE, _CHANGES, _CARD, _MEMBERS, "归档客户", "archive a customer")
DELETE = UseCase("delete", Right.DELETE, _CHANGES, _CARD, _MEMBERS, "删除客户群体，成员保留", "delete a customer group; its members stay")
RESTORE = UseCase("restore", Right.RESTORE, _CHANGES, _CARD, _MEMBERS, "恢复客户或群体", "bring a customer or group back")
UNDO = UseCase("undo", Right.RESTORE, _CHANGES, _APPROVAL, _MEMBERS, "撤销一次操作", "undo an operation")
BRING_BACK = UseCase("bring back", Right.RESTORE, _CHANGES, _APPROVAL, _MEMBERS, "恢复刚才、昨天删的", "bring back what you voided just now, yesterday")

# requests: from the confirm card to the end
CHOOSE = UseCase("choose", RightOf.QUESTION, _CHANGES, _CARD, _MEMBERS, "从清单里选", "pick from the list")
CONFIRM = UseCase("confirm", RightOf.REQUEST, _CHANGES, _APPROVAL, _MEMBERS, "确认打开的确认卡", "confirm the open card")
ARCHIVE_INSTEAD = UseCase("archive instead", Right.ARCHIVE, _CHANGES, _CARD, _MEMBERS, "把作废改为归档", "archive it instead")
CANCEL = UseCase("cancel", Right.VIEW, _CHANGES, _AT_ONCE, _MEMBERS, "取消正在问的事", "cancel what is being asked")
LINE = UseCase("line", RightOf.QUESTION, _CHANGES, _APPROVAL, _MEMBERS, "回答机器人要的那句话", "the line the bot asked for")
APPROVE = UseCase("approve", Right.APPROVE, _CHANGES, _APPROVAL, _MEMBERS, "同意申请", "approve a request")
REJECT = UseCase("reject", Right.APPROVE, _CHANGES, _AT_ONCE, _MEMBERS, "驳回申请", "reject a request")
RUN = UseCase("run", Right.VIEW, _CHANGES, _AT_ONCE, _MEMBERS, "执行已批准的申请", "run an approved request")
WITHDRAW = UseCase("withdraw", Right.VIEW, _CHANGES, _AT_ONCE, _MEMBERS, "撤回申请", "withdraw a request")
NUDGE = UseCase("nudge", Right.VIEW, _LOOKS, _AT_ONCE, _MEMBERS, "催审批人", "nudge those who decide")
KEEP = UseCase("keep", Right.VIEW, _CHANGES, _AT_ONCE, _MEMBERS, "资料有变：保留客户", "data changed: keep it")
ASK_AGAIN = UseCase("ask again", RightOf.REQUEST, _CHANGES, _APPROVAL, _MEMBERS, "资料有变：仍要作废", "data changed: ask again")

# reminders
FOLLOW_UP = UseCase("follow up", Right.VIEW, _LOOKS, _AT_ONCE, _MEMBERS, "提醒：处理勾选的", "reminder: follow up the ticked ones")
CONTACTED = UseCase("contacted", Right.VIEW, _CHANGES, _AT_ONCE, _MEMBERS, "提醒：已联系", "reminder: contacted")
SNOOZE = UseCase("snooze", Right.VIEW, _CHANGES, _AT_ONCE, _MEMBERS, "提醒：下周再提醒", "reminder: next week")

# looking
MY_REQUESTS = UseCase("my requests", Right.VIEW, _LOOKS, _AT_ONCE, _MEMBERS, "我的申请", "my requests")
WAITING = UseCase("waiting", Right.VIEW, _LOOKS, _AT_ONCE, _MEMBERS, "待我审批", "waiting for me")
FIND = UseCase("find", Right.VIEW, _LOOKS, _AT_ONCE, _MEMBERS, "查客户或群体", "find a customer or group")
MY_CUSTOMERS = UseCase("my customers", Right.VIEW, _LOOKS, _AT_ONCE, _MEMBERS, "我的客户", "my customers")
LOG = UseCase("log", Right.VIEW, _LOOKS, _AT_ONCE, _MEMBERS, "谁动了这个客户", "who did what to it")

# talking
GREET = UseCase("greet", Right.HELP, _LOOKS, _AT_ONCE, _MEMBERS, "打招呼：你好", "a greeting: hello")
THANKS = UseCase("thanks", Right.HELP, _LOOKS, _AT_ONCE, _MEMBERS, "谢谢", "thanks")
HELP = UseCase("help", Right.HELP, _LOOKS, _AT_ONCE, _MEMBERS, "帮助", "help")
SPEAK = UseCase("speak", Right.HELP, _CHANGES, _AT_ONCE, _MEMBERS, "换语言", "change the language")
LEAVE_ALONE = UseCase("leave alone", Right.HELP, _LOOKS, _AT_ONCE, _MEMBERS, "别动：什么都不做", "do nothing to it")
NOT_OFFERED = UseCase("not offered", Right.HELP, _LOOKS, _AT_ONCE, _MEMBERS, "还办不了的事", "what is not offered yet")
NOT_READ = UseCase("not read", Right.HELP, _LOOKS, _AT_ONCE, _MEMBERS, "没看懂的话", "what is not understood")
ENTERED = UseCase("entered", None, _LOOKS, _AT_ONCE, _ANYBODY, "打开会话", "the chat is opened")
MEDIA = UseCase("media", None, _LOOKS, _AT_ONCE, _ANYBODY, "图片、文件、语音、视频、位置、链接", "media")
UNREADABLE = UseCase("unreadable", None, _LOOKS, _AT_ONCE, _ANYBODY, "读不懂的消息", "messages that cannot be read")

# what WeCom reports
JOINED = UseCase("joined", None, _CHANGES, _AT_ONCE, _PLATFORM, "进入可见范围", "a member comes into range")
LEFT = UseCase("left", None, _CHANGES, _AT_ONCE, _PLATFORM, "离开可见范围", "a member leaves")
STANDING = UseCase("standing", None, _LOOKS, _AT_ONCE, _PLATFORM, "应用将停用、已停用、已恢复", "the app's standing with WeCom")
UNKNOWN = UseCase("unknown", None, _LOOKS, _AT_ONCE, _PLATFORM, "不认识的事件：记下来", "unknown events are logged")

# the command line
SERVE = UseCase("serve", None, _CHANGES, _COMMAND, _OPERATOR, "运行机器人", "run the bot")
INIT = UseCase("init", None, _CHANGES, _COMMAND, _OPERATOR, "生成带新密钥的 .env", "write a .env file with fresh keys")
DOCTOR = UseCase("doctor", None, _LOOKS, _AT_ONCE, _OPERATOR, "自检", "check settings, database, keys, roles and WeCom")
MENU = UseCase("menu", None, _CHANGES, _COMMAND, _OPERATOR, "创建应用菜单", "create the app's menu in WeCom")
IMPORT = UseCase("import", None, _FOR_GOOD, _COMMAND, _OPERATOR, "导入数据", "import customers and other records from a file")
AUDIT_VERIFY = UseCase("audit verify", None, _LOOKS, _AT_ONCE, _OPERATOR, "从头到尾校验，指出第一处问题", "walk the whole log, name the first bad entry")
AUDIT_EXPORT = UseCase("audit export", None, _LOOKS, _AT_ONCE, _OPERATOR, "导出全部日志", "write out the whole log")
BACKUP_VERIFY = UseCase("backup verify", None, _LOOKS, _AT_ONCE, _OPERATOR, "逐个打开并核对全部备份", "open and compare every backup")
BACKUP_RESTORE = UseCase("backup restore", None, _CHANGES, _COMMAND, _OPERATOR, "按备份恢复一个申请改动的全部记录", "put back every record of one operation from its backup")
BACKUP_KEY = UseCase("backup key", None, _LOOKS, _AT_ONCE, _OPERATOR, "在终端显示 age 私钥，供 age 工具打开备份", "show the age identity that opens the backups")
DB_UPGRADE = UseCase("db upgrade", None, _FOR_GOOD, _COMMAND, _OPERATOR, "建表或升级，可重复执行", "create or upgrade the tables; safe to repeat")
# fmt: on

# Collected from the module, so that a use case defined above cannot be left out.
USE_CASES: tuple[UseCase, ...] = tuple(found for found in list(globals().values()) if isinstance(found, UseCase))
"""All use cases, in the order above."""
