"""The rules of the China pack against sentences that were written before them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.texts.sentences import FIGURES, OK, Sentence, later, sentences

from recoup.kernel.texts.check import KINDS, TextFinding
from recoup.policy.pack import load_pack
from recoup.policy.strategy import load_strategy
from recoup.policy.texts import Texts, load_texts

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def texts() -> Texts:
    pack = load_pack(ROOT / "packs" / "cn", with_cases=False)
    return load_texts(pack=pack, strategy=load_strategy(ROOT / "strategies" / "example", pack=pack))


def findings(texts: Texts, sentence: Sentence) -> tuple[TextFinding, ...]:
    return texts.check(
        text=sentence.text,
        language=sentence.language,
        contact=sentence.purpose,
        figures=FIGURES,
    )


def share(some: Sequence[object], all_of_them: Sequence[object]) -> float:
    return len(some) / len(all_of_them)


def test_there_are_enough_sentences_of_every_kind_in_both_languages() -> None:
    every = sentences()

    assert len(every) >= 300
    assert len({one.text for one in every}) == len(every)
    for language in ("zh", "en"):
        mine = [one for one in every if one.language == language]
        assert 0.25 <= share([one for one in mine if one.label == OK], mine) <= 0.5
        assert {one.label for one in mine} >= {*KINDS, "wrong_amount", OK} - {"unkind"}
    assert 0.25 <= share([one for one in every if one.kept_aside], every) <= 0.35


@pytest.mark.parametrize("kept_aside", [False, True])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_forbidden_is_found(texts: Texts, language: str, kept_aside: bool) -> None:
    part = [
        one
        for one in sentences()
        if one.label != OK and one.language == language and one.kept_aside is kept_aside
    ]

    found = [one for one in part if findings(texts, one)]

    assert share(found, part) >= 0.95, [one.text for one in part if one not in found]


@pytest.mark.parametrize("kept_aside", [False, True])
def test_what_may_be_said_is_seldom_stopped(texts: Texts, kept_aside: bool) -> None:
    fine = [one for one in sentences() if one.label == OK and one.kept_aside is kept_aside]

    stopped = [one for one in fine if findings(texts, one)]

    print("stopped though fine:", *(one.text for one in stopped), sep="\n    ")
    assert share(stopped, fine) <= 0.10


def test_most_findings_name_the_kind_that_a_person_would_name(texts: Texts) -> None:
    bad = [one for one in sentences() if one.label != OK]

    named = [one for one in bad if one.label in {found.kind for found in findings(texts, one)}]

    assert share(named, bad) >= 0.9


def test_every_finding_marks_its_phrase_and_offers_a_better_one(texts: Texts) -> None:
    for sentence in sentences():
        for found in findings(texts, sentence):
            assert sentence.text[found.start : found.end] == found.phrase != ""
            assert found.better.zh
            assert found.better.en
            assert found.source.zh
            assert found.source.en


def test_what_is_offered_instead_may_itself_be_said(texts: Texts) -> None:
    for rule in texts.rules.rules:
        for language, better in (("zh", rule.better.zh), ("en", rule.better.en)):
            contact = "restore_contact" if rule.purposes else "collect"
            assert not texts.check(text=better, language=language, contact=contact, figures=())


@pytest.mark.parametrize(
    ("part", "least"),
    [("first", 0.9), ("second", 0.9), ("third", 0.5), ("fourth", 0.95), ("fifth", 0.4)],
)
def test_what_the_rules_find_in_sentences_written_after_them_is_told_as_it_is(
    texts: Texts, part: str, least: float
) -> None:
    forbidden = [one for one in later(part) if one.label != OK]
    fine = [one for one in later(part) if one.label == OK]

    found = [one for one in forbidden if findings(texts, one)]
    stopped = [one for one in fine if findings(texts, one)]

    print(
        part, len(found), "of", len(forbidden), "found,", len(stopped), "of", len(fine), "stopped"
    )
    assert share(found, forbidden) >= least
    assert len(stopped) <= 0.1 * len(fine)
