"""Button keys: a key that the bot signed is read back unchanged, and anything else is refused."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.keys import BadKey, ButtonKey, KeyRing, Press, Validity, task_id
from cards.parts import TASK_ID
from core.domain.fingerprint import Fingerprint
from core.domain.outbox import CardName
from core.domain.people import PersonId
from tests.cards import LI, NOW, RING, WANG, operation

LETTERS = string.ascii_letters + string.digits + "-_"
PEOPLE = st.text(st.sampled_from(string.ascii_lowercase + string.digits + "_-@."), min_size=1, max_size=64)
# Sixteen zero bytes stand for no fingerprint, so they are not drawn as one.
KEYS = st.builds(
    ButtonKey,
    press=st.sampled_from(Press),
    person=PEOPLE.map(PersonId),
    expires=st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    operation=st.integers(0, 2**63),
    fingerprint=st.binary(min_size=16, max_size=16).filter(any).map(bytes.hex) | st.just(""),
    round=st.integers(0, 2**31),
    ref=st.text(max_size=40),
)
KEY = ButtonKey(Press.APPROVE, LI, NOW + timedelta(hours=24), 312, "ab" * 16, 1, "")


@given(KEYS)
def test_round_trip(key):
    """A key that was packed is unpacked as an equal one, and its text is URL-safe and short enough for WeCom."""
    packed = RING.pack(key)

    assert RING.unpack(packed) == key
    assert len(packed) <= 1024
    assert set(packed) <= set(LETTERS)


@given(st.data())
def test_any_changed_character_is_refused(data):
    """A key in which any single character was changed is refused."""
    packed = RING.pack(KEY)
    place = data.draw(st.integers(0, len(packed) - 1))
    letter = data.draw(st.sampled_from(LETTERS + "=+/ é").filter(lambda c: c != packed[place]))

    with pytest.raises(BadKey):
        RING.unpack(packed[:place] + letter + packed[place + 1 :])


def test_every_spelling_of_the_last_character_is_refused():
    """Only one spelling of a key is accepted, although the last character of base64 holds unused bits."""
    # The three lengths leave 0, 2 and 4 unused bits in the last character.
    for ref in ("", "a", "ab"):
        packed = RING.pack(ButtonKey(Press.PICK, LI, NOW, ref=ref))
        spellings = []
        for letter in LETTERS:
            try:
                RING.unpack(packed[:-1] + letter)
                spellings.append(letter)
            except BadKey:
                pass

        assert spellings == [packed[-1]]


@given(st.text(max_size=200))
def test_rubbish_is_refused(text):
    """Any text that is no key raises BadKey and no other error."""
    with pytest.raises(BadKey):
        RING.unpack(text)


@pytest.mark.parametrize("size", range(0, 140, 7))
def test_a_cut_key_is_refused(size):
    """A key without its end is refused."""
    packed = RING.pack(KEY)

    with pytest.raises(BadKey):
        RING.unpack(packed[: min(size, len(packed) - 1)])


def test_a_key_of_another_bot_is_refused():
    """A key that another bot has signed is refused."""
    other = KeyRing(b"x" * 32)

    with pytest.raises(BadKey):
        RING.unpack(other.pack(KEY))


def test_a_short_signing_key_is_refused():
    """A signing key that is too short, and so could be guessed, is refused at the start."""
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing(b"short")


def test_a_too_long_key_is_never_sent():
    """A key that WeCom would refuse as too long raises an error before it is sent."""
    with pytest.raises(ValueError, match="1024"):
        RING.pack(ButtonKey(Press.PICK, LI, NOW, ref="长" * 400))  # three bytes a character


def test_it_is_valid_for_its_person_until_it_ends():
    """A key is valid for its person only, and only until it expires."""
    assert KEY.valid_for(LI, NOW) is Validity.OK
    assert KEY.valid_for(WANG, NOW) is Validity.WRONG_PERSON
    assert KEY.valid_for(LI, KEY.expires - timedelta(seconds=1)) is Validity.OK
    assert KEY.valid_for(LI, KEY.expires) is Validity.EXPIRED


def test_it_is_bound_to_the_operation_as_shown():
    """A key of an earlier round or of other targets does not match."""
    op = operation()
    key = RING.unpack(
        RING.for_card(LI, NOW, operation=op.number, fingerprint=op.fingerprint, round_=1).of(Press.APPROVE)
    )

    assert key.matches(op.fingerprint, 1)
    assert not key.matches(op.fingerprint, 2)
    assert not key.matches(Fingerprint("0" * 64), 1)


def test_the_buttons_of_one_card_differ_in_the_press_alone():
    """The keys of one card differ in the press and in nothing else."""
    keys = RING.for_card(LI, NOW, operation=7)
    read = {press: RING.unpack(keys.of(press)) for press in Press}

    assert {key.press for key in read.values()} == set(Press)
    assert {(key.person, key.operation, key.expires) for key in read.values()} == {(LI, 7, NOW)}


@given(PEOPLE, st.integers(1, 10**9) | st.text(max_size=20))
def test_task_ids_are_what_wecom_takes(person, subject):
    """Whatever person and subject are called, the task id holds allowed characters only and is always the same."""
    made = task_id(CardName.CONFIRM, PersonId(person), subject, NOW)

    assert TASK_ID.fullmatch(made)
    assert made == task_id(CardName.CONFIRM, PersonId(person), subject, NOW)


def test_task_ids_differ_where_cards_differ():
    """Cards of another kind, person, subject, time of creation or round have another task id."""
    ids = {
        task_id(CardName.CONFIRM, WANG, 1, NOW),
        task_id(CardName.DECIDE, WANG, 1, NOW),
        task_id(CardName.CONFIRM, LI, 1, NOW),
        task_id(CardName.CONFIRM, WANG, 2, NOW),
        task_id(CardName.CONFIRM, WANG, 1, NOW + timedelta(microseconds=1)),
        task_id(CardName.CONFIRM, WANG, 1, NOW, 2),
    }

    assert len(ids) == 6
