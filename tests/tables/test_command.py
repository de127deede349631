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
