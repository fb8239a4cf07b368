"""The hash chain finds and names every change of an entry."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.audit import (
    AuditEntry,
    ChainKey,
    Head,
    NewEntry,
    Pseudonyms,
    Row,
    Tag,
    canonical,
    link,
    message_of,
    verify,
)

KEY = bytes(range(32))
NAMES = Pseudonyms(bytes(32))
AT = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)

texts = st.text(max_size=12)
numbers = st.integers(min_value=-(2**63), max_value=2**63 - 1)
contents = st.tuples(numbers, numbers, texts, texts, texts, st.none() | numbers, texts, texts)


def chain(length: int, key: bytes = KEY) -> list[AuditEntry]:
    """A short log with every kind of column filled and empty."""
    entries: list[AuditEntry] = []
    head = Head()
    for number in range(length):
        event = NewEntry(
            Tag.TARGET_OUTCOME if number % 2 else Tag.OPERATION_INTENT,
            actor="zhangsan" if number % 3 else "",
            subject=f"customer:C{number}" if number % 2 else "",
            operation=312 if number % 4 else None,
            detail={"outcome": "done", "version": number} if number % 5 else None,
        )
        entry = link(key, head, event, AT + timedelta(seconds=number), NAMES)
        entries.append(entry)
        head = Head(entry.seq, entry.hash)
    return entries


def head_of(entries: list[AuditEntry]) -> Head:
    return Head(entries[-1].seq, entries[-1].hash) if entries else Head()


def rows(entries: list[AuditEntry]) -> list[Row]:
    return [entry.row for entry in entries]


@pytest.mark.parametrize("length", [0, 1, 2, 12])
def test_an_untouched_log_holds(length):
    """A log nobody changed holds, whatever its length, and the walk ends at its head."""
    entries = chain(length)
    verdict = verify(KEY, rows(entries), head_of(entries))

    assert verdict.holds
    assert (verdict.entries, verdict.head) == (length, head_of(entries))


def with_bit_flipped(value: object, bit: int) -> object:
    """The value a table would hold after one bit of it changed; None when that is no value of this type."""
    if isinstance(value, int):
        return value ^ (1 << bit)
    raw = bytearray(str(value).encode())
    raw[bit // 8] ^= 1 << bit % 8
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return bytes(raw)  # as SQLite would hand it out


def bits_of(value: object) -> int:
    if value is None:
        return 0
    return 63 if isinstance(value, int) else len(str(value).encode()) * 8


def test_every_single_bit_counts():
    """When any bit of any column of an entry is flipped, verifying names that entry, or the gap it left."""
    entries = rows(chain(6))
    head = Head(6, entries[-1][8])
    checked = 0
    for place, row in enumerate(entries):
        for column, value in enumerate(row):
            for bit in range(bits_of(value)):
                touched: list[object] = list(row)
                touched[column] = with_bit_flipped(value, bit)
                changed = [*entries[:place], tuple(touched), *entries[place + 1 :]]
                assert verify(KEY, changed, head).bad_seq == place + 1, (place, column, bit)  # type: ignore[arg-type]
                checked += 1

    assert checked > 10_000


@pytest.mark.parametrize("empty", [None, "", 0, b"", 5.0, "None", "312", True])
@pytest.mark.parametrize("column", range(9))
def test_a_value_of_another_type_is_a_change(column, empty):
    """A value that became NULL, an empty text or another type is found."""
    entries = rows(chain(6))
    for place, row in enumerate(entries):
        if row[column] == empty and type(row[column]) is type(empty):
            continue
        touched: list[object] = list(row)
        touched[column] = empty
        changed = [*entries[:place], tuple(touched), *entries[place + 1 :]]

        assert verify(KEY, changed, Head(6, entries[-1][8])).bad_seq == place + 1  # type: ignore[arg-type]


@given(contents, contents)
def test_no_two_rows_are_hashed_alike(one, other):
    """Different columns give different bytes: nothing can be moved from one column to its neighbour."""
    assert (message_of(*one) == message_of(*other)) == (one == other)


def test_text_moved_between_columns_is_a_change():
    """The end of one column and the beginning of the next cannot trade places."""
    assert message_of(1, 2, "ab", "c", "", 3, "", "") != message_of(1, 2, "a", "bc", "", 3, "", "")
    assert message_of(1, 2, "", "1:x", "", 3, "", "") != message_of(1, 2, "1:x", "", "", 3, "", "")


@given(st.binary(max_size=100), st.binary(max_size=300))
def test_the_short_way_to_hmac_is_hmac(key, message):
    """Keys shorter and longer than a block give what the standard library gives."""
    assert ChainKey(key).mac(message) == hmac.new(key, message, hashlib.sha256).hexdigest()


@given(st.permutations(range(5)))
def test_entries_in_another_order_are_found(order):
    """Entries in another order do not verify."""
    entries = chain(5)
    shuffled = [entries[place] for place in order]
    first_wrong = next((place + 1 for place, old in enumerate(order) if place != old), None)

    assert verify(KEY, rows(shuffled), head_of(entries)).bad_seq == first_wrong


@pytest.mark.parametrize("seq", range(1, 7))
def test_a_missing_entry_is_named(seq):
    """When one entry is removed, verifying names its number, also for the last one."""
    entries = chain(6)
    rest = [entry for entry in entries if entry.seq != seq]

    assert verify(KEY, rows(rest), head_of(entries)).bad_seq == seq


@pytest.mark.parametrize("seq", range(1, 7))
def test_swapped_numbers_are_found(seq):
    """Two entries that only traded their numbers break the chain at the first of them."""
    entries = chain(7)
    one, two = entries[seq - 1], entries[seq]
    entries[seq - 1], entries[seq] = replace(two, seq=seq), replace(one, seq=seq + 1)

    assert verify(KEY, rows(entries), head_of(chain(7))).bad_seq == seq


def test_a_chain_built_without_the_key_is_found():
    """Somebody who can write every row but lacks the key cannot build a log that holds."""
    forged = chain(4, key=bytes(32))

    assert verify(KEY, rows(forged), head_of(forged)).bad_seq == 1


def test_an_entry_put_in_between_is_found():
    """An entry made without the key, with numbers and links mended as far as possible, is named."""
    entries = chain(4)
    made_up = link(bytes(32), Head(2, entries[1].hash), NewEntry(Tag.OPERATION_VOTED), AT, NAMES)
    later = [replace(entry, seq=entry.seq + 1) for entry in entries[2:]]

    assert verify(KEY, rows([*entries[:2], made_up, *later]), Head(5, entries[-1].hash)).bad_seq == 3


@pytest.mark.parametrize("length", range(1, 9))
def test_a_cut_tail_is_found_by_the_head(length):
    """When entries are removed from the end but not the head, the first missing one is named."""
    entries = chain(9)

    assert verify(KEY, rows(entries[:length]), head_of(entries)).bad_seq == length + 1


@pytest.mark.parametrize("length", range(9))
def test_a_cut_tail_with_its_head_is_found_by_an_anchor(length):
    """Rows and head set back together hold by themselves; an anchor kept outside shows the cut."""
    entries = chain(9)
    kept = entries[:length]
    assert verify(KEY, rows(kept), head_of(kept)).holds

    for anchor in (head_of(entries), Head(9, entries[-1].hash[:12])):
        assert verify(KEY, rows(kept), head_of(kept), [anchor]).bad_seq == length + 1


def test_an_anchor_within_the_log_must_fit():
    """A log begun anew with the right key does not fit what people kept, in full or as a card shows it."""
    entries = chain(6)
    other = [*chain(2)]
    while len(other) < 6:
        other.append(link(KEY, head_of(other), NewEntry(Tag.OPERATION_VOTED), AT, NAMES))
    kept = [Head(entry.seq, entry.hash) for entry in entries]

    assert verify(KEY, rows(entries), head_of(entries), kept).holds
    assert verify(KEY, rows(other), head_of(other)).holds
    assert verify(KEY, rows(other), head_of(other), kept).bad_seq == 3
    assert verify(KEY, rows(other), head_of(other), [Head(5, entries[4].hash[:12])]).bad_seq == 5


def test_one_wrong_anchor_among_many_is_enough():
    """A right anchor for the same entry does not hide a wrong one, whichever comes last."""
    entries = chain(3)
    right, wrong = Head(2, entries[1].hash), Head(2, "0" * 64)

    assert verify(KEY, rows(entries), head_of(entries), [right, wrong]).bad_seq == 2
    assert verify(KEY, rows(entries), head_of(entries), [wrong, right]).bad_seq == 2


@pytest.mark.parametrize("anchor", [Head(2, ""), Head(2, "abc"), Head(0, "0" * 12), Head(-1, "a" * 64)])
def test_an_anchor_that_proves_nothing_does_not_pass(anchor):
    """An empty or very short hash fits everything, so it fits nothing."""
    entries = chain(3)

    assert not verify(KEY, rows(entries), head_of(entries), [anchor]).holds


def test_the_anchor_of_an_empty_log_always_fits():
    """An anchor for head 0 fits every log."""
    entries = chain(3)

    assert verify(KEY, rows(entries), head_of(entries), [Head()]).holds


def test_a_changed_head_is_found():
    """A head row that differs from the last entry is found."""
    entries = chain(3)

    assert verify(KEY, rows(entries), Head(3, "0" * 64)).bad_seq == 3
    assert verify(KEY, rows(entries), Head(2, entries[1].hash)).bad_seq == 3
    assert verify(KEY, rows(entries), Head()).bad_seq == 1


def test_names_are_searchable_and_unreadable():
    """The same person has the same pseudonym, under another key another one, nobody has none."""
    name = NAMES.of("zhangsan")

    assert name == NAMES.of("zhangsan")
    assert "zhangsan" not in name
    assert name not in {NAMES.of("lisi"), Pseudonyms(KEY).of("zhangsan")}
    assert NAMES.of("") == ""
    assert len(name) <= 32


@given(
    st.dictionaries(texts, st.none() | st.booleans() | numbers | texts | st.lists(texts, max_size=3), max_size=5)
)
def test_equal_details_give_equal_text(detail):
    """Order of keys does not matter, and the text is plain ASCII on one line whatever it says."""
    text = canonical(detail)

    assert canonical(dict(reversed(detail.items()))) == text
    assert text.isascii()
    assert text.isprintable()
