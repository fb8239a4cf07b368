"""The table of all routes: what people can say, which buttons they can tap, and which events WeCom reports."""

from cards.keys import Press
from core.domain.actions import Action
from core.domain.incoming import AppStanding, Entered, Joined, Left, Media, Unknown, Unreadable
from core.services import use_cases
from handlers import (
    changing,
    confirming,
    deciding,
    finding,
    greeting,
    history,
    people,
    picking,
    reminders,
    requests,
)
from handlers.route import Route
from language import commands

_WORDS = (
    Route(use_cases.VOID, commands.Change, changing.change, Action.VOID),
    Route(use_cases.ARCHIVE, commands.Change, changing.change, Action.ARCHIVE),
    Route(use_cases.DELETE, commands.Change, changing.change, Action.DELETE),
    Route(use_cases.RESTORE, commands.Change, changing.change, Action.RESTORE),
    Route(use_cases.UNDO, commands.Undo, requests.undo_words),
    Route(use_cases.BRING_BACK, commands.BringBack, requests.bring_back),
    Route(use_cases.CONFIRM, commands.Confirm, confirming.confirm_words),
    Route(use_cases.CANCEL, commands.Cancel, requests.cancel_words),
    Route(use_cases.CHOOSE, commands.Choose, reminders.choose),
    Route(use_cases.APPROVE, commands.Approve, deciding.approve_words),
    Route(use_cases.REJECT, commands.Reject, deciding.reject_words),
    Route(use_cases.RUN, commands.Run, deciding.run_words),
    Route(use_cases.WITHDRAW, commands.Withdraw, requests.withdraw_words),
    Route(use_cases.NUDGE, commands.Nudge, requests.nudge_words),
    Route(use_cases.KEEP, commands.Keep, deciding.keep_words),
    Route(use_cases.ASK_AGAIN, commands.AskAgain, deciding.ask_again_words),
    Route(use_cases.ARCHIVE_INSTEAD, commands.ArchiveInstead, confirming.archive_words),
    Route(use_cases.CONTACTED, commands.Contacted, reminders.contacted_words),
    Route(use_cases.SNOOZE, commands.Snooze, reminders.snoozed_words),
    Route(use_cases.MY_REQUESTS, commands.MyRequests, requests.my_requests_list),
    Route(use_cases.WAITING, commands.WaitingForMe, requests.waiting_list),
    Route(use_cases.FIND, commands.Find, finding.find_records),
    Route(use_cases.MY_CUSTOMERS, commands.MyCustomers, finding.my_customer_list),
    Route(use_cases.LOG, commands.Log, history.log),
    Route(use_cases.GREET, commands.Greet, greeting.greet),
    Route(use_cases.THANKS, commands.Thanks, greeting.thanks),
    Route(use_cases.HELP, commands.Help, greeting.help_me),
    Route(use_cases.SPEAK, commands.Speak, greeting.speak),
    Route(use_cases.LINE, commands.Line, greeting.line),
    Route(use_cases.LEAVE_ALONE, commands.LeaveAlone, greeting.leave_alone),
    Route(use_cases.NOT_OFFERED, commands.NotOffered, greeting.not_offered),
    Route(use_cases.NOT_READ, commands.NotRead, greeting.not_read),
)

# The same use cases as in words where both exist, so that both need the same right.
_TAPS = (
    Route(use_cases.CONFIRM, Press.CONFIRM, confirming.confirm_tap),
    Route(use_cases.ARCHIVE_INSTEAD, Press.ARCHIVE_INSTEAD, confirming.archive_instead),
    Route(use_cases.CANCEL, Press.CANCEL, requests.cancel_tap),
    Route(use_cases.CHOOSE, Press.PICK, picking.picked),
    Route(use_cases.APPROVE, Press.APPROVE, deciding.approve_tap),
    Route(use_cases.REJECT, Press.REJECT, deciding.reject_tap),
    Route(use_cases.RUN, Press.RUN, deciding.run_tap),
    Route(use_cases.WITHDRAW, Press.WITHDRAW, requests.withdraw_tap),
    Route(use_cases.NUDGE, Press.NUDGE, requests.nudge_tap),
    Route(use_cases.UNDO, Press.UNDO, requests.undo_tap),
    Route(use_cases.KEEP, Press.KEEP, deciding.keep_tap),
    Route(use_cases.ASK_AGAIN, Press.ASK_AGAIN, deciding.ask_again_tap),
    Route(use_cases.FOLLOW_UP, Press.FOLLOW_UP_PICK, reminders.digest_picked),
    Route(use_cases.CONTACTED, Press.CONTACTED, reminders.contacted),
    Route(use_cases.SNOOZE, Press.SNOOZE, reminders.snoozed),
    Route(use_cases.VOID, Press.FOLLOW_UP_VOID, reminders.void_instead),
)

_EVENTS = (
    Route(use_cases.ENTERED, Entered, greeting.entered),
    Route(use_cases.JOINED, Joined, people.joined),
    Route(use_cases.LEFT, Left, people.left),
    Route(use_cases.MEDIA, Media, greeting.media),
    Route(use_cases.STANDING, AppStanding, greeting.standing),
    Route(use_cases.UNREADABLE, Unreadable, greeting.unreadable),
    Route(use_cases.UNKNOWN, Unknown, greeting.unknown),
)

ROUTES: tuple[Route, ...] = (*_WORDS, *_TAPS, *_EVENTS)
