"""``recoup tables run`` as a person calls it."""

import json
from pathlib import Path

import pytest

from recoup.site.cli import main

TREATMENT = Path(__file__).resolve().parents[2] / "strategies" / "example" / "treatment.dmn"


def run(capsys, *arguments) -> tuple[int, str, str]:
    status = main(["tables", "run", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_decision_prints_its_value_as_json(capsys):
    facts = json.dumps({"segment": "late_stage", "dpd": 100})

    status, out, err = run(capsys, TREATMENT, "--decision", "treatment", "--input", facts)

    assert (status, out, err) == (0, '"demand_letter"\n', "")


def test_no_answer_prints_null(capsys):
    matrix = TREATMENT.parent / "retail_class.dmn"

    status, out, _ = run(capsys, matrix, "--decision", "retail_class", "--input", "{}")

    assert (status, out) == (0, "null\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--decision", "nothing"), "it has: treatment"),
        (("--decision", "treatment", "--input", "{"), "not readable JSON"),
        (("--decision", "treatment", "--input", '{"dpd": "ten"}'), "'dpd' must be a number"),
        (("--decision", "treatment", "--input", '{"dp": 10}'), "no input 'dp'"),
    ],
)
def test_a_wrong_call_says_why_in_both_languages(capsys, arguments, sentence):
    status, out, err = run(capsys, TREATMENT, *arguments)

    zh, en = err.splitlines()
    assert (status, out) == (2, "")
    assert sentence in en
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)


def test_a_model_that_is_not_there_is_a_wrong_call(capsys, tmp_path):
    status, _, err = run(capsys, tmp_path / "none.dmn", "--decision", "d")

    assert status == 2
    assert "There is no file" in err


def test_a_model_that_cannot_be_read_names_element_line_and_reason(capsys, tmp_path):
    broken = TREATMENT.read_text(encoding="utf-8").replace("&lt;= 90", "&lt;= ", 1)
    file = tmp_path / "broken.dmn"
    file.write_text(broken, encoding="utf-8")

    status, out, err = run(capsys, file, "--decision", "treatment")

    assert (status, out) == (3, "")
    assert "element inputEntry T11_dpd" in err
    assert "stops too early" in err
    assert "表达式没有写完" in err


def check(capsys, *arguments) -> tuple[int, str, str]:
    status = main(["tables", "check", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


WRONG = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m">
<decision id="d" name="who"><decisionTable hitPolicy="{policy}">
<input><inputExpression typeRef="{kind}"><text>{column}</text></inputExpression></input>
<output><outputValues><text>"call", "visit"</text></outputValues></output>
{rules}
</decisionTable></decision>
</definitions>"""


def written(tmp_path, *rules, policy="UNIQUE", kind="number", column="dpd"):
    rows = "\n".join(
        f'<rule id="r{place}"><inputEntry><text><![CDATA[{cell}]]></text></inputEntry>'
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for place, (cell, result) in enumerate(rules, start=1)
    )
    file = tmp_path / "who.dmn"
    file.write_text(WRONG.format(policy=policy, kind=kind, column=column, rules=rows))
    return file


def test_the_example_strategy_passes_its_review(capsys):
    status, out, _ = check(capsys, TREATMENT.parent)

    assert status == 0
    assert "Decision tables: 6; errors: 0" in out


@pytest.mark.parametrize(
    ("rules", "options", "sentence"),
    [
        ([("<= 30", '"call"'), ("> 31", '"visit"')], {}, "No row answers dpd: 31, as for dpd = 31"),
        (
            [("<= 30", '"call"'), (">= 30", '"visit"')],
            {},
            '(giving "call") and r2 (giving "visit") of a UNIQUE table both answer dpd = 30',
        ),
        (
            [("> 0", '"call"'), ("[5..9]", '"visit"'), ("-", '"call"')],
            {"policy": "FIRST"},
            "Row r2 never fires: rows before it take all its cases (r1)",
        ),
        ([("[9..1]", '"call"'), ("-", '"call"')], {}, "Row r1 never fires: no value of the column"),
        ([("-", '"letter"')], {}, 'is "letter", outside the declared values: call, visit'),
        ([('"a"', '"call"'), ("-", '"call"')], {"kind": "string"}, "compared as texts, but in the"),
        ([("-", '"call"')], {"column": "debtor_sex"}, "it tells of sex (pack 'cn', CN-CON-16)"),
        ([("-", '"call"')], {"column": "民族代码"}, "it tells of ethnicity and race"),
    ],
)
def test_what_a_reviewer_finds_is_told_with_place_and_example(
    capsys, tmp_path, rules, options, sentence
):
    file = written(tmp_path, *rules, **options)

    status, out, _ = check(capsys, file)

    assert status == 1
    assert sentence in out
    assert f"{file}:" in out


def test_findings_as_json_carry_the_input_that_shows_them(capsys, tmp_path):
    file = written(tmp_path, ("<= 30", '"call"'), ("> 31", '"visit"'))

    status, out, _ = check(capsys, file, "--json")

    gap, missing = json.loads(out)
    assert status == 1
    assert (gap["code"], gap["severity"], gap["example"]) == ("gap", "error", {"dpd": 31})
    assert (missing["code"], missing["severity"]) == ("gap_missing", "warning")


def test_a_column_that_the_book_lacks_is_a_warning_beside_those_it_has(capsys, tmp_path):
    file = written(tmp_path, ("-", '"call"'))
    text = file.read_text().replace(
        "<output>", "<input><inputExpression><text>dpdd</text></inputExpression></input><output>"
    )
    file.write_text(
        text.replace("<outputEntry>", "<inputEntry><text>-</text></inputEntry><outputEntry>")
    )

    status, out, _ = check(capsys, file)

    assert status == 0
    assert "The column 'dpdd' is none that the book or the night gives." in out


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("none.dmn",), 2, "is no file, and no folder with .dmn files"),
        ((TREATMENT, "--pack", "xx"), 2, "There is no pack 'xx'"),
    ],
)
def test_a_wrong_call_of_check_says_why(capsys, arguments, status, sentence):
    found, _, err = check(capsys, *arguments)

    assert found == status
    assert sentence in err


def test_a_model_that_check_cannot_read_is_refused(capsys, tmp_path):
    file = tmp_path / "broken.dmn"
    file.write_text("<definitions>")

    status, _, err = check(capsys, file)

    assert status == 3
    assert "broken.dmn" in err
