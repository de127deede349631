"""Decides the people of a result anew under another strategy, from the rows that the night kept."""

from pathlib import Path

import pyarrow as pa

from recoup.engine.backends.duck import Duck
from recoup.engine.block_rows import read_blocks
from recoup.engine.book_facts import book_facts
from recoup.engine.explaining import kept_rules, read_manifest
from recoup.engine.flowing import Flow
from recoup.engine.memory import BLOCK_LOANS, planned_sizes
from recoup.engine.one_person import PersonRules
from recoup.engine.outcome import Outcome
from recoup.engine.rulings import day_rulings
from recoup.policy.strategy import Strategy

#: What is kept of each person.
KEPT = ("debtor_id", "worst_dpd", "overdue_base_minor", "exposure_base_minor", "contracts")


def rules_of_result(result: Path) -> PersonRules:
    """Yield law, policy and day of a result. Errors: NightRefused."""
    return kept_rules(result=result, manifest=read_manifest(result))


def people_again(*, result: Path, rules: PersonRules, strategy: Strategy) -> pa.Table:
    """Yield one row per person: who, in what standing, and the treatment chosen.

    Shape: the persons of ``people.parquet``, in its order. Law, day and rows are those of the
    result; only the strategy is another. ``rules`` are the result's own.
    """
    book = result / "book"
    found = []
    with Duck(scratch=None, threads=1) as duck:
        for name in ("contacts", "holds", "outside", "collateral"):
            duck.view(name, book / f"{name}.parquet")
        rulings = day_rulings(
            pack=rules.pack,
            strategy=strategy,
            on=rules.as_of,
            book=book_facts(book=book, debtor_columns=tuple(sorted(rules.debtor_columns))),
        )
        flow = Flow(engine=duck, places=rulings.places)
        sizes = planned_sizes(limit_mib=None, resident=0, block_loans=BLOCK_LOANS)
        outcome = Outcome(rulings=rulings)
        for rows in read_blocks(book=book, rulings=rulings, threads=1, sizes=sizes):
            tables = {"loans": rows.loans, "persons": rows.persons}
            for name, table in {**tables, "promise_results": rows.promises}.items():
                duck.register(name, table)
            block = rows.block
            decided = flow.run(
                bounds={
                    "person_from": block.person_from,
                    "person_until": block.person_until,
                    "loan_from": block.loan_from,
                    "loan_until": block.loan_until,
                },
                rows=block.loans,
            )
            people = outcome.people(
                decided["people"],
                free_on=decided["free_on"],
                persons=rows.persons,
                loans=rows.loans,
            )
            found.append(people.select([*KEPT, "treatment"]))
            flow.forget()
    return pa.concat_tables(found)
