"""The house's own lint finds what it is there for, and nothing in the house."""

import ast
from pathlib import Path

import pytest
from tools import limits

KERNEL = limits.SOURCE / "kernel" / "imagined.py"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 0.5\n", "a float literal"),
        ("x = float('1')\n", "float()"),
        ("x = total / parts\n", "'/' yields a float"),
        ("import datetime\nx = datetime.date.today()\n", "date.today(): time is an argument"),
        ("import time\nx = time.time()\n", "time.time(): time is an argument"),
        ("import os\nx = os.environ['HOME']\n", "the environment is read in the site only"),
        ("import random\n", "chance comes from a seed"),
        ("from recoup.kernel.money import *\n", "a wildcard import"),
        ("from recoup.kernel.money import _hidden\n", "private to recoup.kernel.money"),
        ("def f():\n    import os\n", "an import inside a function"),
        ("def f():\n" + "    pass\n" * 71, "f has 72 lines"),
        ("\n" * 801, "801 lines"),
    ],
)
def test_a_breach_is_found(text: str, sentence: str) -> None:
    tree = ast.parse(text)
    checks = (limits.floats, limits.clocks, limits.imports)

    found = [finding for check in checks for finding in check(KERNEL, tree)]
    found += limits.sizes(KERNEL, text, tree)

    assert any(sentence in finding.sentence for finding in found)


def test_a_module_named_after_nothing_is_found() -> None:
    path = limits.SOURCE / "engine" / "utils.py"

    found = list(limits.sizes(path, "", ast.parse("")))

    assert "says nothing" in found[0].sentence


def test_joining_paths_is_no_division() -> None:
    tree = ast.parse("a = folder / 'x'\nb = out_path / name\nc = root_dir / f'{name}.csv'\n")

    assert list(limits.floats(Path("x.py"), tree)) == []


def test_a_function_outside_the_subset_of_sql_is_found(tmp_path: Path) -> None:
    flow = tmp_path / "10_x.sql"
    flow.write_text(
        "-- LIST(a) in a comment\nSELECT MAX(a), list_filter(b) FROM t WHERE a IN (1)\n"
    )

    found = [finding.sentence for finding in limits.foreign_functions(flow)]

    assert found == ["list_filter is not in the whitelist of SQL functions"]
