"""What a reader may do with any bytes at all: take them, or refuse them in both languages.

Each function is given a file's bytes and where it stands, and raises ``Misread`` when the reader
did anything else: let a surprise through, lost rows, or read the same bytes in two ways.
"""

import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
from tests.book.books import a_book, write_csv

from recoup.engine.book.intake import Intake
from recoup.engine.book.refused import BookRefused
from recoup.engine.book.take_in import take_in
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import Pack, PackRefused, load_pack
from recoup.policy.strategy import StrategyRefused, load_strategy
from recoup.policy.table_review import review_tables
from recoup.policy.text_findings import TextsRefused
from recoup.policy.texts import load_texts
from recoup.tables.dmn import ModelRefused, read_model
from recoup.tables.facts import json_of
from recoup.tables.model import TooDeep

AS_OF = date(2026, 11, 20)
#: By the format's name: where seeds come from, and what reads a mutated one.
Reader = Callable[[bytes, str, Path], str]


class Misread(AssertionError):
    """A reader neither took nor refused what it was given."""


def read_table(raw: bytes, name: str, scratch: Path) -> str:
    """Take in a book of which the table ``name`` (a file name) has these bytes; what came of it."""
    folder = scratch / "book"
    if not folder.exists():
        write_csv(a_book(), folder)
    table = name.partition(".")[0]
    for file in folder.glob(f"{table}.*"):
        file.unlink()
    (folder / name).write_bytes(raw)
    try:
        once = _taken(folder, scratch / "once")
        again = _taken(folder, scratch / "again")
    finally:
        (folder / name).unlink()
        write_csv({table: a_book()[table]}, folder)
    if once != again:
        raise Misread(f"{name}: read twice, read differently")
    return once[0]


def _taken(folder: Path, into: Path) -> tuple[str, dict[str, bytes]]:
    shutil.rmtree(into, ignore_errors=True)
    try:
        intake = take_in(
            folder=folder,
            into=into,
            as_of=AS_OF,
            pack_currency="CNY",
            time_zone="Asia/Shanghai",
            go_on=True,
        )
    except BookRefused as refused:
        _said(refused.zh, refused.en)
        return refused.code, {}
    _check(intake)
    files = {file.name: file.read_bytes() for file in sorted(intake.book.iterdir())}
    return "taken", files | {"rejects": intake.rejects.read_bytes()}


def _check(intake: Intake) -> None:
    for table in intake.tables.values():
        if table.rows_read != table.rows_accepted + table.rows_rejected:
            raise Misread(f"{table.name}: {table.rows_read} rows became others")
    for row in pq.read_table(intake.rejects).to_pylist():
        _said(row["sentence_zh"], row["sentence_en"])


def _said(zh: str, en: str) -> None:
    if not (zh.strip() and en.strip()):
        raise Misread("a refusal without a sentence")


@cache
def _china() -> Pack:
    """The pack under which the example strategy stands."""
    return load_pack(packs_folder() / "cn", with_cases=False)


def read_policy(raw: bytes, name: str, scratch: Path) -> str:
    """Load the pack zz or the example strategy, of which the file ``name`` has these bytes."""
    kept = {"packs": packs_folder() / "zz", "strategies": strategies_folder() / "example"}
    for source in kept.values():
        if not (scratch / source.name).exists():
            shutil.copytree(source, scratch / source.name)
    part, _, inner = name.partition("/")
    file = scratch / kept[part].name / inner
    whole = file.read_bytes()
    file.write_bytes(raw)
    try:
        if part == "packs":
            load_texts(pack=load_pack(scratch / kept[part].name))
        else:
            strategy = load_strategy(scratch / kept[part].name, pack=_china(), dry_run=True)
            load_texts(pack=_china(), strategy=strategy)
    except (PackRefused, StrategyRefused, TextsRefused) as refused:
        for finding in refused.findings:
            _said(finding.sentence.zh, finding.sentence.en)
        return "refused"
    finally:
        file.write_bytes(whole)
    return "loaded"


def read_decisions(raw: bytes, name: str, scratch: Path) -> str:
    """Read a decision model, evaluate every decision without inputs, and review its tables."""
    try:
        model = read_model(raw)
    except ModelRefused as refused:
        _said(refused.zh, refused.en)
        return "refused"
    pack = load_pack(packs_folder() / "zz", with_cases=False)
    review_tables(tables=model.tables, file=name, pack=pack)
    for decision in model.decisions:
        try:
            json_of(model.evaluate(decision=decision, facts={}))
        except TooDeep as stop:
            _said(stop.zh, stop.en)
            return "too deep"
    return "read"


READERS: dict[str, Reader] = {
    "csv": read_table,
    "parquet": read_table,
    "yaml": read_policy,
    "dmn": read_decisions,
}
