"""Reminds reps of customers nobody has spoken to lately (K18)."""

from cards.reminders import digest_card
from core.domain.events.records import DigestSent
from core.domain.outbox import CardName
from core.ports.store import UnitOfWork
from notify.audience import Audience
from notify.post import card_to, list_task


def send_digest(uow: UnitOfWork, audience: Audience, event: DigestSent) -> None:
    """Sends one rep the list of silent customers (K18)."""
    digest, prompt = event.digest, event.prompt
    # The buttons carry the id of the prompt, by which a tap finds the customers on the list.
    task = list_task(prompt, CardName.DIGEST)
    keys = audience.keys.for_card(digest.person.id, prompt.expires_at, ref=prompt.id)
    viewer = audience.viewer(uow, digest.person)
    card = digest_card(viewer, digest.customers, digest.total, keys, task)
    uow.outbox.send(card_to(digest.person.id, card, task, CardName.DIGEST))
