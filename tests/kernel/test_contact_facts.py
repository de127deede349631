"""Reading the facts: unknown keys and codes are refused, missing facts stay unknown."""

import pytest
from tests.gate.facts import attempt, contact

from recoup.kernel.contact_facts import BadFacts, read_facts, same_number


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"channel": "pigeon"}, "pigeon"),
        ({"party": "neighbour"}, "neighbour"),
        ({"purpose": "harass"}, "harass"),
        ({"at": "yesterday"}, "facts.at"),
        ({"at": "0001-01-01T00:00:00+00:00"}, "1970"),
        ({"at": "9999-12-31T23:59:59+00:00"}, "2199"),
        ({"at": 5}, "facts.at"),
        ({"interactive": "yes"}, "facts.interactive"),
        ({"person": {"id": "D1", "shoe_size": 43}}, "shoe_size"),
        ({"person": []}, "facts.person"),
        ({"person": {"deceased_on": "soon"}}, "deceased_on"),
        ({"contracts": {}}, "facts.contracts"),
        ({"contracts": ["C1"]}, "facts.contracts[0]"),
        ({"contracts": [{"contract_id": "C1", "dpd": -1}]}, "dpd"),
        ({"contracts": [{"contract_id": "C1", "dpd": True}]}, "dpd"),
        ({"agreed_hours": [{"from": "22:00"}]}, "until"),
        ({"agreed_hours": [{"from": "22:00", "until": "25:00"}]}, "until"),
        ({"agreed_hours": [{"from": "22:00", "until": "22:00"}]}, "agreed_hours[0]"),
        ({"holds": [{"kind": "grudge"}]}, "grudge"),
        ({"holds": [{"kind": "legal", "from": "2026-02-02", "until": "2026-02-01"}]}, "holds[0]"),
        ({"attempts": [{"at": "2026-03-02T09:00:00+08:00", "mood": "bad"}]}, "mood"),
        ({"number": {"value": 13800000000}}, "facts.number.value"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(change, named):
    with pytest.raises(BadFacts) as refused:
        read_facts(contact(**change))

    assert named in refused.value.en
    assert named in refused.value.zh


@pytest.mark.parametrize("facts", [None, [], "call", 5])
def test_facts_that_are_no_object_are_refused(facts):
    with pytest.raises(BadFacts):
        read_facts(facts)


def test_an_empty_object_is_read_and_everything_is_unknown():
    facts = read_facts({})

    assert facts.at is None
    assert facts.attempts is None
    assert facts.person.deceased is None


def test_null_and_missing_differ_for_a_death():
    assert read_facts({"person": {"deceased_on": None}}).person.deceased is False
    assert read_facts({"person": {"deceased_on": "2026-01-01"}}).person.deceased is True
    assert read_facts({"person": {}}).person.deceased is None


def test_an_instant_without_offset_is_unknown_and_says_so():
    facts = read_facts(contact(at="2026-03-02T10:00:00"))

    assert facts.at is None
    assert facts.naive_at


@pytest.mark.parametrize(
    ("facts", "answered"),
    [
        ({"connected": True}, True),
        ({"connected": False}, False),
        ({"connected": None, "effective": True}, True),
        ({"connected": None, "effective": None, "in_service": False}, False),
        ({"connected": None, "effective": None}, None),
        ({"connected": None, "effective": False}, None),
    ],
)
def test_an_answer_is_proven_by_a_conversation_and_refuted_by_a_dead_number(facts, answered):
    one = read_facts(contact(attempts=[attempt("2026-03-02T09:00:00+08:00", **facts)]))

    assert one.attempts[0].answered is answered


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("13800000000", "13800000000", True),
        ("+86 138-0000-0000", "13800000000", True),
        ("0086 13800000000", "13800000000", True),
        ("13800000000", "13800000001", False),
        ("12345", "2345", False),
        ("A@Example.org", "a@example.org", True),
        ("a@example.org", "b@example.org", False),
        ("a1@example.org", "1", False),
        ("wechat-id", "Wechat-ID", True),
    ],
)
def test_numbers_are_the_same_however_written(one, other, same):
    assert same_number(one, other) is same
    assert same_number(other, one) is same
