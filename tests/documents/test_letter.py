"""A bank's letter, read back from the PDF that it becomes."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from recoup.documents.letter import (
    Deadline,
    Debt,
    DebtLine,
    Letter,
    Letterhead,
    Signature,
    batch_pdf,
    letter_content,
    letter_pdf,
)
from recoup.documents.typesetting import pages_in

AT = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
LOAN = DebtLine(
    contract_id="C-2024-000318",
    product="个人消费贷款",
    started_on=date(2024, 3, 18),
    due_on=date(2027, 3, 18),
    principal_minor=1_200_000,
    interest_minor=35_640,
    penalty_minor=2_815,
    fee_minor=0,
)
CARD = DebtLine(
    contract_id="C-2025-001207",
    product="信用卡",
    started_on=date(2025, 12, 7),
    due_on=date(2026, 12, 7),
    principal_minor=850_000,
    interest_minor=20_450,
    penalty_minor=1_204,
    fee_minor=1_500,
)
LETTER = Letter(
    language="zh",
    letterhead=Letterhead(name="示例银行", address="上海市示例路1号", phone="95000"),
    file_number="示银函〔2026〕第0318号",
    recipient=("欧阳明 先生", "上海市示例路8号"),
    subject="催收函",
    paragraphs=("尊敬的欧阳先生：", "如果一次归还有困难，可以商量分期。"),
    debt=Debt(as_of=date(2026, 11, 28), currency="CNY", lines=(LOAN, CARD)),
    deadlines=(Deadline(label="请归还逾期部分，最迟", on=date(2026, 12, 15)),),
    enclosures=("对账单",),
    signature=Signature(institution="示例银行", signatory="零售贷后服务部", on=date(2026, 11, 28)),
)
ENGLISH = replace(
    LETTER,
    language="en",
    letterhead=Letterhead(name="Example Bank", address="1 Example Road", phone="95000"),
    subject="Overdue payment",
    paragraphs=("Dear Mr Ouyang,", "If that is hard to do, speak with us."),
    deadlines=(Deadline(label="Please pay by", on=date(2026, 12, 15)),),
)


def words(letter: Letter) -> str:
    """The text of the letter's PDF, without spaces."""
    read = subprocess.run(
        ["pdftotext", "-layout", "-", "-"],
        input=letter_pdf(letter=letter, at=AT),
        capture_output=True,
        check=True,
    )
    return re.sub(r"[ \t]+", "", read.stdout.decode())


def test_a_chinese_letter_has_everything_that_a_banks_letter_has() -> None:
    said = words(LETTER)

    for part in (
        *("示例银行", "上海市示例路1号", "电话：95000", "示银函〔2026〕第0318号", "欧阳明先生"),
        *("催收函", "如果一次归还有困难", "债务明细（截至2026年11月28日，CNY）"),
        *("请归还逾期部分，最迟2026年12月15日", "1.对账单", "零售贷后服务部", "（盖章）"),
        "第1页，共1页",
    ):
        assert part in said, part


def test_the_table_adds_up_and_the_total_stands_in_figures_and_capitals() -> None:
    said = words(LETTER)

    assert "2024-03-182027-03-1812,000.00356.4028.150.0012,384.55" in said
    assert "2025-12-072026-12-078,500.00204.5012.0415.008,731.54" in said
    assert "合计20,500.00560.9040.1915.0021,116.09" in said
    assert "合计金额：21,116.09元（大写：人民币贰万壹仟壹佰壹拾陆元零玖分）" in said


def test_an_english_letter_says_the_same() -> None:
    said = words(ENGLISH)

    for part in (
        *("ExampleBank", "Ourreference:", "Overduepayment", "DearMrOuyang"),
        *("Thedebtindetail(asof28November2026,CNY)", "Total20,500.00560.9040.1915.0021,116.09"),
        *("Totalamount:CNY21,116.09", "贰万壹仟壹佰壹拾陆元零玖分", "Pleasepayby15December2026"),
        *("(seal)", "Page1of1"),
    ):
        assert part in said, part


def test_an_amount_in_dollars_has_no_chinese_capitals() -> None:
    debt = Debt(as_of=date(2026, 11, 28), currency="USD", lines=(LOAN,))

    said = words(replace(ENGLISH, debt=debt))

    assert "Totalamount:USD12,384.55\n" in said
    assert "capitals" not in said


def test_a_long_table_runs_over_pages_under_its_headings_and_no_signature_stands_alone() -> None:
    debt = Debt(as_of=date(2026, 11, 28), currency="CNY", lines=(LOAN, CARD) * 30)

    pages = words(replace(LETTER, debt=debt)).rstrip("\f").split("\f")

    assert len(pages) == 2
    assert all("合同编号产品起始日" in page for page in pages)
    assert "第2页，共2页" in pages[1]
    assert "零售贷后服务部" in pages[1]
    assert "请归还逾期部分" in pages[1]


def test_the_same_letter_gives_the_same_bytes_and_calls_itself_pdf_a() -> None:
    made = letter_pdf(letter=LETTER, at=AT)

    assert made == letter_pdf(letter=LETTER, at=AT)
    assert made != letter_pdf(letter=replace(LETTER, file_number="2"), at=AT)
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in made


@pytest.mark.parametrize("parts", [{"debt": None}, {"deadlines": ()}, {"enclosures": ()}])
def test_a_letter_without_a_part_has_no_heading_for_it(parts: dict[str, object]) -> None:
    headings = {"debt": "债务明细", "deadlines": "日期与期限", "enclosures": "附件"}
    [missing] = parts

    said = words(replace(LETTER, **parts))  # type: ignore[arg-type]

    assert headings.pop(missing) not in said
    assert all(heading in said for heading in headings.values())


def test_a_batch_has_every_letter_on_pages_of_its_own_counted_from_one() -> None:
    long = replace(LETTER, debt=Debt(as_of=date(2026, 11, 28), currency="CNY", lines=(LOAN,) * 60))
    letters = (LETTER, long, ENGLISH)

    pdf = batch_pdf(
        contents=[letter_content(letter=one) for one in letters], title="t", author="a", at=AT
    )

    read = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    pages = re.sub(r"[ \t]+", "", read.stdout.decode()).rstrip("\f").split("\f")
    alone = [page for one in letters for page in words(one).rstrip("\f").split("\f")]
    assert pages_in(pdf=pdf) == len(pages) == len(alone) == 4
    assert pages == alone
    assert b"pdfaid" in pdf
