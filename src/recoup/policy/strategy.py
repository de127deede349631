"""Strategies: bank policy as data, within the law. Loads one, or refuses it with every finding.

A strategy is a folder: ``strategy.yaml``, ``caps.yaml``, ``holds.yaml``, ``capacity.yaml`` and one
DMN file per decision table; ``experiments.yaml`` where something is tried out. It is read as a
whole or refused as a whole; with a pack, the loader also proves that it only tightens the law.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from recoup.policy import strategy_loading
from recoup.policy.bilingual import Bilingual
from recoup.policy.experiment_parts import Experiments
from recoup.policy.experiments import FILE as EXPERIMENTS_FILE
from recoup.policy.experiments import check_enrolment, read_experiments
from recoup.policy.findings import Finding, Place
from recoup.policy.pack import Pack, content_hash, pack_files
from recoup.policy.signing import signed_content
from recoup.policy.strategy_findings import LOOSENED, UNSIGNED, StrategyFindings, StrategyRefused
from recoup.policy.strategy_law import check_against_law, check_matrix
from recoup.policy.strategy_loading import StrategyHead
from recoup.policy.strategy_parts import (
    Approval,
    Bucket,
    Cap,
    Capacity,
    CasePolicy,
    ComplaintPolicy,
    Hold,
    NumberSources,
    QuietHours,
    StopWords,
    Tolerance,
)
from recoup.policy.strategy_tables import TABLES, check_tables, read_tables
from recoup.policy.yaml_tree import Branch, read_tree
from recoup.tables.table import DecisionTable

__all__ = ["Strategy", "StrategyRefused", "load_strategy"]

FILES = ("strategy.yaml", "caps.yaml", "holds.yaml", "capacity.yaml")
#: Files that only those read who write to people, or review it: see recoup.policy.texts, .quality.
READ_APART = ("texts/messages.yaml", "texts/forbidden.yaml", "quality.yaml")


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
    reclassify_legacy_from: date | None
    agreed_order: tuple[int, int, int]
    cases: CasePolicy = field(default_factory=CasePolicy)
    complaints: ComplaintPolicy = field(default_factory=ComplaintPolicy)
    reviews: Mapping[str, int] = field(default_factory=dict)
    #: A promise may run so many days at most; None sets no limit.
    promise_horizon_days: int | None = None
    #: What in a reply asks us to stop; None: replies cannot be read by machine.
    stop_words: StopWords | None = None
    #: Which numbers and addresses are used; empty: those that the law lets us use.
    number_sources: tuple[NumberSources, ...] = ()
    #: What is tried out, on whom; by default nothing.
    experiments: Experiments = field(default_factory=Experiments)
    retail_table: str = "retail_class"
    #: What stands against it and was passed over, because it was only to be looked at.
    tolerated: tuple[Finding, ...] = ()

    def bucket_of(self, *, dpd: int) -> str:
        """Yield the name of the bucket of a number of days past due."""
        found = self.buckets[0]
        for bucket in self.buckets:
            if bucket.from_dpd <= dpd:
                found = bucket
        return found.name


def load_strategy(path: Path | str, *, pack: Pack | None = None, dry_run: bool = False) -> Strategy:
    """Yield the strategy in a folder.

    Shape: with ``pack``, every cap, quiet hour, source of numbers and day of the retail matrix is
    held against the law of the pack, from the strategy's first day on. ``dry_run``: to be looked at
    only, so that missing signatures and what is looser than the law are told in ``tolerated``, not
    refused.
    Errors: StrategyRefused, with every finding: code, file, line, path, sentence in zh and en.
    """
    folder = Path(path)
    findings = StrategyFindings()
    trees = {name: _tree(folder, name, findings) for name in FILES}
    head = strategy_loading.read_head(node=trees["strategy.yaml"], findings=findings)
    limits = strategy_loading.read_limits(node=trees["caps.yaml"], findings=findings)
    holds = strategy_loading.read_holds(node=trees["holds.yaml"], findings=findings)
    capacity = strategy_loading.read_capacity(node=trees["capacity.yaml"], findings=findings)
    if head.id and head.id != folder.resolve().name:
        place = trees["strategy.yaml"].place
        shown = folder.resolve().name
        findings.add("strategy_folder_differs", place, id=head.id, folder=shown)
    _check_signatures(folder, head, trees["strategy.yaml"], findings)
    experiments = _experiments(folder, findings)
    variants = experiments.treatment_tables()
    _refuse_unknown_files(folder, variants, findings)
    tables = read_tables(folder=folder, variants=variants, findings=findings)
    check_tables(tables=tables, findings=findings)
    check_enrolment(experiments=experiments, tables=tables, findings=findings)
    if "retail_class" in tables and not _serious(findings):
        matrix = tables["retail_class"]
        check_matrix(table=matrix, rows=(), on=head.valid_from, seen=set(), findings=findings)
    if pack is not None and not _serious(findings):
        check_against_law(
            pack=pack,
            valid_from=head.valid_from,
            limits=limits,
            retail_table=tables["retail_class"],
            reclassify_legacy_from=head.reclassify_legacy_from,
            findings=findings,
        )
    found = findings.sorted()
    if found and not (dry_run and not _serious(findings)):
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
        caps=limits.caps,
        quiet_hours=limits.quiet_hours,
        number_sources=limits.number_sources,
        holds=holds,
        capacity=capacity,
        channel_order=head.channel_order,
        promise_tolerance=head.promise_tolerance,
        reclassify_legacy_from=head.reclassify_legacy_from,
        agreed_order=head.agreed_order,
        cases=head.cases,
        complaints=head.complaints,
        reviews=head.reviews,
        promise_horizon_days=head.promise_horizon_days,
        stop_words=head.stop_words,
        experiments=experiments,
        tolerated=found,
    )


def _serious(findings: StrategyFindings) -> list[Finding]:
    """Yield the findings that keep a strategy from being looked at, too."""
    return [one for one in findings.sorted() if one.code not in (*UNSIGNED, *LOOSENED)]


def _check_signatures(
    folder: Path, head: StrategyHead, node: Branch, findings: StrategyFindings
) -> None:
    """Note the signatures under another content than the folder has."""
    if not any(one.content for one in head.approvals):
        return
    content = signed_content(folder)
    for one in head.approvals:
        if one.content not in (None, content):
            findings.add(
                "approval_of_other_content",
                node.place,
                name=one.name,
                role=one.role,
                content=one.content[:12],
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


def _experiments(folder: Path, findings: StrategyFindings) -> Experiments:
    """Yield what the strategy tries out; without the file, nothing."""
    if not (folder / EXPERIMENTS_FILE).is_file():
        return Experiments()
    node = _tree(folder, EXPERIMENTS_FILE, findings)
    if not node.entries:  # why it cannot be read has been noted
        return Experiments()
    return read_experiments(node=node, findings=findings)


def _refuse_unknown_files(
    folder: Path, variants: Iterable[str], findings: StrategyFindings
) -> None:
    tables = (f"{table}.dmn" for table in (*TABLES, *variants))
    known = {*FILES, EXPERIMENTS_FILE, *tables, *READ_APART}
    for file in pack_files(folder=folder) if folder.is_dir() else ():
        name = file.relative_to(folder).as_posix()
        if name not in known and not name.startswith("README"):
            place = Place(file=name, line=1, path="")
            findings.add("strategy_unknown_file", place, name=name)
