"""Times the day decision on a night's result: opening, the first person, and many warm ones.

Run as ``python tests/speed/redecide.py --result OUT``: persons are drawn by luck from the whole
book, and each gets a receipt on the contract that leads. Prints wall and processor milliseconds.
"""

import argparse
import random
from pathlib import Path
from time import perf_counter_ns, thread_time_ns

import pyarrow.parquet as pq

from recoup.engine.day import DayBook, DayChanges, DayReceipt

MILLION = 1_000_000


class Clock:
    """Milliseconds since it was made: on the wall, and of the processor."""

    def __init__(self) -> None:
        self._wall, self._processor = perf_counter_ns(), thread_time_ns()

    def read(self) -> tuple[float, float]:
        """Yield both."""
        wall, processor = perf_counter_ns() - self._wall, thread_time_ns() - self._processor
        return wall / MILLION, processor / MILLION


def quantiles(name: str, figures: list[float]) -> str:
    """Yield one line with the least figure and four quantiles."""
    ordered = sorted(figures)
    marks = (("least", 0), ("p50", 500), ("p90", 900), ("p99", 990))
    told = [f"{mark} {ordered[len(ordered) * place // 1000]:.1f}" for mark, place in marks]
    return f"{name}: {', '.join(told)}, greatest {ordered[-1]:.1f}"


def main() -> None:
    """Time one result and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--result", type=Path, required=True)
    parser.add_argument("--persons", type=int, default=500)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    people = pq.read_table(
        args.result / "people.parquet", columns=["debtor_id", "leading_contract_id"]
    ).to_pylist()
    owing = [row for row in people if row["leading_contract_id"]]
    drawn = random.Random(args.seed).sample(owing, min(args.persons, len(owing)))
    opening = Clock()
    book = DayBook(result=args.result)
    print(f"{len(people):,} persons; opened in {opening.read()[0]:.0f} ms", end=", ")
    warming = Clock()
    book.warm_up()
    print(f"made ready in {warming.read()[0]:.0f} ms")
    taken = []
    for number, row in enumerate(drawn):
        receipt = DayReceipt(
            payment_id=f"BENCH-{number}",
            contract_id=row["leading_contract_id"],
            paid_on=book.as_of,
            amount_minor=100_00,
        )
        clock = Clock()
        book.redecide(debtor_id=row["debtor_id"], changes=DayChanges(receipts=(receipt,)))
        taken.append(clock.read())
    print(quantiles("wall, ms", [wall for wall, _ in taken]))
    print(quantiles("processor, ms", [processor for _, processor in taken]))


if __name__ == "__main__":
    main()
