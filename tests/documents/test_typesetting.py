"""A document says what it was given, in fonts that it carries, or is not made at all."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from recoup.documents import typesetting
from recoup.documents.sheet import Fact, Sheet, SheetProof, SheetRow, sheet_pdf
from recoup.documents.typesetting import DoesNotCompile, FontMissing, typeset

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for templates of the test's own."""
    compiler = typst.Compiler(root=str(tmp_path))
    monkeypatch.setattr(typesetting, "TEMPLATES", tmp_path)
    monkeypatch.setattr(typesetting, "_compiler", lambda: compiler)
    return tmp_path


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def sheet(language: str) -> Sheet:
    zh = language == "zh"
    return Sheet(
        language=language,
        title="对账单" if zh else "Statement of account",
        subtitle="2026-01-01 至 2026-11-20" if zh else "2026-01-01 to 2026-11-20",
        facts=(Fact(label="合同" if zh else "Contract", value="C-1 <b>&#x27;$x$"),),
        headings=("日期", "事项", "金额", "余额") if zh else ("Date", "Entry", "Amount", "Due"),
        rows=(
            SheetRow(kind="charge", code="due:1", cells=("2026-01-10", "#eval(1)", "1.00", "1.00")),
            SheetRow(kind="piece", code="piece:1", cells=("→ *not bold* _nor this_",)),
        ),
        figures_heading="截至当日" if zh else "On that day",
        figures=(Fact(label="逾期" if zh else "Overdue", value="1.00"),),
        proofs_heading="核对" if zh else "Proof",
        proofs=(SheetProof(label="a", terms="b", counted="1.00", found="1.00"),),
        notes=("注" if zh else "Note",),
        footer="made today",
        page_words=("第 ", " / ", " 页") if zh else ("page ", " of ", ""),
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_of_a_sheet_stands_in_the_file_as_it_was_given(language: str) -> None:
    given = sheet(language)

    text = " ".join(text_of(sheet_pdf(sheet=given, at=AT)).split())

    for words in (given.title, given.subtitle, *given.headings, "C-1 <b>&#x27;$x$", "#eval(1)"):
        assert words in text
    assert "→ *not bold* _nor this_" in text, "text is text, never markup"
    assert ("第1/1页" if language == "zh" else "page1of1") in text.replace(" ", "")


def test_the_file_carries_its_fonts_and_says_that_it_is_for_the_archive() -> None:
    pdf = sheet_pdf(sheet=sheet("zh"), at=AT)

    fonts = subprocess.run(
        ["pdffonts", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    rows = fonts.splitlines()[2:]
    assert rows
    assert all("NotoSansCJKsc" in row for row in rows)
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows), "embedded, with text"
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf


def test_the_same_content_gives_the_same_bytes_and_the_watermark_changes_them() -> None:
    given = sheet("en")

    assert sheet_pdf(sheet=given, at=AT) == sheet_pdf(sheet=given, at=AT)
    marked = sheet_pdf(sheet=given.marked("王敏 · 17"), at=AT)
    assert "made today · 王敏 · 17" in " ".join(text_of(marked).split())


def test_a_missing_font_is_a_refusal_that_says_what_to_install(templates: Path) -> None:
    (templates / "letter.typ").write_text('#set text(font: "Nobody Has This")\n回款', "utf-8")

    with pytest.raises(FontMissing, match="fonts-noto-cjk") as refused:
        typeset(template="letter.typ", data={}, at=AT)

    assert "fonts-noto-cjk" in refused.value.zh


def test_any_other_warning_and_any_error_is_a_refusal_too(templates: Path) -> None:
    (templates / "warns.typ").write_text("#text()[**]", "utf-8")
    (templates / "fails.typ").write_text("#nobody", "utf-8")

    with pytest.raises(DoesNotCompile, match=r"warns\.typ"):
        typeset(template="warns.typ", data={}, at=AT)
    with pytest.raises(DoesNotCompile, match=r"fails\.typ"):
        typeset(template="fails.typ", data={}, at=AT)
