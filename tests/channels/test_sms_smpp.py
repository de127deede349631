"""SMS over the SMSC of another project: what it gets, what it says, what remains in doubt."""

import pytest
from tests.channels.conftest import AT, NOTICE
from tests.channels.peers import why_no_smsc

from recoup.channels.sms_smpp import PartlyTaken, Smsc, SmsOverSmpp
from recoup.channels.sms_text import parts_of
from recoup.channels.way_out import NotHandedOver, Receipt, Reply

pytestmark = pytest.mark.skipif(bool(why_no_smsc()), reason=why_no_smsc())
LONG = "您在本行的贷款已逾期，请于本周五前还款或与我们联系，我们愿意和您一起商量办法。" * 4


@pytest.fixture
def way(smsc):
    made = SmsOverSmpp(smsc=account(smsc.port), price_minor=4)
    yield made
    made.close()


def account(port, **more):
    """The bank's account at the SMSC."""
    return Smsc(
        host="127.0.0.1",
        port=port,
        **{
            "system_id": "bank",
            "password": "secret",
            "source": "10690000",
            "unknown_number": frozenset({"001"}),
            "seconds_to_answer": 2,
        }
        | more,
    )


def told_until(way, smsc, wanted=1):
    """What the channel tells once the SMSC has delivered so much."""
    for _ in range(200):
        found = way.told(at=AT)
        if len(found) >= wanted:
            return found
        way._read(way._client, seconds=0.05)
    raise AssertionError(f"nothing came: {smsc.events}")


def test_a_short_chinese_message_arrives_in_ucs_2(way, smsc, send):
    handed = send(way, address="+86 138 0000 0000")

    got = smsc.next("submit")
    assert smsc.of("bound")[0]["version"] == 0x34
    assert (got["to"], got["text"], got["coding"]) == ("8613800000000", NOTICE, 8)
    assert (got["udh"], got["receipt"]) == ([], 1)
    assert (handed.reference, handed.cost_minor) == ("m1", 4)


def test_a_long_chinese_message_arrives_in_parts_that_make_the_whole(way, smsc, send):
    handed = send(way, body=LONG)

    parts = [smsc.next("submit") for _ in range(3)]
    assert "".join(one["text"] for one in parts) == LONG
    assert {one["coding"] for one in parts} == {8}
    assert [one["esm_class"] for one in parts] == [0x40] * 3
    assert len({one["udh"][0][:8] for one in parts}) == 1
    assert [one["udh"][0][-4:] for one in parts] == ["0301", "0302", "0303"]
    assert [one["receipt"] for one in parts] == [0, 0, 1]
    assert (handed.reference, handed.cost_minor) == ("m3", 12)


def test_what_fits_into_the_default_alphabet_is_sent_in_it(way, smsc, send):
    send(way, body="Balance {due}: 5 € ~ [a|b] \\ ^ @ £")

    got = smsc.next("submit")
    assert (got["text"], got["coding"]) == ("Balance {due}: 5 € ~ [a|b] \\ ^ @ £", 0)


def test_letters_of_two_units_are_not_torn_apart():
    parts = parts_of("还款" * 33 + "𠮷" * 40, message_id="k1").parts

    assert "".join(one[6:].decode("utf-16-be") for one in parts) == "还款" * 33 + "𠮷" * 40
    assert all(len(one) <= 140 for one in parts)


@pytest.mark.parametrize(
    ("status", "retry"),
    [("ESME_RTHROTTLED", True), ("ESME_RMSGQFUL", True), ("ESME_RINVDSTADR", False)],
)
def test_a_refusal_is_certain(way, smsc, send, status, retry):
    smsc.tell(answers=[status])

    with pytest.raises(NotHandedOver) as refused:
        send(way)

    assert refused.value.retry is retry


def test_a_part_that_is_throttled_is_tried_again_at_once(way, smsc, send):
    smsc.tell(answers=["ok", "ESME_RTHROTTLED", "ok", "ok"])

    handed = send(way, body=LONG)

    assert handed.reference == "m3"
    assert [one["udh"][0][-2:] for one in smsc.of("submit")] == ["01", "02", "02", "03"]


def test_a_text_of_which_a_part_is_refused_is_in_doubt(way, smsc, send):
    smsc.tell(answers=["ok", "ESME_RINVDSTADR"])

    with pytest.raises(PartlyTaken):
        send(way, body=LONG)


@pytest.mark.parametrize("answer", ["cut", "silence"])
def test_a_connection_lost_after_submit_leaves_it_in_doubt(way, smsc, send, answer):
    smsc.tell(answers=[answer])

    with pytest.raises(ConnectionError):
        send(way)

    assert send(way, message_id="k2").reference == "m1"


@pytest.mark.parametrize("more", [{"password": "wrong"}, {"port": 1}])
def test_without_a_bind_nothing_is_handed_over(smsc, send, more):
    way = SmsOverSmpp(smsc=account(**{"port": smsc.port} | more))

    with pytest.raises(NotHandedOver) as refused:
        send(way)

    assert refused.value.retry
    assert not smsc.of("submit")


RECEIPT = (
    "id:{id} sub:001 dlvrd:001 submit date:2603021000 done date:2603021001 "
    "stat:{stat} err:{err} text:"
)


@pytest.mark.parametrize(
    ("stat", "err", "outcome"),
    [("DELIVRD", "000", "delivered"), ("UNDELIV", "011", "failed"), ("UNDELIV", "001", "invalid")],
)
def test_a_receipt_is_told_again_until_it_was_heard(way, smsc, send, stat, err, outcome):
    name = send(way).reference
    text = RECEIPT.format(id=name, stat=stat, err=err)
    smsc.tell(deliver={"source_addr": "13800000000", "esm_class": 4, "short_message": text})

    first = told_until(way, smsc)
    assert way.told(at=AT) == first
    assert not smsc.of("confirmed")
    way.heard()

    assert [(one.reference, one.outcome) for one in first] == [(name, outcome)]
    assert isinstance(first[0], Receipt)
    assert smsc.next("confirmed")["status"] == 0
    assert way.told(at=AT) == ()


def test_a_receipt_that_is_not_final_tells_nothing(way, smsc, send):
    text = RECEIPT.format(id=send(way).reference, stat="ACCEPTD", err="000")
    smsc.tell(deliver={"source_addr": "1", "esm_class": 4, "short_message": text})
    smsc.tell(deliver={"source_addr": "13800000000", "short_message": "T"})

    assert [type(one) for one in told_until(way, smsc)] == [Reply]


def test_replies_are_told_in_chinese_and_english(way, smsc, send):
    send(way)
    smsc.tell(deliver={"source_addr": "8613800000000", "short_message": "退订"})
    smsc.tell(deliver={"source_addr": "8613800000001", "short_message": "STOP"})

    found = told_until(way, smsc, wanted=2)

    assert [(one.address, one.text) for one in found] == [
        ("8613800000000", "退订"),
        ("8613800000001", "STOP"),
    ]


def test_an_idle_link_is_looked_after_on_both_sides(smsc, send):
    way = SmsOverSmpp(smsc=account(smsc.port, seconds_idle=0.05))
    send(way)
    smsc.tell(enquire=True)

    for _ in range(100):
        way.told(at=AT)
        if smsc.of("enquire_link") and smsc.of("alive"):
            break
        way._read(way._client, seconds=0.1)

    assert smsc.of("enquire_link")
    assert smsc.of("alive")
    way.close()
