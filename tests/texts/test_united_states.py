"""What may and must be said under Regulation F; the phrases are those of another pack."""

from pathlib import Path

import pytest

from recoup.policy.pack import load_pack
from recoup.policy.texts import Texts, load_texts

ROOT = Path(__file__).resolve().parents[2]
FIGURES = (124_000,)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts(pack=load_pack(ROOT / "packs" / "us", with_cases=False))


def rules(texts: Texts, text: str, contact: str = "collect") -> set[str]:
    found = texts.check(text=text, language="en", contact=contact, figures=FIGURES)
    return {one.rule_id for one in found}


@pytest.mark.parametrize(
    "text",
    [
        "Hello, this is Example Recovery writing for Example Bank. We are a debt collector. "
        "This is an attempt to collect a debt, and any information will be used for that purpose. "
        "As of November 20 the balance is $1,240.00. If you dispute it, write to us and we will "
        "verify it. Reply STOP to opt out of texts.",
        "Example Recovery: this message is from a debt collector. Thank you for arranging to pay "
        "$1,240.00. Reply STOP to opt out.",
        "This is a civil debt; you have the right to dispute it within 30 days.",
    ],
)
def test_a_sensible_text_passes(texts: Texts, text: str) -> None:
    assert rules(texts, text) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Pay us or you will be arrested.", "US-TXT-CRIME"),
        ("This is attorney Smith about your balance.", "US-TXT-AUTHORITY"),
        ("We are with the federal government.", "US-TXT-AUTHORITY"),
        ("We will tell your employer about your debt.", "US-TXT-THIRD"),
        ("We publish the names of deadbeats.", "US-TXT-SHAME"),
        ("Borrow the money from a payday lender.", "US-TXT-BORROW"),
        ("We will sue you over this old debt.", "US-TXT-TIME-BARRED"),
        ("You will regret this.", "US-TXT-THREAT"),
        ("You owe $1,999.00.", "wrong_amount"),
    ],
)
def test_what_regulation_f_forbids_is_found(texts: Texts, text: str, rule: str) -> None:
    found = texts.check(text=text, language="en", contact="collect", figures=FIGURES)

    assert rule in {one.rule_id for one in found} | {one.kind for one in found}
    assert all("CN-" not in one.source.en for one in found)


def test_a_finding_cites_the_law_of_the_country(texts: Texts) -> None:
    [found, *_] = texts.check(
        text="Pay us or you will be arrested.", language="en", contact="collect", figures=FIGURES
    )

    assert "Regulation F" in found.source.en
    assert "1006.18" in found.source.en


def test_who_is_asked_where_somebody_lives_hears_of_no_debt(texts: Texts) -> None:
    assert "US-TXT-LOCATION" in rules(texts, "He owes a debt.", contact="restore_contact")
    assert not rules(texts, "I am confirming contact information.", contact="restore_contact")


def test_a_chinese_text_stays_unchecked_for_want_of_rules(texts: Texts) -> None:
    found = texts.check(text="您好。", language="zh", contact="collect", figures=FIGURES)

    assert {one.kind for one in found} == {"not_checked"}
