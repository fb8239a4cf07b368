"""The cards of reminders: customers nobody has spoken to (K18), and what to do about the ticked ones."""

from collections.abc import Sequence

from cards.keys import CardKeys, Press
from cards.model import ButtonCard, VoteCard
from cards.named_parts import NamedButton, buttons, card_lines
from cards.parts import OPTION, CheckList, Option, Style, Submit
from cards.picking import MOST_TO_PICK
from cards.summary import count_of, numbered, title_room
from cards.texts.say import say
from cards.views import Viewer
from cards.wording import Words, cut, cut_width, day, days_between, shown, width
from core.domain.people import Language
from core.domain.records import Kind
from core.domain.reminders import SilentCustomer

DIGEST = "digest"
"""The question_key of the digest; its options are record numbers."""
MOST_IN_DIGEST = MOST_TO_PICK + 1  # all of WeCom's twenty options: a digest has no 都不是

# In half-width columns.
_OPTION_WIDTH = 26


def digest_card(
    viewer: Viewer, silent: Sequence[SilentCustomer], total: int, keys: CardKeys, task_id: str
) -> VoteCard:
    """Returns the weekly list, the longest silent first; several may be ticked (K18).

    `keys` carry the id of the prompt as `ref`.
    """
    language, listed = viewer.language, tuple(silent[:MOST_IN_DIGEST])
    desc = say(language, "digest_desc")
    if total > len(listed):
        desc = say(language, "digest_desc_some", shown=len(listed))
    texts = _texts(viewer, listed)
    return VoteCard(
        task_id=task_id,
        title=say(language, "digest_title", customers=count_of(language, Kind.CUSTOMER, total)),
        desc=desc,
        choices=CheckList(
            DIGEST,
            tuple(Option(customer.ref.number, text) for customer, text in zip(listed, texts, strict=True)),
            multiple=True,
        ),
        submit=Submit(say(language, "button_follow_up"), keys.of(Press.FOLLOW_UP_PICK)),
    )


def follow_up_card(viewer: Viewer, silent: Sequence[SilentCustomer], keys: CardKeys, task_id: str) -> ButtonCard:
    """Asks what to do about the ticked customers. A void is offered for one only: each void is its own request."""
    language = viewer.language
    wanted: list[NamedButton] = [
        ("button_contacted", Press.CONTACTED, Style.STRONG),
        ("button_snooze", Press.SNOOZE, Style.SOFT),
    ]
    if len(silent) == 1:
        wanted.append(("button_void", Press.FOLLOW_UP_VOID, Style.NEUTRAL))
    return ButtonCard(
        task_id=task_id,
        title=_title(language, silent),
        desc=_desc(viewer, silent),
        # Six lines fit on a card. A single customer is named in the title instead.
        lines=card_lines(
            language,
            [
                ("key_customer", _option(_named(customer), _days(viewer, customer), 60))
                for customer in (silent[:6] if len(silent) > 1 else ())
            ],
        ),
        buttons=buttons(language, keys, *wanted),
    )


def _title(language: Language, silent: Sequence[SilentCustomer]) -> Words:
    if len(silent) > 1:
        return say(language, "follow_up_title", subject=count_of(language, Kind.CUSTOMER, len(silent)))
    empty = say(language, "follow_up_title", subject=say(language, "quoted", name=Words()))
    name = cut(shown(silent[0].label), title_room(language) - len(empty))
    return say(language, "follow_up_title", subject=say(language, "quoted", name=name))


def _desc(viewer: Viewer, silent: Sequence[SilentCustomer]) -> Words:
    language = viewer.language
    if len(silent) > 1:
        return say(language, "follow_up_desc")
    only = silent[0]
    days = days_between(only.silent_since, viewer.now, viewer.zone)
    if only.never:
        return say(language, "follow_up_never", days=days)
    return say(language, "follow_up_days", days=days, day=day(only.silent_since, viewer.zone))


def _texts(viewer: Viewer, listed: Sequence[SilentCustomer]) -> list[str]:
    """Returns the options, such as C1024 宏远科技·217天; because of the number no two look alike."""
    return [_option(_named(customer), _days(viewer, customer)) for customer in listed]


def _named(customer: SilentCustomer) -> str:
    return numbered(customer.label, customer.ref.number)


def _days(viewer: Viewer, customer: SilentCustomer) -> str:
    if customer.never:
        return say(viewer.language, "digest_never")
    days = days_between(customer.silent_since, viewer.now, viewer.zone)
    return say(viewer.language, "digest_days", days=days)


def _option(name: str, days: str, columns: int = _OPTION_WIDTH) -> str:
    end = f"·{days}"
    # The wider form is the value of a card line, which takes 30 characters.
    most = OPTION if columns == _OPTION_WIDTH else 30
    return cut(cut_width(shown(name), columns - width(end)), most - len(end)) + end
