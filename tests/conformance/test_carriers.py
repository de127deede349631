"""One person decided in plain Python is what the night decided for the whole book, cell by cell."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import duckdb
import pytest
from tests.conformance.plain_carrier import CELLS, differences
from tests.conftest import DEMO_AS_OF

from recoup.demo.bench_book import bench_book
from recoup.site.cli import main

#: Persons taken per stratum; a stratum is one value of one of the columns below.
EACH = 4
STRATA = """
SELECT c.person, s.stratum
FROM '{0}/decisions.parquet' AS d
JOIN '{0}/book/contracts.parquet' AS c USING (contract_id)
LEFT JOIN (SELECT person, COUNT(*) AS contracts FROM '{0}/book/contracts.parquet' GROUP BY person)
    AS n ON n.person = c.person
LEFT JOIN (SELECT DISTINCT person, kind AS hold FROM '{0}/book/holds.parquet') AS h
    ON h.person = c.person
LEFT JOIN (SELECT DISTINCT person, TRUE AS promised FROM '{0}/book/promises.parquet') AS p
    ON p.person = c.person
LEFT JOIN (SELECT DISTINCT person, TRUE AS elsewhere FROM '{0}/book/outside.parquet') AS o
    ON o.person = c.person
LEFT JOIN (SELECT DISTINCT loan, TRUE AS secured FROM '{0}/book/collateral.parquet') AS v
    ON v.loan = c.loan
CROSS JOIN LATERAL (SELECT UNNEST([
    'kind ' || COALESCE(d.kind, 'unknown'),
    'product ' || COALESCE(d.product, 'unknown'),
    'currency ' || d.currency,
    'class ' || d.asset_class,
    'bucket ' || d.bucket,
    'roll ' || d.roll,
    'status ' || COALESCE(d.status, 'unknown'),
    'segment ' || d.segment,
    'treatment ' || d.treatment,
    'arm ' || d.arm,
    'unknown because ' || d.asset_class_unknown_why,
    'refused row ' || c.bad_code,
    'hold ' || h.hold,
    CASE WHEN n.contracts > 2 THEN d.kind || ' with several contracts' END,
    CASE WHEN c.restructured_on IS NOT NULL THEN 'restructured' END,
    CASE WHEN c.restructured_on IS NOT NULL AND c.financial_difficulty IS NULL
        THEN 'restructured, difficulty unknown' END,
    CASE WHEN d.broken_promises_6m > 0 THEN 'broken promise' END,
    CASE WHEN p.promised THEN 'promise' END,
    CASE WHEN o.elsewhere THEN 'claims elsewhere' END,
    CASE WHEN v.secured THEN 'collateral' END,
    CASE WHEN d.contacts_7d_call > 0 THEN 'called lately' END,
    CASE WHEN c.credit_impaired THEN 'credit impaired' END
]) AS stratum) AS s
WHERE s.stratum IS NOT NULL
ORDER BY c.person, s.stratum
"""
#: Strata without which the comparison would say too little.
NEEDED = (
    *("kind retail", "kind small_business", "kind non_retail", "product credit_card"),
    *("product mortgage", "product working_capital", "currency USD", "currency JPY"),
    *("class normal", "class special_mention", "class substandard", "class doubtful"),
    *("class loss", "class unknown", "hold dispute", "hold hardship", "hold do_not_contact"),
    *("non_retail with several contracts", "restructured", "broken promise", "collateral"),
    *("claims elsewhere", "called lately", "roll new", "roll better", "roll worse"),
)


@pytest.fixture(scope="module")
def strata(demo_result: Path) -> dict[str, list[int]]:
    """Persons by stratum, in the order of the book."""
    found = defaultdict(list)
    for person, stratum in duckdb.sql(STRATA.format(demo_result)).fetchall():
        if person not in found[stratum]:
            found[stratum].append(person)
    return dict(found)


def test_the_sample_holds_every_sort_of_person(strata: dict[str, list[int]]) -> None:
    assert [name for name in NEEDED if name not in strata] == []


def test_plain_python_decides_as_the_night_does(
    demo_result: Path, strata: dict[str, list[int]]
) -> None:
    persons = {person for found in strata.values() for person in found[:EACH]}
    persons |= set(strata["non_retail with several contracts"][:20])
    persons |= set(strata["restructured"][:20])

    compared, found = differences(result=demo_result, persons=sorted(persons))

    assert compared > 200
    assert found == []


@pytest.mark.slow
def test_plain_python_decides_every_person_as_the_night_does(demo_result: Path) -> None:
    [(persons,)] = duckdb.sql(
        f"SELECT COUNT(*) FROM '{demo_result}/book/debtors.parquet'"
    ).fetchall()

    compared, found = differences(result=demo_result, persons=range(persons))

    assert compared == 3_000
    assert found == []


def test_every_compared_column_is_a_column_of_decisions(demo_result: Path) -> None:
    columns = duckdb.sql(f"SELECT * FROM '{demo_result}/decisions.parquet' LIMIT 0").columns

    assert set(CELLS) <= set(columns)


@pytest.mark.parametrize(
    ("pack", "as_of"),
    [("zz", "2025-08-31"), ("cn", "2024-12-31"), ("cn", "2022-06-30")],
    ids=["another law, another base currency", "law of transition", "silent law"],
)
def test_plain_python_decides_alike_under_other_law(tmp_path: Path, pack: str, as_of: str) -> None:
    assert main(["demo", "--loans", "400", "--seed", "5", "--out", str(tmp_path)]) == 0
    night = ["night", "--book", str(tmp_path / "book"), "--out", str(tmp_path / "out"), "--quiet"]
    policy = ["--as-of", as_of, "--pack", pack, "--strategy", "example", "--max-bad", "20%"]
    assert main([*night, *policy]) == 1

    compared, found = differences(result=tmp_path / "out", persons=range(0, 300, 2))

    assert compared > 150
    assert found == []


def test_plain_python_decides_alike_where_the_book_lacks_optional_columns(tmp_path: Path) -> None:
    book = tmp_path / "book"
    bench_book(folder=book, loans=600, seed=9, as_of=date.fromisoformat(DEMO_AS_OF))
    night = ["night", "--book", str(book), "--out", str(tmp_path / "out"), "--quiet"]
    assert main([*night, "--as-of", DEMO_AS_OF, "--pack", "cn", "--strategy", "example"]) in (0, 1)

    compared, found = differences(result=tmp_path / "out", persons=range(400))

    assert compared > 400
    assert found == []
