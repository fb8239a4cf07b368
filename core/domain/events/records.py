"""Events of records that belong to no operation: reminders and imports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.domain.audit import NewEntry, Tag
from core.domain.events.event import Event
from core.domain.people import PersonId
from core.domain.prompts import Prompt
from core.domain.records import RecordRef
from core.domain.reminders import Digest, FactKind


@dataclass(frozen=True, slots=True)
class DigestSent(Event):
    """A rep was sent the list of customers nobody has spoken to lately."""

    digest: Digest
    prompt: Prompt
    """The open question that the list asks: which of these customers does the rep mean?"""

    def entries(self) -> Iterable[NewEntry]:
        customers = len(self.digest.customers)
        yield NewEntry(Tag.REMINDER_SENT, actor=self.digest.person.id, detail={"customers": customers})


@dataclass(frozen=True, slots=True)
class ReminderAnswered(Event):
    """A rep answered 已联系 or 下周再提醒 for one customer."""

    person: PersonId
    ref: RecordRef
    answer: FactKind

    def entries(self) -> Iterable[NewEntry]:
        detail = {"answer": self.answer}
        yield NewEntry(Tag.REMINDER_ANSWERED, actor=self.person, subject=str(self.ref), detail=detail)


@dataclass(frozen=True, slots=True)
class RecordsImported(Event):
    """A sheet was imported on the command line."""

    facts: Mapping[str, str | int] = field(hash=False)  # a mapping has no hash
    """The phase and kind of the import, the hash of the file, and the counts of rows."""

    def entries(self) -> Iterable[NewEntry]:
        yield NewEntry(Tag.RECORDS_IMPORTED, detail=dict(self.facts))
