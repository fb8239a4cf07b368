"""查, 我的客户: looks that change nothing."""

from cards.finding import customers_text, find_text
from cards.views import HitsView, Names
from core.domain.people import Sight
from core.domain.records import Hits, Kind
from core.ports.store import UnitOfWork
from core.services.finding import find, sight
from handlers.context import Answer, Context, Transaction, answer
from language.commands import Find, MyCustomers

SHOWN = 20


async def find_records(context: Context, command: Find) -> Transaction:
    """Answers 查 with the hits and how each was found; a record that may not be seen is not mentioned."""
    seen = await sight(context.desk.db, context.me)
    hits = await customers_or_groups(context, seen, command.what, command.kind)
    impact = await context.desk.crm.impact(hits.items[0].record.ref) if len(hits.items) == 1 else None

    def tell(uow: UnitOfWork) -> Answer:
        return [
            context.reply(find_text(context.viewer, HitsView(command.what, hits, owners_of(uow, hits)), impact))
        ]

    return tell


async def customers_or_groups(context: Context, seen: Sight, what: str, kind: Kind) -> Hits:
    """Returns customers, or groups when no customer fits: people rarely say the word 分组."""
    hits = await find(context.desk.crm, seen, what, kind)
    if hits.items or kind is not Kind.CUSTOMER:
        return hits
    return await find(context.desk.crm, seen, what, Kind.SEGMENT)


async def my_customer_list(context: Context, command: MyCustomers) -> Transaction:
    """Answers 我的客户, the longest silent first, as these need a call most."""
    items, total = await context.desk.crm.of_owner(context.sender, SHOWN)
    return answer(context.reply(customers_text(context.viewer, items, total)))


def owners_of(uow: UnitOfWork, hits: Hits) -> Names:
    return uow.people.names(hit.record.owner for hit in hits.items)
