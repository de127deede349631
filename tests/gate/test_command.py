"""``recoup gate check``: JSON on standard output, sentences on standard error, the exit status."""

import json
from pathlib import Path

import pytest
from tests.gate.facts import NUMBER, attempt, card, contact

from recoup.site.cli import main

NOON = "2026-11-20T12:00:00+08:00"


@pytest.fixture
def ask(tmp_path, capsys):
    def asked(facts, *more: str):
        file = tmp_path / "facts.json"
        text = facts if isinstance(facts, str) else json.dumps(facts)
        file.write_text(text, encoding="utf-8")
        status = main(
            ["gate", "check", "--pack", "cn", "--strategy", "example", "--facts", str(file), *more]
        )
        told = capsys.readouterr()
        return status, json.loads(told.out) if told.out else None, told.err

    return asked


def refused_by(answer) -> list[str]:
    return [reason["rule"] for reason in answer["refused_by"]]


def test_a_permitted_contact_exits_with_0(ask):
    status, answer, _ = ask(contact(at=NOON))

    assert status == 0
    assert list(answer)[:3] == ["allowed", "refused_by", "next_allowed_at"]
    assert answer["allowed"] is True
    assert answer["refused_by"] == []
    assert answer["next_allowed_at"] is None


def test_a_refused_contact_exits_with_3_and_says_which_rules(ask):
    status, answer, _ = ask(contact(at="2026-11-20T22:00:00+08:00"))

    assert status == 3
    assert answer["allowed"] is False
    assert refused_by(answer) == ["CN-CON-01", "CN-CON-02"]
    first = answer["refused_by"][0]
    assert list(first)[:4] == ["rule", "source", "sentence_zh", "sentence_en"]
    assert answer["next_allowed_at"] == "2026-11-21T08:00:00+08:00"


@pytest.mark.parametrize("kind", ["complaint", "dispute", "hardship", "plan_active", "bankruptcy"])
@pytest.mark.parametrize("channel", ["call", "letter", "portal"])
def test_the_example_strategy_stops_collection_over_every_channel_and_not_service(
    ask, kind, channel
):
    held = {"kind": kind, "from": "2026-11-01", "until": None, "contract_id": None}
    facts = contact(at=NOON, holds=[held], channel=channel)

    assert ask(facts)[0] == 3
    assert ask(facts | {"purpose": "service"})[0] == 0


@pytest.mark.parametrize("purpose", ["collect", "notice"])
def test_a_complaint_stops_collection_by_the_banks_own_rule(ask, purpose):
    complaint = {"kind": "complaint", "from": "2026-11-01", "until": None, "contract_id": None}
    status, answer, _ = ask(contact(at=NOON, holds=[complaint], purpose=purpose))

    assert status == 3
    assert not any(rule.startswith("CN-") for rule in refused_by(answer))
    assert len(refused_by(answer)) == 1
    assert answer["next_allowed_at"] is None
    assert ask(contact(at=NOON, holds=[complaint], purpose="service"))[0] == 0


def test_six_unanswered_attempts_on_one_number_leave_another_open(ask):
    attempts = [attempt(f"2026-11-20T09:0{minute}:00+08:00") for minute in range(6)]
    other = {"value": "13900000000", "source": "contract", "valid": True}

    assert "CN-CON-05" in refused_by(ask(contact(at=NOON, attempts=attempts))[1])
    status, answer, _ = ask(contact(at=NOON, attempts=attempts, number=other))
    assert (status, refused_by(answer)) == (0, [])


def test_the_evening_before_ten_is_open_under_the_example_strategy(ask):
    assert ask(contact(at="2026-03-02T21:59:00+08:00"))[0] == 0


def test_a_reminder_passes_a_plan_and_collection_does_not(ask):
    plan = {"kind": "plan_active", "from": "2026-02-01", "until": None, "contract_id": "C1"}
    facts = contact(at=NOON, contracts=[card()], holds=[plan], channel="sms")

    assert "CN-CON-20" in refused_by(ask(facts)[1])
    assert ask(facts | {"purpose": "notice"})[0] == 0


def test_a_missing_fact_is_named_in_both_languages(ask):
    facts = contact(at=NOON)
    del facts["attempts"]

    status, answer, _ = ask(facts)

    assert status == 3
    assert "CN-CON-06" in refused_by(answer)
    assert all("attempts" in reason["sentence_zh"] for reason in answer["refused_by"])
    assert all("attempts" in reason["sentence_en"] for reason in answer["refused_by"])


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        (contact(at=NOON, colour="red"), "colour"),
        ('{"at": 1, "at": 2}', "at"),
        ('{"at": ', "facts.json"),
        ("[]", "JSON"),
        ('{"contracts": [{"dpd": ' + "9" * 5000 + "}]}", "facts.json"),
        ("[" * 100_000, "facts.json"),
    ],
)
def test_facts_that_cannot_be_read_exit_with_2_and_a_sentence(ask, facts, named):
    status, answer, told = ask(facts)

    assert status == 2
    assert answer is None
    assert named in told
    assert "Traceback" not in told


def test_facts_with_a_byte_order_mark_are_read(ask):
    assert ask("\ufeff" + json.dumps(contact(at=NOON)))[0] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["--pack", "atlantis", "--strategy", "example"],
        ["--pack", "../packs", "--strategy", "example"],
        ["--pack", "cn", "--strategy", "none-such"],
    ],
)
def test_an_unknown_pack_or_strategy_exits_with_2(tmp_path, capsys, wrong):
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(contact()), encoding="utf-8")

    status = main(["gate", "check", *wrong, "--facts", str(file)])

    assert status == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_facts_that_are_not_there_exit_with_2(tmp_path, capsys):
    missing = tmp_path / "nowhere.json"

    status = main(
        ["gate", "check", "--pack", "cn", "--strategy", "example", "--facts", str(missing)]
    )

    assert status == 2
    assert "nowhere.json" in capsys.readouterr().err


def test_packs_of_the_banks_own_are_read_from_its_folder(tmp_path, capsys, ask):
    (tmp_path / "own").mkdir()

    status, _, told = ask(contact(), "--packs", str(tmp_path / "own"))

    assert status == 2
    assert str(Path("own")) in told


def test_a_permit_names_what_it_is_bound_to(ask):
    _, answer, _ = ask(contact(at=NOON))

    assert answer["permit"]["person"] == "D1"
    assert answer["permit"]["number"] == NUMBER
    assert answer["permit"]["at"] == NOON
