"""The cases of the packs on asset classes, as rows that one SQL statement looks at.

Each case's facts are held against every row of both classification tables in force on its day:
which rows hold, which a missing fact leaves open, and the worst floor among those that hold.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from recoup.engine.row_bits import LawBits, law_bits
from recoup.kernel.classification import rank_of
from recoup.policy.classify import FIRST_PASS, SECOND_PASS, ClassRow, classification_rows
from recoup.policy.locate import packs_folder
from recoup.policy.pack import Pack, load_pack
from recoup.policy.rules import thawed
from recoup.tables.unary import both, quoted_column

TYPES = {"number": pa.int64(), "text": pa.string(), "boolean": pa.bool_(), "date": pa.date32()}


@dataclass
class Looks:
    """The cases of one pack and day before the rows of one table."""

    name: str
    pack: Pack
    rows: tuple[ClassRow, ...]
    inputs: Mapping[str, str]
    facts: dict[str, dict[str, object]] = field(default_factory=dict)

    @property
    def table(self) -> pa.Table:
        """The facts of the cases, one row each."""
        columns = {
            name: pa.array([facts.get(name) for facts in self.facts.values()], TYPES[kind])
            for name, kind in {**self.inputs, "start_on": "date"}.items()
        }
        return pa.table({"case": list(self.facts), **columns})

    @property
    def bits(self) -> LawBits:
        """The rows as the night compiles them."""
        return law_bits(rows=self.rows, has_column=lambda name: True, quoted=quoted_column)

    @property
    def sql(self) -> str:
        """What every engine is asked of that table."""
        bits = self.bits
        inner = f'SELECT "case", {bits.bits_sql()} AS bits, {bits.open_sql()} AS opened'
        looked = f"({inner} FROM {self.name}) AS looked"
        ranked = f'"case", bits, opened, {bits.class_sql(bits="bits")} AS floor'
        return f"SELECT '{self.name}' AS look, {ranked} FROM {looked}"

    def plain(self) -> Iterator[tuple[str, str, int, int, int]]:
        """What plain Python answers: look, case, bits that hold, bits left open, worst floor."""
        can_be_open = [row.can_be_open for row in self.bits.rows]
        for case, facts in self.facts.items():
            bits = opened = floor = 0
            for place, row in enumerate(self.rows):
                found: bool | None = True
                for name, test in [*row.applies.items(), *row.when.items()]:
                    found = both(found, test.holds(facts.get(name)))
                bits |= (found is True) << place
                opened |= (found is None and can_be_open[place]) << place
                floor = max(floor, rank_of(asset_class=row.then)) if found else floor
            yield (self.name, case, bits, opened, floor)


def looks_at_cases() -> list[Looks]:
    """Every case on classes of every pack, by pack, day and table."""
    found = []
    for folder in sorted(packs_folder().iterdir()):
        pack = load_pack(folder)
        by_day: dict[date, dict[str, dict[str, object]]] = defaultdict(dict)
        for case in pack.cases:
            if case.ask == "classify":
                by_day[case.on][case.id] = _facts(thawed(case.facts))
        for on, facts in sorted(by_day.items()):
            for table in (FIRST_PASS, SECOND_PASS):
                name = f"cases_{pack.id}_{on:%Y%m%d}_{table}"
                rows = classification_rows(pack=pack, on=on, table=table)
                if rows:
                    found.append(Looks(name, pack, rows, pack.tables[table].inputs, facts))
    return found


def _facts(facts: object) -> dict[str, object]:
    """The facts of a case about its first claim, with those about its debtor."""
    assert isinstance(facts, dict)
    claims = facts.get("claims")
    return {**facts, **claims[0]} if isinstance(claims, list) and claims else facts
