"""What hides a phrase, what denies it, and what is in doubt."""

from pathlib import Path

import pytest

from recoup.kernel.texts.amounts import amounts_in
from recoup.kernel.texts.check import LONGEST
from recoup.kernel.texts.normal import normal
from recoup.policy.pack import load_pack
from recoup.policy.texts import Texts, load_texts

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts(pack=load_pack(ROOT / "packs" / "cn", with_cases=False))


def kinds(texts: Texts, text: str, *, language: str = "zh", contact: str = "collect") -> set[str]:
    found = texts.check(text=text, language=language, contact=contact, figures=(62000, 124000))
    return {one.kind for one in found}


@pytest.mark.parametrize(
    "written",
    [
        *(
            "不还就坐牢",
            "不还就坐 牢",
            "不还就坐*牢",
            "不还就坐\u200b牢",
            "不还就zuo牢",
            "不还就 zuo lao",
        ),
        *("不還就坐牢", "不还就坐·牢", "不还就ＺＵＯ牢"),
    ],
)
def test_prison_is_found_however_it_is_written(texts: Texts, written: str) -> None:
    assert "false_legal_claim" in kinds(texts, written)


@pytest.mark.parametrize(
    "written",
    ["you will go to jail", "you will go to j a i l", "you will go to J.A.I.L", "you go to ja1l"],
)
def test_jail_is_found_however_it_is_written(texts: Texts, written: str) -> None:
    assert "false_legal_claim" in kinds(texts, written, language="en")


def test_the_place_is_that_in_the_text_as_written(texts: Texts) -> None:
    text = "您好，ｚｕｏ 牢的事。"

    [found] = texts.check(text=text, language="zh", contact="collect", figures=())

    assert text[found.start : found.end] == "ｚｕｏ 牢"


@pytest.mark.parametrize(
    ("said", "language", "forbidden"),
    [
        ("我们不会告诉您的家人。", "zh", False),
        ("不还款就告诉您的家人。", "zh", True),
        ("我们不会不告诉您的家人。", "zh", True),
        ("如果您不还，我们会告诉您的家人。", "zh", True),
        ("难道我们不会告诉您的家人？", "zh", True),
        ("We will not tell your family.", "en", False),
        ("We will never tell your boss or your family.", "en", False),
        ("If you do not pay, we will tell your family.", "en", True),
        ("Do not make us wait or we will tell your family.", "en", True),
        ("Why don't we tell your family?", "en", True),
    ],
)
def test_a_denial_counts_only_where_it_denies(
    texts: Texts, said: str, language: str, forbidden: bool
) -> None:
    assert ("disclosure" in kinds(texts, said, language=language)) is forbidden


def test_a_debt_is_not_mentioned_to_a_listed_contact_though_it_may_be_to_the_debtor(
    texts: Texts,
) -> None:
    said = "您的贷款账单已经寄出。"

    assert kinds(texts, said) == set()
    assert kinds(texts, said, contact="restore_contact") == {"disclosure"}


def test_an_amount_without_figures_is_in_doubt_and_blocks(texts: Texts) -> None:
    found = texts.check(text="本期应还620.00元。", language="zh", contact="collect", figures=None)

    assert [one.kind for one in found] == ["wrong_amount"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("", "zh"), ("   ", "en"), ("Good day", "zh"), ("您好", "en"), ("Guten Tag", "de")],
)
def test_what_cannot_be_judged_is_not_let_through(texts: Texts, text: str, language: str) -> None:
    found = texts.check(text=text, language=language, contact="collect", figures=())

    assert "not_checked" in {one.kind for one in found}


def test_a_text_too_long_is_stopped_and_not_searched(texts: Texts) -> None:
    found = texts.check(text="您好" * LONGEST, language="zh", contact="collect", figures=())

    assert [one.kind for one in found] == ["not_checked"]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12,384.55元", 1238455),
        ("￥1240", 124000),
        ("人民币1,240.00元", 124000),
        ("1万3千元", 1300000),
        ("1.5万元", 1500000),
        ("一万五块", 1500000),
        ("一百零五元", 10500),
        ("六百五十元三角", 65030),
        ("壹万贰仟叁佰捌拾肆元伍角伍分", 1238455),
        ("一万五千多块钱", None),
        ("cny 1,240.00", 124000),
        ("1240 yuan", 124000),
        ("fifteen thousand yuan", 1500000),
        ("two hundred and fifty dollars", 25000),
        ("12.345元", None),
        ("1,240.00", 124000),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, minor: int | None) -> None:
    [found] = amounts_in(text=normal(text=text).text, currency="CNY")

    assert found.minor == minor


@pytest.mark.parametrize(
    "text",
    ["2026年12月5日", "工号0231", "年利率4.35%", "电话95000", "T-2026-0031", "分60期"],
)
def test_a_number_that_is_no_amount_is_none(text: str) -> None:
    assert amounts_in(text=normal(text=text).text, currency="CNY") == ()
