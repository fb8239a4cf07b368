# ruff: noqa: E501  (a table is read by rows, unbroken)
"""Every route on one screen: what people can say, which buttons they can tap, what the platform tells us."""

from cards.keys import Press
from core.domain.actions import Action
from core.domain.incoming import Entered, Joined, Left, Media, Unknown
from core.domain.people import Right
from handlers import changing, confirming, deciding, greeting, looking, mine, picking, reminders
from handlers.route import RightOf, Route
from language import commands

_WORDS = (
    Route("void", commands.Change, Right.VOID, changing.change, "作废客户", "void a customer", Action.VOID),
    Route("archive", commands.Change, Right.ARCHIVE, changing.change, "归档客户", "archive a customer", Action.ARCHIVE),
    Route("delete", commands.Change, Right.DELETE, changing.change, "删除客户群体，成员保留",
          "delete a customer group; its members stay", Action.DELETE),
    Route("restore", commands.Change, Right.RESTORE, changing.change, "恢复客户或群体",
          "bring a customer or group back", Action.RESTORE),
    Route("undo", commands.Undo, Right.RESTORE, mine.undo_words, "撤销一次操作", "undo an operation"),
    Route("bring back", commands.BringBack, Right.RESTORE, mine.bring_back, "恢复刚才、昨天删的",
          "bring back what you voided just now, yesterday"),
    Route("confirm", commands.Confirm, RightOf.REQUEST, confirming.confirm_words, "确认打开的确认卡", "confirm the open card"),
    Route("cancel", commands.Cancel, Right.VIEW, mine.cancel_words, "取消正在问的事", "cancel what is being asked"),
    Route("choose", commands.Choose, RightOf.QUESTION, reminders.choose, "从清单里选", "pick from the list"),
    Route("approve", commands.Approve, Right.APPROVE, deciding.approve_words, "同意申请", "approve a request"),
    Route("reject", commands.Reject, Right.APPROVE, deciding.reject_words, "驳回申请", "reject a request"),
    Route("run", commands.Run, Right.VIEW, deciding.run_words, "执行已批准的申请", "run an approved request"),
    Route("withdraw", commands.Withdraw, Right.VIEW, mine.withdraw_words, "撤回申请", "withdraw a request"),
    Route("nudge", commands.Nudge, Right.VIEW, mine.nudge_words, "催审批人", "nudge those who decide"),
    Route("keep", commands.Keep, Right.VIEW, deciding.keep_words, "资料有变：保留客户", "data changed: keep it"),
    Route("ask again", commands.AskAgain, RightOf.REQUEST, deciding.ask_again_words, "资料有变：仍要作废", "data changed: ask again"),
    Route("archive instead", commands.ArchiveInstead, Right.ARCHIVE, confirming.archive_words, "把作废改为归档", "archive it instead"),
    Route("contacted", commands.Contacted, Right.VIEW, reminders.contacted_words, "提醒：已联系", "reminder: contacted"),
    Route("snooze", commands.Snooze, Right.VIEW, reminders.snoozed_words, "提醒：下周再提醒", "reminder: next week"),
    Route("requests", commands.MyRequests, Right.VIEW, mine.my_requests_list, "我的申请", "my requests"),
    Route("waiting", commands.WaitingForMe, Right.VIEW, mine.waiting_list, "待我审批", "waiting for me"),
    Route("find", commands.Find, Right.VIEW, looking.find_records, "查客户或群体", "find a customer or group"),
    Route("mine", commands.MyCustomers, Right.VIEW, looking.my_customer_list, "我的客户", "my customers"),
    Route("log", commands.Log, Right.VIEW, looking.log, "谁动了这个客户", "who did what to it"),
    Route("greet", commands.Greet, Right.HELP, greeting.greet, "打招呼：你好", "a greeting: hello"),
    Route("thanks", commands.Thanks, Right.HELP, greeting.thanks, "谢谢", "thanks"),
    Route("help", commands.Help, Right.HELP, greeting.help_me, "帮助", "help"),
    Route("speak", commands.Speak, Right.HELP, greeting.speak, "换语言", "change the language"),
    Route("line", commands.Line, RightOf.QUESTION, greeting.line, "回答机器人要的那句话", "the line the bot asked for"),
    Route("leave", commands.LeaveAlone, Right.HELP, greeting.leave_alone, "别动：什么都不做", "do nothing to it"),
    Route("not_offered", commands.NotOffered, Right.HELP, greeting.not_offered, "还办不了的事", "what is not offered yet"),
    Route("not_read", commands.NotRead, Right.HELP, greeting.not_read, "没看懂的话", "what is not understood"),
)  # fmt: skip

_TAPS = (
    Route("tap confirm", Press.CONFIRM, RightOf.REQUEST, confirming.confirm_tap, "确认作废 等", "Confirm"),
    Route("tap archive", Press.ARCHIVE_INSTEAD, Right.ARCHIVE, confirming.archive_instead, "改为归档", "Archive instead"),
    Route("tap cancel", Press.CANCEL, Right.VIEW, mine.cancel_tap, "取消", "Cancel"),
    Route("tap pick", Press.PICK, RightOf.QUESTION, picking.picked, "就是它", "That one"),
    Route("tap approve", Press.APPROVE, Right.APPROVE, deciding.approve_tap, "同意", "Approve"),
    Route("tap reject", Press.REJECT, Right.APPROVE, deciding.reject_tap, "驳回", "Reject"),
    Route("tap run", Press.RUN, Right.VIEW, deciding.run_tap, "执行", "Run"),
    Route("tap withdraw", Press.WITHDRAW, Right.VIEW, mine.withdraw_tap, "撤回申请", "Withdraw"),
    Route("tap nudge", Press.NUDGE, Right.VIEW, mine.nudge_tap, "催一下", "Nudge"),
    Route("tap undo", Press.UNDO, Right.RESTORE, mine.undo_tap, "撤销", "Undo"),
    Route("tap keep", Press.KEEP, Right.VIEW, deciding.keep_tap, "保留客户", "Keep it"),
    Route("tap ask again", Press.ASK_AGAIN, RightOf.REQUEST, deciding.ask_again_tap, "仍要作废", "Ask again"),
    Route("tap follow up", Press.FOLLOW_UP_PICK, Right.VIEW, reminders.digest_picked, "处理勾选的", "Handle the ticked"),
    Route("tap contacted", Press.CONTACTED, Right.VIEW, reminders.contacted, "已联系", "Contacted"),
    Route("tap snooze", Press.SNOOZE, Right.VIEW, reminders.snoozed, "下周再提醒", "Remind me next week"),
    Route("tap follow-up void", Press.FOLLOW_UP_VOID, Right.VOID, reminders.void_instead, "作废", "Void"),
)  # fmt: skip

_EVENTS = (
    Route("entered", Entered, None, greeting.entered, "打开会话", "the chat is opened"),
    Route("joined", Joined, None, greeting.joined, "进入可见范围", "a member comes into range"),
    Route("left", Left, None, greeting.left, "离开可见范围", "a member leaves"),
    Route("media", Media, None, greeting.media, "图片、文件、语音、视频、位置、链接", "media"),
    Route("unknown", Unknown, None, greeting.unknown, "不认识的事件：记下来", "unknown events are logged"),
)  # fmt: skip

ROUTES: tuple[Route, ...] = (*_WORDS, *_TAPS, *_EVENTS)
