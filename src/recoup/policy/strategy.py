"""Strategies: bank policy as data, within the law. Loads one, or refuses it with every finding.

A strategy is a folder: ``strategy.yaml``, ``caps.yaml``, ``holds.yaml``, ``capacity.yaml`` and one
DMN file per decision table. It is read as a whole or refused as a whole; with a pack, the loader
also proves that it only tightens the law.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from recoup.policy import strategy_loading
from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Place
from recoup.policy.pack import Pack, content_hash, pack_files
from recoup.policy.strategy_findings import StrategyFindings, StrategyRefused
from recoup.policy.strategy_law import check_against_law, check_matrix
from recoup.policy.strategy_parts import (
    PPM,
    Approval,
    Arm,
    Bucket,
    Cap,
    Capacity,
    CasePolicy,
    Experiment,
    Hold,
    QuietHours,
    StopWords,
    Tolerance,
)
from recoup.policy.strategy_tables import TABLES, check_tables, read_tables
from recoup.policy.yaml_tree import Branch, read_tree
from recoup.tables.table import DecisionTable

__all__ = ["Strategy", "StrategyRefused", "load_strategy"]

FILES = ("strategy.yaml", "caps.yaml", "holds.yaml", "capacity.yaml")
#: Files that only those read who write to people: see recoup.policy.texts.
TEXTS = ("texts/messages.yaml", "texts/forbidden.yaml")


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """The policy of a bank, as loaded; it cannot be changed."""

    id: str
    name: Bilingual
    version: str
    owner: str
    folder: Path
    content_hash: str
    valid_from: date
    approvals: tuple[Approval, ...]
    buckets: tuple[Bucket, ...]
    tables: Mapping[str, DecisionTable]
    caps: tuple[Cap, ...]
    quiet_hours: tuple[QuietHours, ...]
    holds: Mapping[str, Hold]
    capacity: Capacity
    channel_order: Mapping[str, tuple[str, ...]]
    promise_tolerance: Tolerance
    experiment: Experiment
    reclassify_legacy_from: date | None
    agreed_order: tuple[int, int, int]
    cases: CasePolicy = field(default_factory=CasePolicy)
    reviews: Mapping[str, int] = field(default_factory=dict)
    #: A promise may run so many days at most; None sets no limit.
    promise_horizon_days: int | None = None
    #: What in a reply asks us to stop; None: replies cannot be read by machine.
    stop_words: StopWords | None = None
    retail_table: str = "retail_class"

    def bucket_of(self, *, dpd: int) -> str:
        """Yield the name of the bucket of a number of days past due."""
        found = self.buckets[0]
        for bucket in self.buckets:
            if bucket.from_dpd <= dpd:
                found = bucket
        return found.name

    def arm_of(self, *, debtor_id: str) -> Arm:
        """Yield the arm of the experiment to which a person belongs, the same every night.

        Shape: the first 8 hexadecimal digits of MD5("<experiment>:<debtor_id>") as a number
        between 0 and 2^32 give the person's place in parts per million; arms follow each other.
        """
        text = f"{self.experiment.id}:{debtor_id}".encode()
        digits = hashlib.md5(text, usedforsecurity=False).hexdigest()[:8]
        place = int(digits, 16) * PPM // 2**32
        passed = 0
        for arm in self.experiment.arms:
            passed += arm.share_ppm
            if place < passed:
                return arm
        return self.experiment.arms[-1]


def load_strategy(path: Path | str, *, pack: Pack | None = None) -> Strategy:
    """Yield the strategy in a folder.

    Shape: with ``pack``, every cap, quiet hour and day of the retail matrix is held against the
    law of the pack, from the strategy's first day on.
    Errors: StrategyRefused, with every finding: code, file, line, path, sentence in zh and en.
    """
    folder = Path(path)
    findings = StrategyFindings()
    _refuse_unknown_files(folder, findings)
    trees = {name: _tree(folder, name, findings) for name in FILES}
    head = strategy_loading.read_head(node=trees["strategy.yaml"], findings=findings)
    caps, quiet = strategy_loading.read_caps(node=trees["caps.yaml"], findings=findings)
    holds = strategy_loading.read_holds(node=trees["holds.yaml"], findings=findings)
    capacity = strategy_loading.read_capacity(node=trees["capacity.yaml"], findings=findings)
    if head.id and head.id != folder.resolve().name:
        place = trees["strategy.yaml"].place
        shown = folder.resolve().name
        findings.add("strategy_folder_differs", place, id=head.id, folder=shown)
    tables = read_tables(folder=folder, findings=findings)
    check_tables(tables=tables, findings=findings)
    if "retail_class" in tables and not findings.sorted():
        matrix = tables["retail_class"]
        check_matrix(table=matrix, rows=(), on=head.valid_from, seen=set(), findings=findings)
    if pack is not None and not findings.sorted():
        check_against_law(
            pack=pack,
            valid_from=head.valid_from,
            caps=caps,
            quiet_hours=quiet,
            retail_table=tables["retail_class"],
            reclassify_legacy_from=head.reclassify_legacy_from,
            findings=findings,
        )
    found = findings.sorted()
    if found:
        raise StrategyRefused(found)
    return Strategy(
        id=head.id,
        name=head.name,
        version=head.version,
        owner=head.owner,
        folder=folder,
        content_hash=content_hash(folder=folder),
        valid_from=head.valid_from,
        approvals=head.approvals,
        buckets=head.buckets,
        tables=tables,
        caps=caps,
        quiet_hours=quiet,
        holds=holds,
        capacity=capacity,
        channel_order=head.channel_order,
        promise_tolerance=head.promise_tolerance,
        experiment=head.experiment,
        reclassify_legacy_from=head.reclassify_legacy_from,
        agreed_order=head.agreed_order,
        cases=head.cases,
        reviews=head.reviews,
        promise_horizon_days=head.promise_horizon_days,
        stop_words=head.stop_words,
    )


def _tree(folder: Path, name: str, findings: StrategyFindings) -> Branch:
    place = Place(file=name, line=1, path="")
    if not (folder / name).is_file():
        if name == "strategy.yaml":
            # Without it the other files cannot be judged: whose policy are they?
            findings.add("strategy_yaml_missing", place, folder=folder.name)
            raise StrategyRefused(findings.sorted())
        findings.add("strategy_file_missing", place, name=name)
        return Branch(place=place, entries={})
    node = read_tree(path=folder / name, shown_as=name, findings=findings)
    if isinstance(node, Branch):
        return node
    if node is not None:
        findings.add("not_a_mapping", node.place)
    return Branch(place=place, entries={})


def _refuse_unknown_files(folder: Path, findings: StrategyFindings) -> None:
    known = {*FILES, *(f"{table}.dmn" for table in TABLES), *TEXTS}
    for file in pack_files(folder=folder) if folder.is_dir() else ():
        name = file.relative_to(folder).as_posix()
        if name not in known and not name.startswith("README"):
            place = Place(file=name, line=1, path="")
            findings.add("strategy_unknown_file", place, name=name)
