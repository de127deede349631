"""Checks a decision table like a reviewer: gaps, overlaps, rows that never fire, outputs.

Every answer is exact: the inputs are cut into pieces (``domains``), each row is a box of pieces,
and the boxes are reasoned about, not sampled. What cannot be reasoned about, a cell that compares
with more than constants, is named as unchecked. See docs/algorithms/table_review.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from recoup.tables import syntax
from recoup.tables.domains import Domain, domain_of
from recoup.tables.feel import evaluate
from recoup.tables.table import DecisionTable, InputColumn, Row, priority_of
from recoup.tables.unary import ColumnType, UnaryTests, UnreadableCell, unary_of
from recoup.tables.values import same

#: Findings of one kind that are told of one table.
MOST = 10
#: Steps of the search for gaps after which it says that it did not finish.
STEPS = 2_000_000
#: Rows of a table up to which all pairs are compared in passing.
MOST_COMPARED = 500

_ONE_ANSWER = ("UNIQUE", "FIRST", "ANY", "PRIORITY")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Inputs that no row answers: their ranges as FEEL, and one of them. ``missing``: only where
    these inputs are null; an input with nothing missing has an answer.
    """

    ranges: Mapping[str, str]
    example: Mapping[str, object]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Two rows that answer one input where the hit policy wants one answer."""

    rows: tuple[Row, Row]
    example: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class NeverFires:
    """A row that no input reaches: ``column`` allows no value, or the ``rows`` before take all."""

    row: Row
    column: str | None = None
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WrongOutput:
    """A result outside the declared output values; ``row`` is None for the default output."""

    row: Row | None
    column: str
    text: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unchecked:
    """A cell that compares with more than constants: nothing exact is known of its row."""

    row: Row
    column: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Review:
    """All that a reviewer finds in one table; ``unfinished`` where the search for gaps gave up."""

    gaps: tuple[Gap, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    never: tuple[NeverFires, ...] = ()
    outputs: tuple[WrongOutput, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    unfinished: bool = False


def review(table: DecisionTable, *, whole: Callable[[str], bool] = lambda name: False) -> Review:
    """Yield what a reviewer finds; ``whole`` tells of an input whether its numbers are whole.

    A table with a default output has no gaps. Tables that gather all hits may overlap and may stay
    silent, so that only their rows and outputs are looked at.
    """
    outputs = tuple(_wrong_outputs(table))[:MOST]
    unchecked = tuple(_unchecked(table))
    if unchecked:
        return Review(outputs=outputs, unchecked=unchecked[:MOST])
    boxes = _Boxes(table=table, domains=_domains(table, whole))
    gaps: list[Gap] = []
    never: list[NeverFires] = []
    unfinished = False
    try:
        never = list(boxes.never())
        if table.hit_policy in _ONE_ANSWER and all(one.default is None for one in table.outputs):
            gaps = list(boxes.gaps())
    except _TooManySteps:
        unfinished = True
    return Review(
        gaps=tuple(gaps),
        overlaps=tuple(boxes.overlaps()),
        never=tuple(never[:MOST]),
        outputs=outputs,
        unfinished=unfinished,
    )


def rows_are_apart(table: DecisionTable) -> bool:
    """Tell whether no input at all reaches two rows.

    False as well where that cannot be reasoned about, or not cheaply.
    """
    if len(table.rows) > MOST_COMPARED or any(True for _ in _unchecked(table)):
        return False
    boxes = _Boxes(table=table, domains=_domains(table, lambda name: False))
    return not any(boxes.meet_later(place) for place in range(len(table.rows)))


class _TooManySteps(Exception):
    """The search was given up."""


@dataclass
class _Boxes:
    """The rows of a table as boxes over its domains; a set of rows is an integer, bit by bit."""

    table: DecisionTable
    domains: Sequence[Domain]
    steps: int = field(default=0)

    @cached_property
    def boxes(self) -> list[list[int]]:
        """Pieces by row and domain; an expression in two columns is one domain."""
        return [self._box(row) for row in self.table.rows]

    @cached_property
    def by_piece(self) -> list[list[int]]:
        """The set of rows that hold on each piece, by domain."""
        found = []
        for level, domain in enumerate(self.domains):
            rows = [0] * (len(domain.samples) + 1)
            for place, box in enumerate(self.boxes):
                for piece in _bits(box[level]):
                    rows[piece] |= 1 << place
            found.append(rows)
        return found

    @cached_property
    def open_from(self) -> list[int]:
        """By domain: the rows that take everything from that domain on."""
        found = []
        for level in range(len(self.domains) + 1):
            rest = range(level, len(self.domains))
            open_rows = (
                1 << place
                for place, box in enumerate(self.boxes)
                if all(box[one] == self.domains[one].full for one in rest)
            )
            found.append(sum(open_rows))
        return found

    def gaps(self) -> Iterator[Gap]:
        """Yield gaps among complete inputs, then for each input one that its absence opens."""
        every = (1 << len(self.boxes)) - 1
        known = [domain.known for domain in self.domains]
        found = [self._gap(box) for box in islice(self._holes(every, known), MOST)]
        for level, domain in enumerate(self.domains):
            within = [*known[:level], domain.null, *known[level + 1 :]]
            opened = (box for box in self._holes(every, within) if self._answered(box, level))
            found += [self._gap(box, (domain.name,)) for box in islice(opened, 1)]
        if not found:
            whole = [domain.full for domain in self.domains]
            found += [
                self._gap(box, self._nulls(box)) for box in islice(self._holes(every, whole), 1)
            ]
        yield from found

    def _answered(self, box: Sequence[int], level: int) -> bool:
        """Tell whether a row answers something of a box once the input of that domain is known."""
        asked = [*box[:level], self.domains[level].known, *box[level + 1 :]]
        return any(
            all(one & other for one, other in zip(asked, row, strict=True)) for row in self.boxes
        )

    def _nulls(self, box: Sequence[int]) -> tuple[str, ...]:
        pairs = zip(self.domains, box, strict=True)
        return tuple(domain.name for domain, pieces in pairs if not pieces & domain.known)

    def overlaps(self) -> Iterator[Overlap]:
        """Yield pairs of rows that one input reaches: in a UNIQUE table, in ANY if they differ."""
        if self.table.hit_policy not in ("UNIQUE", "ANY"):
            return
        told = 0
        for place in range(len(self.boxes)):
            for other in _bits(self.meet_later(place)):
                pair = (self.table.rows[place], self.table.rows[place + 1 + other])
                if self.table.hit_policy == "ANY" and _same_outputs(*pair):
                    continue
                yield Overlap(
                    rows=pair, example=self._example(self._both(place, place + 1 + other))
                )
                told += 1
                if told == MOST:
                    return

    def meet_later(self, place: int) -> int:
        """Yield which of the rows after one share an input with it, the next row first."""
        return self._meeting(place) >> (place + 1)

    def never(self) -> Iterator[NeverFires]:
        """Yield the rows that no input reaches."""
        before = 0
        for place in self._in_order():
            row, box = self.table.rows[place], self.boxes[place]
            empty = next((level for level, pieces in enumerate(box) if not pieces), None)
            if empty is not None:
                yield NeverFires(row=row, column=self.domains[empty].name)
                continue
            if self.table.hit_policy in ("FIRST", "PRIORITY"):
                earlier = self._meeting(place) & before
                if earlier and next(self._holes(earlier, box), None) is None:
                    taking = tuple(self.table.rows[one] for one in _bits(earlier))
                    yield NeverFires(row=row, rows=taking)
            before |= 1 << place

    def _in_order(self) -> Sequence[int]:
        """Yield the places of the rows, those that win first."""
        places = range(len(self.table.rows))
        if self.table.hit_policy != "PRIORITY":
            return places
        ranks = [
            priority_of(
                table=self.table, outputs=[evaluate(cell.expression, {}) for cell in row.outputs]
            )
            for row in self.table.rows
        ]
        return sorted(places, key=lambda place: ranks[place])

    def _holes(self, rows: int, within: Sequence[int]) -> Iterator[list[int]]:
        """Yield boxes within a box that none of the rows takes; they do not overlap."""
        closed: set[tuple[int, int]] = set()

        def search(level: int, live: int) -> Iterator[list[int]]:
            self.steps += 1
            if self.steps > STEPS:
                raise _TooManySteps
            if not live:
                yield list(within[level:])
                return
            if live & self.open_from[level] or (level, live) in closed:
                return
            parts: dict[tuple[int, bool], int] = {}
            of_piece, null = self.by_piece[level], len(self.domains[level].samples)
            for piece in _bits(within[level]):
                part = live & of_piece[piece], piece == null
                parts[part] = parts.get(part, 0) | 1 << piece
            found = False
            for (left, _), pieces in parts.items():
                for rest in search(level + 1, left):
                    found = True
                    yield [pieces, *rest]
            if not found:
                closed.add((level, live))

        return search(0, rows)

    def _meeting(self, place: int) -> int:
        """Yield the rows that share an input with a row, the row itself among them."""
        found = (1 << len(self.boxes)) - 1
        for level, pieces in enumerate(self.boxes[place]):
            if pieces == self.domains[level].full:
                found &= self._reachable[level]
                continue
            meeting = 0
            for piece in _bits(pieces):
                meeting |= self.by_piece[level][piece]
            found &= meeting
        return found

    @cached_property
    def _reachable(self) -> list[int]:
        """By domain: the rows that hold on any piece at all."""
        return [
            sum(1 << place for place, box in enumerate(self.boxes) if box[level])
            for level in range(len(self.domains))
        ]

    def _both(self, place: int, other: int) -> list[int]:
        pairs = zip(self.boxes[place], self.boxes[other], strict=True)
        return [one & two for one, two in pairs]

    def _gap(self, box: Sequence[int], missing: tuple[str, ...] = ()) -> Gap:
        ranges = {
            domain.name: domain.told(pieces)
            for domain, pieces in zip(self.domains, box, strict=True)
            if pieces & domain.known != domain.known
        }
        return Gap(ranges=ranges, example=self._example(box), missing=missing)

    def _example(self, box: Sequence[int]) -> dict[str, object]:
        return {
            domain.name: domain.sample(pieces)
            for domain, pieces in zip(self.domains, box, strict=True)
        }

    def _box(self, row: Row) -> list[int]:
        box = {domain.name: domain.full for domain in self.domains}
        by_name = {domain.name: domain for domain in self.domains}
        for cell, column in zip(row.cells, self.table.inputs, strict=True):
            if cell.tests.tests and cell.unary is not None:
                box[column.text] &= by_name[column.text].pieces(cell.unary)
        return list(box.values())


def _domains(table: DecisionTable, whole: Callable[[str], bool]) -> list[Domain]:
    columns: dict[str, list[int]] = {}
    for place, column in enumerate(table.inputs):
        columns.setdefault(column.text, []).append(place)
    return [_domain(table, places, whole(name)) for name, places in columns.items()]


def _domain(table: DecisionTable, places: Sequence[int], whole: bool) -> Domain:
    column = table.inputs[places[0]]
    cells = [
        cell.unary
        for row in table.rows
        for cell in (row.cells[place] for place in places)
        if cell.tests.tests and cell.unary is not None
    ]
    column_type = cells[0].column_type if cells else column.column_type or "text"
    allowed = _allowed(table.inputs[places[0]], column_type)
    return domain_of(
        name=column.text, column_type=column_type, cells=cells, allowed=allowed, whole=whole
    )


def _allowed(column: InputColumn, column_type: ColumnType) -> UnaryTests | None:
    """Yield the declared values of an input; None where they are more than constants."""
    if column.allowed is None or not column.allowed.tests:
        return None
    try:
        return unary_of(tree=column.allowed, text=column.text, column_type=column_type)
    except UnreadableCell:
        return None


def _unchecked(table: DecisionTable) -> Iterator[Unchecked]:
    for row in table.rows:
        for cell, column in zip(row.cells, table.inputs, strict=True):
            if cell.tests.tests and cell.unary is None:
                yield Unchecked(row=row, column=column.label or column.text, text=cell.text)


def _wrong_outputs(table: DecisionTable) -> Iterator[WrongOutput]:
    for place, column in enumerate(table.outputs):
        if not column.allowed:
            continue
        allowed = [evaluate(node, {}) for node in column.allowed]
        told = tuple(str(one) for one in allowed)
        for row in table.rows:
            output = row.outputs[place]
            if _is_constant(output.expression) and not _among(output.expression, allowed):
                yield WrongOutput(row=row, column=column.name, text=output.text, allowed=told)
        if column.default is not None and not _among(column.default, allowed):
            text = str(evaluate(column.default, {}))
            yield WrongOutput(row=None, column=column.name, text=text, allowed=told)


def _among(node: syntax.Node, allowed: Sequence[object]) -> bool:
    value = evaluate(node, {})
    return any(same(value, one) is True for one in allowed)


def _is_constant(node: syntax.Node) -> bool:
    if isinstance(node, syntax.Negative):
        return _is_constant(node.operand)
    if isinstance(node, syntax.Call) and node.function == syntax.Name("date"):
        return all(_is_constant(argument.value) for argument in node.arguments)
    return isinstance(node, syntax.Literal)


def _same_outputs(one: Row, other: Row) -> bool:
    pairs = zip(one.outputs, other.outputs, strict=True)
    return all(
        same(evaluate(left.expression, {}), evaluate(right.expression, {})) is True
        for left, right in pairs
    )


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
