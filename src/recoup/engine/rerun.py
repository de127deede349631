"""Whether the result of a night lies there already, made of the same inputs; if not, what differs.

Inputs are the files of the book, the pack, the strategy, what the bank tolerates of bad rows, and
the programs. A night over the same inputs gives the same bytes, so it need not be run.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recoup.engine.backends.duck import Duck
from recoup.engine.book.files import file_sha256, find_files
from recoup.engine.book_changes import TableChange, TwoBooks
from recoup.engine.explaining import read_manifest
from recoup.engine.manifest import program_versions
from recoup.engine.night import NightDone, NightOrder
from recoup.engine.placing import MARK
from recoup.engine.what_changed import differing_files, tables_that_differ
from recoup.engine.writing import file_digest
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy


@dataclass(frozen=True, kw_only=True)
class Since:
    """What differs from the inputs of the result that is there.

    Shape: ``tables`` names of tables whose file differs, came or went; ``files`` files of pack and
    strategy; ``others`` further inputs, as ``name before → now``; ``altered`` files of the result
    that are no longer as the night wrote them.
    """

    tables: tuple[str, ...]
    files: tuple[str, ...]
    others: tuple[str, ...]
    altered: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether running the night again would give the same bytes."""
        return not (self.tables or self.files or self.others or self.altered)


def since_result(order: NightOrder) -> Since | None:
    """Yield what differs from the result at the night's own place; None where there is none.

    A result of another date is none. Errors: BookRefused, when the book cannot be read.
    """
    if not (order.out / MARK).is_file():
        return None
    manifest = read_manifest(order.out)
    if manifest.get("as_of") != order.as_of.isoformat():
        return None
    others = _unlike(
        {
            **_mapping(manifest.get("limits")),
            "dry_run": "dry_run" in manifest,
            "engine": manifest["engine"],
        },
        {
            "max_bad_ppm": order.max_bad_ppm,
            "go_on": order.go_on,
            "dry_run": order.dry_run,
            "engine": order.engine,
        },
    )
    return Since(
        tables=tables_since(manifest=manifest, book=order.book),
        files=policy_since(
            manifest=manifest, result=order.out, pack=order.pack, strategy=order.strategy
        ),
        others=(*others, *versions_since(manifest=manifest)),
        altered=tuple(_altered(order.out, manifest)),
    )


def tables_since(*, manifest: Mapping[str, Any], book: Path) -> tuple[str, ...]:
    """Yield the tables whose file is not what a result was made of. Errors: BookRefused."""
    then = {name: manifest["inputs"][one["file"]] for name, one in manifest["tables"].items()}
    now = {table: file_sha256(path) for table, path in find_files(book).by_table.items()}
    return tuple(name for name in {**then, **now} if then.get(name) != now.get(name))


def policy_since(
    *, manifest: Mapping[str, Any], result: Path, pack: Pack, strategy: Strategy
) -> tuple[str, ...]:
    """Yield the files of pack and strategy that are not what a result was decided under.

    Where the result's own copies are gone, only whether it is another pack or strategy.
    """
    found: list[str] = []
    for part, policy in (("pack", pack), ("strategy", strategy)):
        head = manifest[part]
        if (head["id"], head["content_hash"]) == (policy.id, policy.content_hash):
            continue
        kept = result / "policy" / part / str(head["id"])
        names = differing_files(kept, policy.folder) if kept.is_dir() else (policy.id,)
        found += [f"{part}/{name}" for name in names]
    return tuple(found)


def versions_since(*, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Yield the programs whose version differs."""
    return tuple(_unlike(manifest["versions"], program_versions()))


def row_counts(*, before: Path, after: Path) -> tuple[TableChange, ...]:
    """Yield how many rows came, went and differ between the books of two results, by table."""
    heads = [read_manifest(folder) for folder in (before, after)]
    with tempfile.TemporaryDirectory(prefix="recoup-") as spill, Duck(scratch=Path(spill)) as duck:
        books = TwoBooks(duck=duck, before=before / "book", after=after / "book")
        return books.counts(tables_that_differ(heads))


def done_before(out: Path) -> NightDone:
    """Yield what the night that made a result had to say of it."""
    manifest = read_manifest(out)
    tables = list(_mapping(manifest["tables"]).values())
    return NightDone(
        out=out,
        manifest=manifest,
        rejected_rows=sum(table["rejected"] for table in tables),
        warnings=sum(table["warnings"] for table in tables),
    )


def _unlike(before: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield f"{name} {before.get(name, '–')} → {now.get(name, '–')}"


def _altered(out: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, told in manifest["results"].items():
        file = out / name
        if not file.is_file() or file_digest(file) != told["sha256"]:
            yield name


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
