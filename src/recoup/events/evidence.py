"""What rooms hand over as evidence: entries to seal, papers about a person, figures of a period.

A room says once what it has (``recoup.site.wiring`` names all of them); the room of evidence asks
without knowing who answers. A new room's documents come into every bundle by one line there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from recoup.kernel.chain import canonical
from recoup.kernel.explain import Words


@dataclass(frozen=True, kw_only=True)
class SealSource:
    """A table whose rows are sealed day by day, each by what of it never changes.

    Shape: ``rows`` yields the query set of all of them; ``at`` names the column of the instant that
    decides the day, ``person`` the column that names the debtor; ``content`` yields what of a row
    is sealed, as JSON knows it. It must stay what it was for every row that is sealed already: a
    new column comes into it only where it is filled.
    """

    name: str
    words: Words
    rows: Callable[[], Any]
    at: str
    content: Callable[[Any], Mapping[str, object]]
    person: str = "debtor_id"


def sealed_columns(row: object, columns: Iterable[str]) -> dict[str, object]:
    """Yield columns of a row as they are sealed: instants in UTC, the same on every database."""
    found = {name: getattr(row, name) for name in columns}
    return {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in found.items()
    }


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One entry as it is sealed: its table, the key of its row, and its content."""

    source: str
    record: int
    content: Mapping[str, Any]


def entry_text(entry: Recorded) -> str:
    """Yield the one text that stands for an entry under a seal."""
    return canonical(
        {"source": entry.source, "record": entry.record, "content": dict(entry.content)}
    )


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document about a person, as it goes into a bundle.

    Shape: ``key`` names the record (``portfolio.proof:12``); ``shows`` are codes of what a court
    asks for that it proves (``statement``, ``demand``); ``file`` is its name, ``sha256`` the hash
    that was kept when it was handed in, where one was. ``content`` is read only when it is packed.
    """

    key: str
    title: str
    file: str
    at: datetime
    content: Callable[[], bytes] = field(repr=False)
    shows: tuple[str, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class PaperAsked:
    """Whose papers are wanted, in which language, and the instant of asking."""

    debtor_id: str
    language: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Period:
    """[since, until), as it was known at ``known``: what was recorded later is left out."""

    since: datetime
    until: datetime
    known: datetime


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One count: of what (codes that ``recoup.web.words`` knows by ``kinds``), and how many."""

    of: tuple[str, ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class FigureTable:
    """One table of the regulator's report: its name, its columns, its counts in a fixed order.

    Shape: ``columns`` are headings of the codes in ``Figure.of``; ``kinds`` the kind of word of
    each code, empty for one that is shown as it is.
    """

    name: str
    title: Words
    columns: tuple[Words, ...]
    kinds: tuple[str, ...]
    figures: tuple[Figure, ...]


PaperSource = Callable[[PaperAsked], Iterable[Paper]]
FigureSource = Callable[[Period], Iterable[FigureTable]]

_sealed: dict[str, SealSource] = {}
_papers: list[PaperSource] = []
_figures: list[FigureSource] = []


def seal_from(source: SealSource) -> None:
    """Seal the rows of a table from now on; naming it twice counts once."""
    _sealed[source.name] = source


def papers_from(source: PaperSource) -> None:
    """Take the papers of a room into every bundle from now on; naming it twice counts once."""
    if source not in _papers:
        _papers.append(source)


def figures_from(source: FigureSource) -> None:
    """Take the figures of a room into the regulator's report; naming it twice counts once."""
    if source not in _figures:
        _figures.append(source)


def seal_sources() -> tuple[SealSource, ...]:
    """Yield the tables that are sealed, in the order of their names."""
    return tuple(_sealed[name] for name in sorted(_sealed))


def papers_of(asked: PaperAsked) -> tuple[Paper, ...]:
    """Yield all papers about a person, in the order of the rooms."""
    return tuple(paper for source in _papers for paper in source(asked))


def figures_of(period: Period) -> tuple[FigureTable, ...]:
    """Yield all tables of a period, in the order of the rooms."""
    return tuple(table for source in _figures for table in source(period))
