"""The worklist: each team's people for tomorrow, by priority, within what the team can do."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from recoup.engine.backends.duck import Duck
from recoup.engine.flowing import Flow
from recoup.engine.ids import lists_of_ids
from recoup.engine.outcome import Outcome
from recoup.engine.rulings import Rulings
from recoup.engine.writing import SteadyParquet
from recoup.policy.strategy import Strategy
from recoup.policy.strategy_parts import TREATMENTS

_IDS = pa.list_(pa.string())

WORKLIST = pa.schema(
    [
        ("team", pa.string()),
        ("rank", pa.int32()),
        ("debtor_id", pa.string()),
        ("treatment", pa.string()),
        ("channel", pa.string()),
        ("due", pa.date32()),
        ("priority", pa.int64()),
        ("contract_id", pa.string()),
        ("why", _IDS),
        ("why_zh", pa.string()),
        ("why_en", pa.string()),
    ]
)


def write_worklist(*, duck: Duck, outcome: Outcome, strategy: Strategy, into: Path) -> None:
    """Write worklist.parquet: one line per person, ranked within each team."""
    flow = Flow(engine=duck, places=ranking_places(outcome.rulings), part="book")

    def rank(tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
        for name, table in tables.items():
            duck.register(name, table)
        return flow.run()

    with SteadyParquet(path=into / "worklist.parquet", schema=WORKLIST) as worklist:
        lines = ranked_lines(rank=rank, outcome=outcome, strategy=strategy)
        if lines is not None:
            worklist.add(lines)


def ranking_places(rulings: Rulings) -> Mapping[str, str]:
    """Yield what fills the places of the part of the flow that ranks."""
    return {"contact_day": f"DATE '{rulings.contact_day.isoformat()}'"}


def ranked_lines(
    *,
    rank: Callable[[Mapping[str, pa.Table]], Mapping[str, pa.Table]],
    outcome: Outcome,
    strategy: Strategy,
) -> pa.Table | None:
    """Yield the lines of the worklist for the people whom an outcome kept; None if there are none.

    Shape: ``rank`` runs the part of the flow that ranks, over candidates and capacity.
    """
    candidates = pa.concat_tables(outcome.candidates) if outcome.candidates else None
    if candidates is None or not candidates.num_rows:
        return None
    ranked = rank(ranked_tables(candidates=candidates, strategy=strategy))["worklist"]
    return worklist_lines(ranked=ranked, rulings=outcome.rulings)


def ranked_tables(*, candidates: pa.Table, strategy: Strategy) -> Mapping[str, pa.Table]:
    """Yield what the part of the flow that ranks reads: people, and what their teams can do."""
    teams = candidates.column("team").unique().to_pylist() or [None]
    return {"candidates": candidates, "capacity": capacity_rows(strategy=strategy, teams=teams)}


def capacity_rows(*, strategy: Strategy, teams: Iterable[str | None]) -> pa.Table:
    """Yield one row per team and treatment: the most lines of each, and of the team in all."""
    rows = [
        {
            "team": team or "",
            "treatment": treatment,
            "most_of_treatment": capacity.treatments.get(treatment, capacity.lines_per_day),
            "most_of_team": capacity.lines_per_day,
        }
        for team in teams
        for capacity in [strategy.capacity.of(team=team)]
        for treatment in TREATMENTS
    ]
    return pa.Table.from_pylist(rows)


def worklist_lines(*, ranked: pa.Table, rulings: Rulings) -> pa.Table:
    """Yield ranked people as lines of the worklist, with the rows of the strategy behind each."""
    rows = [ranked.column(name) for name in ("segment_row", "treatment_row", "points_bits")]
    why = lists_of_ids(columns=rows, decode=rulings.reasons_with_points)
    sentences = {
        language: pa.array([rulings.sentence(tuple(ids), language) for ids in why.to_pylist()])
        for language in ("zh", "en")
    }
    columns = {
        "team": ranked.column("team"),
        "rank": ranked.column("rank"),
        "debtor_id": ranked.column("debtor_id"),
        "treatment": ranked.column("treatment"),
        "channel": ranked.column("channel"),
        "due": ranked.column("due_on"),
        "priority": ranked.column("priority"),
        "contract_id": ranked.column("contract_id"),
        "why": why,
        "why_zh": sentences["zh"],
        "why_en": sentences["en"],
    }
    return pa.table(columns)
