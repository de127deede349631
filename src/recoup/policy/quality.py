"""Reads ``quality.yaml`` of a strategy: which contacts are reviewed, and the score sheet.

The night needs none of it, so it is read apart from the strategy, as its texts are.
"""

from dataclasses import dataclass
from pathlib import Path

from recoup.kernel.sampling import PPM, SheetItem
from recoup.policy import fields
from recoup.policy.bilingual import Bilingual
from recoup.policy.strategy_findings import StrategyFindings, StrategyRefused
from recoup.policy.text_parts import CHANNELS
from recoup.policy.yaml_tree import Node, read_tree

FILE = "quality.yaml"


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Which contacts are reviewed: a share of each person's week, and some always.

    ``calibrate_ppm`` of those are scored by a second reviewer too. ``complaint_days``: contacts of
    so many days before a complaint are always reviewed, and so are those against a rule.
    """

    seed: str
    share_ppm: int
    at_least: int
    at_most: int
    calibrate_ppm: int
    complaint_days: int
    channels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreItem:
    """One thing that is scored, for the channels that it applies to."""

    id: str
    name: Bilingual
    weight: int
    fatal: bool
    channels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreSheet:
    """What a reviewer scores, in this version."""

    version: int
    items: tuple[ScoreItem, ...]

    def for_channel(self, channel: str) -> tuple[ScoreItem, ...]:
        """Yield the items that apply to a channel."""
        return tuple(one for one in self.items if channel in one.channels)

    def weights(self, channel: str) -> tuple[SheetItem, ...]:
        """Yield the items of a channel as the kernel scores them."""
        return tuple(
            SheetItem(id=one.id, weight=one.weight, fatal=one.fatal)
            for one in self.for_channel(channel)
        )


@dataclass(frozen=True, kw_only=True)
class QualityPolicy:
    """How the house reviews what was said to people."""

    sampling: Sampling
    review_within_days: int
    passes_from: int
    sheet: ScoreSheet


def load_quality(folder: Path) -> QualityPolicy | None:
    """Yield how a strategy has contacts reviewed; None where it does not say.

    Errors: StrategyRefused, with every finding.
    """
    if not (folder / FILE).is_file():
        return None
    findings = StrategyFindings()
    node = read_tree(path=folder / FILE, shown_as=FILE, findings=findings)
    found = _policy(node, findings) if node is not None else None
    if findings.sorted() or found is None:
        raise StrategyRefused(findings.sorted())
    return found


def _policy(node: Node, findings: StrategyFindings) -> QualityPolicy:
    got = fields.fields(
        node=node,
        required=("sampling", "review_within_days", "passes_from", "score_sheet"),
        findings=findings,
    )
    return QualityPolicy(
        sampling=_sampling(got.get("sampling"), findings),
        review_within_days=_positive(got.get("review_within_days"), "review_within_days", findings),
        passes_from=fields.whole(node=got.get("passes_from"), findings=findings),
        sheet=_sheet(got.get("score_sheet"), findings),
    )


def _sampling(node: Node | None, findings: StrategyFindings) -> Sampling:
    names = ("share_ppm", "at_least", "at_most", "calibrate_ppm", "complaint_days")
    got = _mapping(node, ("seed", "channels", *names), findings)
    numbers = {name: fields.whole(node=got.get(name), findings=findings) for name in names}
    for name in ("share_ppm", "calibrate_ppm"):
        if not 0 <= numbers[name] <= PPM and name in got:
            findings.add("share_out_of_range", got[name].place, key=name, number=numbers[name])
    if numbers["at_most"] < numbers["at_least"] and "at_most" in got:
        findings.add("at_most_below_least", got["at_most"].place)
    return Sampling(
        seed=fields.text(node=got.get("seed"), findings=findings),
        channels=_channels(got.get("channels"), findings),
        **numbers,
    )


def _sheet(node: Node | None, findings: StrategyFindings) -> ScoreSheet:
    got = _mapping(node, ("version", "items"), findings)
    items = tuple(
        _item(one, findings) for one in fields.items(node=got.get("items"), findings=findings)
    )
    seen: set[str] = set()
    for one in items:
        if one.id in seen and "items" in got:
            findings.add("name_twice", got["items"].place, name=one.id)
        seen.add(one.id)
    if not items and "items" in got:
        findings.add("sheet_empty", got["items"].place)
    return ScoreSheet(
        version=_positive(got.get("version"), "version", findings),
        items=items,
    )


def _item(node: Node, findings: StrategyFindings) -> ScoreItem:
    got = fields.fields(
        node=node,
        required=("id", "name", "weight"),
        optional=("fatal", "channels"),
        findings=findings,
    )
    channels = _channels(got.get("channels"), findings) if "channels" in got else CHANNELS
    return ScoreItem(
        id=fields.text(node=got.get("id"), findings=findings),
        name=fields.bilingual(node=got.get("name"), findings=findings),
        weight=_positive(got.get("weight"), "weight", findings),
        fatal=fields.boolean(node=got.get("fatal"), default=False, findings=findings),
        channels=channels,
    )


def _channels(node: Node | None, findings: StrategyFindings) -> tuple[str, ...]:
    return tuple(
        fields.code(node=one, known=CHANNELS, findings=findings)
        for one in fields.items(node=node, findings=findings)
    )


def _mapping(
    node: Node | None, required: tuple[str, ...], findings: StrategyFindings
) -> dict[str, Node]:
    if node is None:
        return {}
    return dict(fields.fields(node=node, required=required, findings=findings))


def _positive(node: Node | None, key: str, findings: StrategyFindings) -> int:
    found = fields.whole(node=node, findings=findings)
    if node is not None and found <= 0:
        findings.add("not_positive", node.place, key=key, number=found)
    return found
