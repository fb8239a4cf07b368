"""A member has come into the app's visible range, or has left it."""

from cards import answering
from core.domain.incoming import Joined, Left
from core.ports.store import UnitOfWork
from core.services.people import join, leave
from handlers.context import Answer, Context, Transaction
from handlers.refusing import no_rights


async def joined(context: Context, event: Joined) -> Transaction:
    """Greets a member who comes into the app's visible range; one without rights is told whom to ask for roles."""

    def greet_again(uow: UnitOfWork) -> Answer:
        returned = join(uow, context.sender)
        # A member who comes back has lost the roles, so there is nothing to greet with yet.
        if returned or not context.served:
            return [*returned, context.reply(no_rights(uow, context))]
        return [context.reply(answering.greeting(context.language, context.me.name, context.rights))]

    return greet_again


async def left(context: Context, event: Left) -> Transaction:
    """Makes somebody who has left inactive: rights end at once, and open work goes to those who can go on."""
    return lambda uow: leave(uow, context.sender, context.desk.policy)
