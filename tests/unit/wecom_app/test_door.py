"""Which callbacks the door refuses, and that every refusal is the same."""

import base64
import random
import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.wecom_app.callback import LATE, MAX_BODY, WINDOW, CallbackDoor, Opened
from bot.channels.wecom_app.errors import CallbackRefused
from bot.schedule import KEEP_INBOX
from core.domain.incoming import Tap, Text, Unknown, Unreadable
from tests.wecom import NOW, WeComSide, sha1_signature

SIDE = WeComSide()
DOOR = CallbackDoor(SIDE.token, SIDE.aes_key, SIDE.corp_id, SIDE.agent_id)
TAP = SIDE.text_xml().replace("<![CDATA[text]]>", "<![CDATA[event]]>").replace(
    "</xml>",
    "<Event>template_card_event</Event><EventKey>k1</EventKey><TaskId>t1</TaskId>"
    "<ResponseCode>c1</ResponseCode></xml>",
)  # fmt: skip


def why_refused(body: bytes, query: object, now=NOW) -> str:
    with pytest.raises(CallbackRefused) as refused:
        DOOR.open(body, query, now)  # type: ignore[arg-type]
    return refused.value.why


def why_inner_refused(xml: str | bytes) -> str:
    return why_refused(*SIDE.post(xml))


def test_the_samples_of_this_file_are_accepted():
    """The unspoilt callback is accepted, so each refusal below is due to what it spoils."""
    assert DOOR.open(*SIDE.post(SIDE.text_xml()), NOW).incoming.content == Text("hello")
    assert DOOR.open(*SIDE.post(TAP), NOW).incoming.content == Tap("t1", "k1", "c1", {})


@pytest.mark.parametrize("seconds", [-301, 301, -3600, 3 * 86400, 90 * 86400, -90 * 86400])
def test_a_time_outside_the_window_is_stale(seconds):
    """A callback signed too long ago, or in the future, is refused although its signature is good."""
    assert why_refused(*SIDE.post(SIDE.text_xml()), NOW + timedelta(seconds=seconds)) == "stale"


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_the_edges_of_the_window_are_inside(seconds):
    """Times five minutes before and after now are accepted."""
    got = DOOR.open(*SIDE.post(SIDE.text_xml()), NOW + timedelta(seconds=seconds))

    assert got.incoming.sent_at == NOW


@pytest.mark.parametrize("seconds", [-2 * 86400 - 1, -90 * 86400, 301, 86400])
def test_content_from_another_time_is_stale(seconds):
    """Somebody with the Token can sign an old message again, but it is refused for the time inside."""
    old = SIDE.text_xml(at=NOW + timedelta(seconds=seconds))

    assert why_inner_refused(old) == "stale"


@pytest.mark.parametrize("seconds", [-2 * 86400, -86400, -3600, -301, 300])
def test_a_message_that_was_delivered_late_is_taken(seconds):
    """WeCom may deliver a message hours later, in an envelope of now."""
    late = SIDE.text_xml(at=NOW + timedelta(seconds=seconds))

    assert DOOR.open(*SIDE.post(late), NOW).incoming.content == Text("hello")


def test_a_late_message_is_still_known():
    """Done messages are kept for longer than one may be late, so whoever signs an old one again repeats it."""
    assert KEEP_INBOX > LATE + WINDOW


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda q: {**q, "msg_signature": q["msg_signature"][::-1]}, id="signature"),
        pytest.param(lambda q: {**q, "nonce": q["nonce"] + "1"}, id="nonce"),
        pytest.param(lambda q: {**q, "timestamp": str(int(q["timestamp"]) + 1)}, id="time"),
    ],
)
def test_a_wrong_signature_is_refused(spoil):
    """A change of anything that is signed is refused."""
    body, query = SIDE.post(SIDE.text_xml())

    assert why_refused(body, spoil(dict(parse_qsl(query)))) == "signature"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda q: q + "&nonce=1", id="nonce twice"),
        pytest.param(lambda q: q + "&" + q, id="all twice"),
        pytest.param(lambda q: q.replace("nonce", "Nonce"), id="capital"),
        pytest.param(lambda q: q.replace("nonce=", "nonce=%FF"), id="not UTF-8"),
        pytest.param(lambda q: q.replace("nonce=", "nonce=%00"), id="control character"),
        pytest.param(lambda q: q.replace("nonce=", "nonce=%zz"), id="half an escape"),
        pytest.param(lambda q: q.replace("nonce=", "nonce=" + "9" * 128), id="long"),
        pytest.param(lambda q: q.replace("timestamp=", "timestamp=+"), id="signed time"),
        pytest.param(lambda q: q.replace("timestamp=", "timestamp=%D9%A1"), id="Arabic digit"),
        pytest.param(lambda q: q.replace("timestamp=", "timestamp=0x"), id="hexadecimal time"),
        pytest.param(lambda q: q.replace("msg_signature=", "msg_signature=%EF%BC%A1"), id="full width"),
        pytest.param(lambda q: q.replace("msg_signature=", "msg_signature=\udc80"), id="stray byte"),
    ],
)
def test_the_query_is_strict(spoil):
    """A query must have the three parameters, once each and well-formed."""
    body, query = SIDE.post(SIDE.text_xml())

    assert why_refused(body, spoil(query)) == "query"


@pytest.mark.parametrize("more", ["&more=1", "&", "&echostr=x", "&a=1&a=2", "&more=%FF", "&" + "&".join("abc")])
def test_other_parameters_are_ignored(more):
    """Proxies and monitors may add parameters of their own to the address."""
    body, query = SIDE.post(SIDE.text_xml())

    for longer in (query + more, more.lstrip("&") + "&" + query):
        assert DOOR.open(body, longer, NOW).incoming.content == Text("hello")


def test_capital_signatures_are_refused():
    """Only one spelling of a signature is accepted, or a repeat would not be recognised."""
    body, query = SIDE.post(SIDE.text_xml())
    fields = dict(parse_qsl(query))

    assert why_refused(body, {**fields, "msg_signature": fields["msg_signature"].upper()}) == "query"


def test_other_splits_of_time_and_nonce_are_no_new_callback():
    """Time and nonce split elsewhere fit the same signature, but count as a repeat and not as a new callback."""
    encrypt = SIDE.encrypt(SIDE.text_xml().encode())
    first = SIDE.query(encrypt)
    fitting = []
    for joined in (first["timestamp"] + first["nonce"], first["nonce"] + first["timestamp"]):
        for cut in range(1, len(joined)):
            for timestamp, nonce in ((joined[:cut], joined[cut:]), (joined[cut:], joined[:cut])):
                if sha1_signature(SIDE.token, encrypt, timestamp, nonce) == first["msg_signature"]:
                    fitting.append({**first, "timestamp": timestamp, "nonce": nonce})
    opened = [one for query in fitting if (one := opened_or_none(SIDE.body(encrypt), query))]

    assert len(fitting) > 1
    assert {one.signature for one in opened} == {first["msg_signature"]}


def envelope_of(spoil) -> tuple[bytes, str]:
    """Makes a correctly signed envelope with a spoilt outer form."""
    body, query = SIDE.post(SIDE.text_xml())
    return spoil(body), query


ENTITIES = b'<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd">'
EXTERNAL = b'<!DOCTYPE xml [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda b: b"", id="empty"),
        pytest.param(lambda b: b"{}", id="JSON"),
        pytest.param(lambda b: b[:-1], id="cut"),
        pytest.param(lambda b: b + b"<xml/>", id="two roots"),
        pytest.param(lambda b: b.replace(b"xml>", b"XML>"), id="other root"),
        pytest.param(lambda b: ENTITIES + b, id="entities"),
        pytest.param(lambda b: OUTSIDE + b, id="external DTD"),
        pytest.param(lambda b: EXTERNAL + b, id="parameter entity"),
        pytest.param(lambda b: b"<!DOCTYPE xml>" + b, id="bare DOCTYPE"),
        pytest.param(lambda b: b.replace(b"<Encrypt>", b"<Encrypt>&x;"), id="unknown entity"),
        pytest.param(lambda b: b"<?php x?>" + b, id="instruction"),
        pytest.param(lambda b: b.replace(b"<Encrypt>", b'<Encrypt a="1">'), id="attribute"),
        pytest.param(lambda b: b.replace(b"<Encrypt>", b"<Encrypt>\xff"), id="not UTF-8"),
        pytest.param(lambda b: b.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(lambda b: b.replace(b"Encrypt>", b"encrypt>"), id="no Encrypt"),
        pytest.param(lambda b: b.replace(b"</xml>", b"<Encrypt>x</Encrypt></xml>"), id="Encrypt twice"),
        pytest.param(lambda b: b.replace(b"<xml>", b"<xml>text"), id="text between nodes"),
        pytest.param(lambda b: b"<xml>" * 20 + b + b"</xml>" * 20, id="deep"),
        pytest.param(lambda b: b"<xml>" * 9000, id="very deep"),
        pytest.param(lambda b: b + b" " * (MAX_BODY - len(b) + 1), id="too large"),
        pytest.param(lambda b: b.replace(b"<Encrypt>", b"<Encrypt><Encrypt/>"), id="children in Encrypt"),
    ],
)
def test_the_envelope_is_strict(spoil):
    """The envelope holds the sealed message once, in plain nodes and nothing else of XML."""
    assert why_refused(*envelope_of(spoil)) not in {"stale", "padding"}


@pytest.mark.parametrize(
    "more", [b"<Other/>", b"<Other>1</Other>", b"<AgentID/><AgentID>9</AgentID>", b"<A><B/></A>"]
)
def test_other_nodes_of_the_envelope_are_ignored(more):
    """Only the sealed part is signed, so nothing else in the envelope is read."""
    body, query = SIDE.post(SIDE.text_xml())

    assert DOOR.open(body.replace(b"</xml>", more + b"</xml>"), query, NOW).incoming.content == Text("hello")


def test_a_body_of_exactly_the_cap_is_read():
    """A body of 1 MiB is accepted, one byte more is not."""
    body, query = SIDE.post(SIDE.text_xml())

    got = DOOR.open(body + b" " * (MAX_BODY - len(body)), query, NOW)

    assert got.incoming.content == Text("hello")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda x: ENTITIES.decode() + x, "document type", id="entities"),
        pytest.param(lambda x: OUTSIDE.decode() + x, "document type", id="external DTD"),
        pytest.param(lambda x: EXTERNAL.decode() + x, "document type", id="parameter entity"),
        pytest.param(lambda x: x.replace("ww0corp", "ww1corp"), "company", id="company"),
        pytest.param(lambda x: x.replace("1000002", "1000003"), "app", id="app"),
        pytest.param(lambda x: x.replace("<CreateTime>", "<CreateTime>-"), "time", id="time"),
        pytest.param(lambda x: x.replace("ZhangSan", " "), "sender", id="blank sender"),
        pytest.param(lambda x: x.replace("ZhangSan", "z" * 65), "sender", id="long sender"),
        pytest.param(lambda x: x.replace("ZhangSan", "zhang\nsan"), "sender", id="sender with line break"),
        pytest.param(lambda x: x.replace("FromUserName", "FromUser"), "node missing", id="no sender"),
        pytest.param(lambda x: x.replace("</xml>", "<Content>x</Content></xml>"), "node twice", id="twice"),
        pytest.param(lambda x: x.replace("</xml>", "<AgentID>1</AgentID></xml>"), "node twice", id="app twice"),
        pytest.param(lambda x: x.replace("<MsgId>", "<MsgId>&#1;"), "not XML", id="escaped control character"),
        pytest.param(lambda x: x.encode().replace(b"hello", b"\xc0\x80"), "not UTF-8", id="not UTF-8"),
        pytest.param(lambda x: x + "junk", "not XML", id="junk behind"),
        pytest.param(
            lambda x: x.replace("</xml>", "<a>" * 17 + "</a>" * 17 + "</xml>"), "unexpected node", id="deep"
        ),
        pytest.param(lambda _: "", "not XML", id="empty"),
        pytest.param(lambda _: "<xml/>", "node missing", id="no nodes"),
    ],
)
def test_the_message_is_strict(spoil, why):
    """The nodes of the message that we read must occur once, be well-formed, and be meant for us."""
    assert why_inner_refused(spoil(SIDE.text_xml())) == why


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda x: x.replace("<TaskId>t1", "<TaskId>t 1"), "odd task id", id="task id"),
        pytest.param(lambda x: x.replace("<TaskId>t1</TaskId>", ""), "node missing", id="no task id"),
        pytest.param(lambda x: x.replace("k1", "k" * 1025), "odd key", id="long key"),
        pytest.param(lambda x: x.replace("k1", "k\n1"), "odd key", id="key with line break"),
        pytest.param(lambda x: x.replace("<TaskId>", "<SelectedItems>x</SelectedItems><TaskId>"),
                     "text where nodes belong", id="selection of text"),
        pytest.param(lambda x: x.replace("<TaskId>", "<SelectedItems>" + 2 * (
            "<SelectedItem><QuestionKey>q</QuestionKey></SelectedItem>") + "</SelectedItems><TaskId>"),
            "question twice", id="question twice"),
    ],
)  # fmt: skip
def test_a_tap_is_strict(spoil, why):
    """A tap with a malformed part is no tap, as nothing that decides something may be guessed."""
    assert DOOR.open(*SIDE.post(spoil(TAP)), NOW).incoming.content == Unreadable(why)


@pytest.mark.parametrize(
    ("spoil", "content"),
    [
        pytest.param(lambda x: x.replace("1000002", ""), Text("hello"), id="empty app id"),
        pytest.param(lambda x: re.sub("<AgentID>.*</AgentID>", "", x), Text("hello"), id="no app id"),
        pytest.param(lambda x: x.replace("<MsgId>", "<MsgId>a"), Text("hello"), id="message id"),
        pytest.param(
            lambda x: re.sub("<MsgId>.*</MsgId>", "<MsgId><b/></MsgId>", x), Text("hello"), id="children"
        ),
        pytest.param(lambda x: x.replace("hello", "a\x7fb\x85c\x9f"), Text("a\x7fb\x85c\x9f"), id="C1"),
        pytest.param(lambda x: x.replace("hello", "a\x0bb\x1dc\x00d\ufffe"), Text("a b c d "), id="not in XML"),
        pytest.param(lambda x: x.replace("hello", "x" * 65536), Text("x" * 65536), id="64 KiB"),
        pytest.param(lambda x: x.replace("hello", "x" * 65537), Unreadable("long text"), id="longer text"),
        pytest.param(lambda x: x.replace("[text]", "[te xt]"), Unreadable("unknown kind"), id="odd kind"),
        pytest.param(
            lambda x: x.replace("[text]", "[hologram]"), Unreadable("unknown kind hologram"), id="new kind"
        ),
        pytest.param(lambda x: re.sub("<MsgType>.*</MsgType>", "", x), Unreadable("unknown kind"), id="no kind"),
        pytest.param(lambda x: re.sub("<Content>.*</Content>", "", x), Unreadable("node missing"), id="no text"),
        pytest.param(lambda x: x.replace("[text]", "[event]"), Unknown("nameless"), id="no event"),
    ],
)
def test_what_is_signed_and_fresh_is_taken(spoil, content):
    """A member whose message has an odd part is answered, even if the answer is that it could not be read."""
    assert DOOR.open(*SIDE.post(spoil(SIDE.text_xml())), NOW).incoming.content == content


def test_unknown_nodes_inside_are_ignored():
    """Unknown nodes change nothing but the hash, as WeCom adds nodes over time."""
    plain = DOOR.open(*SIDE.post(SIDE.text_xml()), NOW).incoming
    extra = "<NewThing><Deep><Deeper>1</Deeper></Deep></NewThing><NewThing/>"
    got = DOOR.open(*SIDE.post(SIDE.text_xml(extra=extra)), NOW).incoming

    assert got != plain
    assert replace(got, raw_hash=plain.raw_hash) == plain


def test_an_event_with_a_message_id_is_still_known_by_its_content():
    """Two different taps have different message keys, whatever MsgId they carry."""
    assert "<MsgId>" in TAP
    one, two = (DOOR.open(*SIDE.post(xml), NOW).incoming for xml in (TAP, TAP.replace("k1", "k2")))

    assert (one.key, two.key) == (f"e:{one.raw_hash}", f"e:{two.raw_hash}")
    assert one.key != two.key


def test_the_address_check_never_shows_a_message():
    """A captured callback fits the signature of the GET check, but its content is not echoed."""
    for message in (SIDE.text_xml(), "<xml/>", "x" * 257, "two\nlines"):
        encrypt = SIDE.encrypt(message.encode())
        with pytest.raises(CallbackRefused, match="echo"):
            DOOR.verify_url({**SIDE.query(encrypt), "echostr": encrypt})


@pytest.mark.parametrize("spoil", [{"echostr": "x"}, {"nonce": "9"}, {"echostr": "é"}])
def test_the_address_check_is_strict_too(spoil):
    """A GET with a fault is refused like a POST."""
    encrypt = SIDE.encrypt(b"1616140317555161061")
    asked = {**SIDE.query(encrypt), "echostr": encrypt}
    assert DOOR.verify_url(asked) == "1616140317555161061"

    with pytest.raises(CallbackRefused):
        DOOR.verify_url({**asked, **spoil})


def opened_or_none(body: bytes, query: str | dict[str, str]) -> Opened | None:
    """Opens a mutated callback; any exception but CallbackRefused fails the test."""
    try:
        return DOOR.open(body, query, NOW)
    except CallbackRefused:
        return None


def mutated(source: random.Random, data: bytes) -> bytes:
    spoiled = bytearray(data)
    for _ in range(source.choice((1, 1, 1, 2, 5))):
        where = source.randrange(len(spoiled) or 1)
        match source.randrange(5):
            case 0 if spoiled:
                spoiled[where] ^= 1 << source.randrange(8)
            case 1:
                spoiled[where:where] = source.randbytes(source.randrange(1, 4))
            case 2:
                del spoiled[where : where + source.randrange(1, 40)]
            case 3:
                spoiled[where:where] = source.choice((b"<", b"&#0;", b"]]>", b"<!DOCTYPE a>", b"%00", b"</xml>"))
            case _:
                spoiled[where:where] = spoiled[: source.randrange(60)]
    return bytes(spoiled)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**32))
def test_mutated_callbacks_are_refused_or_mean_the_same(seed):
    """A callback whose body or query was mutated is refused, or gives exactly the message that was sent."""
    source = random.Random(seed)
    body, query = SIDE.post(SIDE.text_xml())
    original = DOOR.open(body, query, NOW)
    for _ in range(60):
        got = opened_or_none(mutated(source, body), query)
        assert got is None or got == original
    for _ in range(20):
        bad = opened_or_none(body, mutated(source, query.encode()).decode("utf-8", "surrogateescape"))
        assert bad is None or bad == original


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**32))
def test_forged_ciphertexts_never_do_more_than_garble(seed):
    """A flipped ciphertext signed with a leaked Token is refused, or at least not taken for the original."""
    source = random.Random(seed)
    xml = mutated(source, TAP.encode()) if source.random() < 0.5 else TAP.encode()
    sealed = bytearray(base64.b64decode(SIDE.encrypt(xml)))
    for _ in range(20):
        forged = bytearray(sealed)
        forged[source.randrange(len(forged))] ^= 1 << source.randrange(8)
        encrypt = base64.b64encode(forged).decode()
        got = opened_or_none(SIDE.body(encrypt), urlencode(SIDE.query(encrypt)))
        assert got is None or got.incoming.raw_hash != sha256(xml).hexdigest()
