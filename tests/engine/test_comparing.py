"""Two strategies over one book: the figures held against a plain count, and what is refused."""

import json
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from time import monotonic_ns

import pyarrow.parquet as pq
import pytest

from recoup.demo.bank import build_bank
from recoup.engine.comparing import compare
from recoup.engine.night import NightOrder, run_night
from recoup.engine.refusal import NightRefused
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import load_pack
from recoup.policy.strategy import load_strategy
from recoup.site.cli import main

AS_OF = date(2026, 11, 20)
SOFTER = '"soft_message"'


@pytest.fixture(scope="module")
def strategies(tmp_path_factory) -> Path:
    """The example, and a copy that writes to people 31 to 60 days late and lets teams do less."""
    folder = tmp_path_factory.mktemp("strategies")
    for name in ("example", "softer"):
        shutil.copytree(strategies_folder() / "example", folder / name)
    changed = folder / "softer"
    head = changed / "strategy.yaml"
    head.write_text(head.read_text().replace("id: example", "id: softer", 1))
    table = changed / "treatment.dmn"
    before, row, after = table.read_text().partition('<rule id="T22">')
    table.write_text(before + row + after.replace('"call"', SOFTER, 1))
    capacity = changed / "capacity.yaml"
    capacity.write_text(re.sub(r"lines_per_day: \d+", "lines_per_day: 3", capacity.read_text()))
    return folder


@pytest.fixture(scope="module")
def bank(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    build_bank(folder=folder, seed=7, loans=300, as_of=AS_OF)
    return folder / "book"


def night(*, book, strategy, out, as_of=AS_OF) -> Path:
    pack = load_pack(packs_folder() / "cn", with_cases=False)
    order = NightOrder(
        book=book,
        as_of=as_of,
        pack=pack,
        strategy=load_strategy(strategy, pack=pack),
        out=out,
        clock_ns=monotonic_ns,
        go_on=True,
    )
    return run_night(order).out


@pytest.fixture(scope="module")
def results(bank, strategies, tmp_path_factory) -> tuple[Path, Path]:
    out = tmp_path_factory.mktemp("results")
    return tuple(
        night(book=bank, strategy=strategies / name, out=out / name)
        for name in ("example", "softer")
    )


def rows(folder: Path, name: str) -> list[dict]:
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def test_every_figure_is_what_a_plain_count_gives(results):
    found = compare(before=results[0], after=results[1])

    one, other = ({row["contract_id"]: row for row in rows(side, "decisions")} for side in results)
    moved = Counter(
        (row["treatment"], other[key]["treatment"])
        for key, row in one.items()
        if row["treatment"] != other[key]["treatment"]
    )
    assert moved == {("call", "soft_message"): moved["call", "soft_message"]}
    assert moved["call", "soft_message"] > 0
    assert {(move.before, move.after): move.contracts for move in found.moves["treatment"]} == moved
    overdue = sum(
        row["overdue_base_minor"]
        for key, row in one.items()
        if row["treatment"] != other[key]["treatment"]
    )
    assert [move.overdue_minor for move in found.moves["treatment"]] == [overdue]
    assert found.differing["treatment"] == moved["call", "soft_message"]
    assert {change.contract_id for change in found.changes} >= {
        key for key, row in one.items() if row["treatment"] != other[key]["treatment"]
    }

    planned = [
        {line["debtor_id"] for line in rows(side, "worklist") if line["channel"]}
        for side in results
    ]
    assert found.newly_contacted.debtor_ids == tuple(sorted(planned[1] - planned[0]))
    assert found.spared.debtor_ids == tuple(sorted(planned[0] - planned[1]))
    assert found.spared.persons > 0
    people = {
        row["debtor_id"]: row["overdue_base_minor"] or 0 for row in rows(results[0], "people")
    }
    assert found.spared.overdue_minor == sum(people[one] for one in found.spared.debtor_ids)
    assert all(team.lines_after <= team.capacity_after == 3 for team in found.teams)
    assert sum(pair[0] for pair in found.channels.values()) == len(planned[0])


def test_a_strategy_differs_from_itself_in_nothing(results):
    found = compare(before=results[0], after=results[0])

    assert (found.changed_contracts, found.spared.persons, found.changes) == (0, 0, ())


def test_results_of_different_days_or_books_are_not_compared(results, bank, strategies, tmp_path):
    later = night(
        book=bank, strategy=strategies / "example", out=tmp_path / "later", as_of=date(2026, 11, 21)
    )
    with pytest.raises(NightRefused, match="different business dates"):
        compare(before=results[0], after=later)

    build_bank(folder=tmp_path / "other", seed=8, loans=50, as_of=AS_OF)
    other = night(
        book=tmp_path / "other" / "book", strategy=strategies / "example", out=tmp_path / "o"
    )
    with pytest.raises(NightRefused, match="not made from the same book"):
        compare(before=results[0], after=other)


def test_the_command_tells_it_as_text_json_and_a_page(bank, strategies, tmp_path, capsys):
    status = main(
        [
            *("strategy", "diff", "example", "softer", "--strategies", str(strategies)),
            *("--book", str(bank), "--as-of", AS_OF.isoformat()),
            *("--json", str(tmp_path / "diff.json"), "--html", str(tmp_path / "diff.html")),
        ]
    )

    out = capsys.readouterr().out
    told = json.loads((tmp_path / "diff.json").read_text())
    page = (tmp_path / "diff.html").read_text()
    assert status == 1
    assert f"{told['changed_contracts']:,} of {told['contracts']:,} contracts are decided" in out
    assert "call -> soft_message" in out
    assert '"changed_contracts":' in page
    assert "unsafe" not in page.partition("Content-Security-Policy")[2][:400]


def test_the_same_strategy_twice_exits_with_nothing_to_tell(bank, strategies, capsys):
    arguments = ["strategy", "diff", "example", "example", "--strategies", str(strategies)]

    assert main([*arguments, "--book", str(bank), "--as-of", "2026-11-20"]) == 0
    assert main([*arguments, "--book", str(bank / "none"), "--as-of", "2026-11-20"]) == 3
    assert (
        main(["strategy", "diff", "example", "none", "--book", "x", "--as-of", "2026-11-20"]) == 2
    )
    assert "There is no strategy 'none'" in capsys.readouterr().err


def test_a_replay_goes_through_the_books_of_a_span(bank, strategies, tmp_path, capsys):
    books = tmp_path / "books"
    for day in ("2026-11-19", "2026-11-20"):
        shutil.copytree(bank, books / day)
    (books / "notes").mkdir()
    command = ["strategy", "replay", "softer", "--strategies", str(strategies), "--books"]

    status = main(
        [
            *(*command, str(books), "--from", "2026-11-18", "--to", "2026-11-20"),
            *("--json", str(tmp_path / "replay.json"), "--html", str(tmp_path / "pages")),
        ]
    )

    out = capsys.readouterr().out
    told = json.loads((tmp_path / "replay.json").read_text())
    assert status == 1
    assert [one["as_of"] for one in told] == ["2026-11-19", "2026-11-20"]
    assert f"2 business dates: {sum(one['changed_contracts'] for one in told):,} contracts" in out
    assert {page.name for page in (tmp_path / "pages").iterdir()} == {
        "2026-11-19.html",
        "2026-11-20.html",
    }
    assert main([*command, str(books), "--from", "2025-01-01", "--to", "2025-01-02"]) == 3
    assert "has no book between" in capsys.readouterr().err
