"""Reads the YAML files of a strategy: head, caps, holds, capacity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from types import MappingProxyType

from recoup.kernel.contact_facts import NUMBER_SOURCES
from recoup.kernel.tracing import PARTS
from recoup.policy import fields
from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Findings
from recoup.policy.strategy_parts import (
    CHANNELS,
    COMPLAINT_CATEGORIES,
    HOLD_KINDS,
    PURPOSES,
    ROLES,
    TREATMENTS,
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
    TeamCapacity,
    Tolerance,
)
from recoup.policy.yaml_tree import Leaf, Node

NO_DAY = date.min


@dataclass(frozen=True, kw_only=True)
class StrategyHead:
    """What strategy.yaml says."""

    id: str
    name: Bilingual
    version: str
    owner: str
    valid_from: date
    approvals: tuple[Approval, ...]
    buckets: tuple[Bucket, ...]
    channel_order: Mapping[str, tuple[str, ...]]
    promise_tolerance: Tolerance
    reclassify_legacy_from: date | None
    agreed_order: tuple[int, int, int]
    cases: CasePolicy
    complaints: ComplaintPolicy
    reviews: Mapping[str, int]
    promise_horizon_days: int | None
    stop_words: StopWords | None


def read_head(*, node: Node, findings: Findings) -> StrategyHead:
    """Yield what strategy.yaml says."""
    got = fields.fields(
        node=node,
        required=(
            *("id", "name", "version", "owner", "valid_from", "approvals", "buckets"),
            *("channel_order", "promise_tolerance", "agreed_order"),
        ),
        optional=(
            *("reclassify_legacy_from", "promise_horizon_days", "note"),
            *("cases", "complaints", "reviews", "stop_words", "experiment"),
        ),
        findings=findings,
    )
    fields.label_or_none(node=got.get("note"), findings=findings)
    if "experiment" in got:
        findings.add("experiment_moved", got["experiment"].place)
    buckets = _buckets(got.get("buckets"), findings)
    return StrategyHead(
        id=fields.text(node=got.get("id"), findings=findings),
        name=fields.bilingual(node=got.get("name"), findings=findings),
        version=fields.text(node=got.get("version"), findings=findings),
        owner=fields.text(node=got.get("owner"), findings=findings),
        valid_from=fields.day(node=got.get("valid_from"), findings=findings) or NO_DAY,
        approvals=_approvals(got.get("approvals"), findings),
        buckets=buckets,
        channel_order=_channel_order(got.get("channel_order"), findings),
        promise_tolerance=_tolerance(got.get("promise_tolerance"), findings),
        reclassify_legacy_from=fields.day_or_none(
            node=got.get("reclassify_legacy_from"), findings=findings
        ),
        agreed_order=_agreed_order(got.get("agreed_order"), findings),
        cases=_cases(got.get("cases"), findings),
        complaints=_complaints(got.get("complaints"), findings),
        reviews=_reviews(got.get("reviews"), buckets, findings),
        promise_horizon_days=_horizon(got.get("promise_horizon_days"), findings),
        stop_words=_stop_words(got.get("stop_words"), findings),
    )


@dataclass(frozen=True, kw_only=True)
class OwnLimits:
    """What caps.yaml says."""

    caps: tuple[Cap, ...]
    quiet_hours: tuple[QuietHours, ...]
    number_sources: tuple[NumberSources, ...]


def read_limits(*, node: Node, findings: Findings) -> OwnLimits:
    """Yield the caps, quiet hours and sources of numbers of caps.yaml."""
    got = fields.fields(
        node=node,
        required=("caps",),
        optional=("quiet_hours", "number_sources"),
        findings=findings,
    )
    caps = tuple(
        _cap(one, findings) for one in fields.items(node=got.get("caps"), findings=findings)
    )
    quiet = tuple(
        _quiet(one, findings)
        for one in fields.items(node=got.get("quiet_hours"), findings=findings)
    )
    sources = tuple(
        _number_sources(one, findings)
        for one in fields.items(node=got.get("number_sources"), findings=findings)
    )
    names = [one.id for one in caps] + [one.id for one in quiet] + [one.id for one in sources]
    _refuse_twice(names, node, findings)
    return OwnLimits(caps=caps, quiet_hours=quiet, number_sources=sources)


def read_holds(*, node: Node, findings: Findings) -> Mapping[str, Hold]:
    """Yield what each kind of hold blocks; every kind must be there."""
    got = fields.fields(node=node, required=("holds",), findings=findings)
    holds = [_hold(one, findings) for one in fields.items(node=got.get("holds"), findings=findings)]
    _refuse_twice([hold.kind for hold in holds], node, findings)
    for kind in HOLD_KINDS:
        if "holds" in got and kind not in {hold.kind for hold in holds}:
            findings.add("hold_missing", got["holds"].place, kind=kind)
    return MappingProxyType({hold.kind: hold for hold in holds})


def read_capacity(*, node: Node, findings: Findings) -> Capacity:
    """Yield the capacity of the teams."""
    got = fields.fields(node=node, required=("default",), optional=("teams",), findings=findings)
    teams = fields.entries(node=got.get("teams"), findings=findings)
    return Capacity(
        default=_team(got.get("default"), findings),
        teams=MappingProxyType({name: _team(one, findings) for name, one in teams.items()}),
    )


def _approvals(node: Node | None, findings: Findings) -> tuple[Approval, ...]:
    approvals = []
    for one in fields.items(node=node, findings=findings):
        got = fields.fields(
            node=one, required=("role", "name", "on"), optional=("content",), findings=findings
        )
        approvals.append(
            Approval(
                role=fields.code(node=got.get("role"), known=ROLES, findings=findings),
                name=fields.text(node=got.get("name"), findings=findings),
                on=fields.day(node=got.get("on"), findings=findings) or NO_DAY,
                content=fields.text_or_none(node=got.get("content"), findings=findings),
            )
        )
    if node is None:
        return tuple(approvals)
    by_role = {one.role: one.name for one in approvals}
    for role in ROLES:
        if role not in by_role:
            findings.add("approval_missing", node.place, role=role)
    if len(set(by_role.values())) < len(by_role):
        findings.add("same_person_twice", node.place, name=by_role["maker"])
    return tuple(approvals)


def _buckets(node: Node | None, findings: Findings) -> tuple[Bucket, ...]:
    found = []
    for one in fields.items(node=node, findings=findings):
        got = fields.fields(node=one, required=("name", "from_dpd", "to_dpd"), findings=findings)
        last = got.get("to_dpd")
        bucket = Bucket(
            name=fields.text(node=got.get("name"), findings=findings),
            from_dpd=fields.whole(node=got.get("from_dpd"), findings=findings),
            to_dpd=None if fields.is_null(last) else fields.whole(node=last, findings=findings),
        )
        found.append((bucket, one))
    if not found:
        return ()
    first, first_node = found[0]
    if first.from_dpd != 0:
        findings.add("bucket_first", first_node.place, start=first.from_dpd)
    for (earlier, _), (later, place_of) in pairwise(found):
        _check_neighbours(earlier, later, place_of, findings)
    if found[-1][0].to_dpd is not None:
        findings.add("bucket_last", found[-1][1].place)
    buckets = tuple(bucket for bucket, _ in found)
    _refuse_twice([bucket.name for bucket in buckets], first_node, findings)
    return buckets


def _check_neighbours(earlier: Bucket, later: Bucket, node: Node, findings: Findings) -> None:
    end = earlier.to_dpd
    fill = {"name": later.name, "start": later.from_dpd, "end": "∞" if end is None else end}
    if end is None or later.from_dpd <= end or later.from_dpd <= earlier.from_dpd:
        findings.add("bucket_overlap", node.place, **fill)
    elif later.from_dpd > end + 1:
        findings.add("bucket_gap", node.place, **fill)


def _channel_order(node: Node | None, findings: Findings) -> Mapping[str, tuple[str, ...]]:
    entries = fields.entries(node=node, findings=findings)
    order = {}
    for name, inner in entries.items():
        if name not in TREATMENTS:
            findings.add("bad_code", inner.place, text=name, known=", ".join(TREATMENTS))
        order[name] = _codes(inner, CHANNELS, findings)
    for name in TREATMENTS:
        if node is not None and name not in order:
            findings.add("treatment_without_channels", node.place, name=name)
    return MappingProxyType(order)


def _agreed_order(node: Node | None, findings: Findings) -> tuple[int, int, int]:
    """Yield the codes of the parts of an instalment in the order agreed."""
    parts = _codes(node, PARTS, findings)
    if node is not None and sorted(parts) != sorted(PARTS):
        findings.add("order_incomplete", node.place, known=", ".join(PARTS))
        return (0, 1, 2)
    first, second, third = (PARTS.index(part) for part in parts or PARTS)
    return first, second, third


def _cases(node: Node | None, findings: Findings) -> CasePolicy:
    """Yield when cases are opened and closed; of nothing, the defaults."""
    usual = CasePolicy()
    if node is None:
        return usual
    got = fields.fields(
        node=node,
        required=("treatments",),
        optional=(
            *("open_from_dpd", "open_from_overdue_minor", "segments"),
            *("close_after_clear_days", "spread", "target_promised_minor"),
        ),
        findings=findings,
    )
    numbers = {
        name: _at_least(got[name], name, 0, findings) if name in got else getattr(usual, name)
        for name in (
            *("open_from_dpd", "open_from_overdue_minor"),
            *("close_after_clear_days", "target_promised_minor"),
        )
    }
    return CasePolicy(
        treatments=_codes(got.get("treatments"), TREATMENTS, findings),
        segments=tuple(
            fields.text(node=one, findings=findings)
            for one in fields.items(node=got.get("segments"), findings=findings)
        ),
        spread=fields.boolean(node=got.get("spread"), default=usual.spread, findings=findings),
        **numbers,
    )


def _complaints(node: Node | None, findings: Findings) -> ComplaintPolicy:
    """Yield what the bank does about complaints; of nothing, the defaults."""
    usual = ComplaintPolicy()
    if node is None:
        return usual
    days = ("warn_days", "senior_days", "similar_days", "contact_days")
    got = fields.fields(
        node=node,
        required=("holds",),
        optional=("holds_by_category", *days),
        findings=findings,
    )
    more = {}
    by_category = fields.entries(node=got.get("holds_by_category"), findings=findings)
    for name, inner in by_category.items():
        if name not in COMPLAINT_CATEGORIES:
            known = ", ".join(COMPLAINT_CATEGORIES)
            findings.add("bad_code", inner.place, text=name, known=known)
        more[name] = _codes(inner, HOLD_KINDS, findings)
    numbers = {
        name: _at_least(got[name], name, 0, findings) if name in got else getattr(usual, name)
        for name in days
    }
    return ComplaintPolicy(
        holds=_codes(got.get("holds"), HOLD_KINDS, findings),
        holds_by_category=MappingProxyType(more),
        **numbers,
    )


def _reviews(
    node: Node | None, buckets: tuple[Bucket, ...], findings: Findings
) -> Mapping[str, int]:
    """Yield after how many days an open case is reviewed, by bucket; others are not reviewed."""
    known = [bucket.name for bucket in buckets]
    days = {}
    for name, inner in fields.entries(node=node, findings=findings).items():
        if name not in known:
            findings.add("bad_code", inner.place, text=name, known=", ".join(known))
        days[name] = _at_least(inner, name, 1, findings)
    return MappingProxyType(days)


def _tolerance(node: Node | None, findings: Findings) -> Tolerance:
    if node is None:
        return Tolerance(days=0, ppm=0)
    got = fields.fields(node=node, required=("days", "ppm"), findings=findings)
    return Tolerance(
        days=_at_least(got.get("days"), "days", 0, findings),
        ppm=_at_least(got.get("ppm"), "ppm", 0, findings),
    )


def _stop_words(node: Node | None, findings: Findings) -> StopWords | None:
    """Yield the words that ask us to stop; None where the strategy says nothing of replies."""
    if node is None or fields.is_null(node):
        return None
    got = fields.fields(node=node, required=("whole", "anywhere"), findings=findings)
    whole, anywhere = (
        tuple(
            fields.text(node=one, findings=findings)
            for one in fields.items(node=got.get(name), findings=findings)
        )
        for name in ("whole", "anywhere")
    )
    return StopWords(whole=whole, anywhere=anywhere)


def _horizon(node: Node | None, findings: Findings) -> int | None:
    """Yield how many days a promise may run at most; None sets no limit."""
    if fields.is_null(node):
        return None
    return _at_least(node, "promise_horizon_days", 1, findings)


def _cap(node: Node, findings: Findings) -> Cap:
    got = fields.fields(
        node=node,
        required=("id", "channels", "at_most", "days", "sentence"),
        findings=findings,
    )
    return Cap(
        id=fields.text(node=got.get("id"), findings=findings),
        channels=_codes(got.get("channels"), CHANNELS, findings),
        at_most=_at_least(got.get("at_most"), "at_most", 0, findings),
        days=_at_least(got.get("days"), "days", 1, findings),
        sentence=fields.bilingual(node=got.get("sentence"), findings=findings),
    )


def _quiet(node: Node, findings: Findings) -> QuietHours:
    got = fields.fields(
        node=node, required=("id", "channels", "from", "until", "sentence"), findings=findings
    )
    return QuietHours(
        id=fields.text(node=got.get("id"), findings=findings),
        channels=_codes(got.get("channels"), CHANNELS, findings),
        begins=_hour(got.get("from"), findings),
        ends=_hour(got.get("until"), findings),
        sentence=fields.bilingual(node=got.get("sentence"), findings=findings),
    )


def _number_sources(node: Node, findings: Findings) -> NumberSources:
    got = fields.fields(
        node=node, required=("id", "channels", "allowed", "sentence"), findings=findings
    )
    return NumberSources(
        id=fields.text(node=got.get("id"), findings=findings),
        channels=_codes(got.get("channels"), CHANNELS, findings),
        allowed=_codes(got.get("allowed"), tuple(sorted(NUMBER_SOURCES)), findings),
        sentence=fields.bilingual(node=got.get("sentence"), findings=findings),
    )


def _hold(node: Node, findings: Findings) -> Hold:
    got = fields.fields(
        node=node,
        required=("id", "kind", "blocks_channels", "blocks_treatments", "sentence"),
        optional=("own_channel_only", "lets_pass", "stops_collection"),
        findings=findings,
    )
    return Hold(
        id=fields.text(node=got.get("id"), findings=findings),
        kind=fields.code(node=got.get("kind"), known=HOLD_KINDS, findings=findings),
        blocks_channels=_codes(got.get("blocks_channels"), CHANNELS, findings),
        blocks_treatments=_codes(got.get("blocks_treatments"), TREATMENTS, findings),
        own_channel_only=fields.boolean(
            node=got.get("own_channel_only"), default=False, findings=findings
        ),
        lets_pass=_codes(got.get("lets_pass"), PURPOSES, findings),
        stops_collection=fields.boolean(
            node=got.get("stops_collection"), default=False, findings=findings
        ),
        sentence=fields.bilingual(node=got.get("sentence"), findings=findings),
    )


def _team(node: Node | None, findings: Findings) -> TeamCapacity:
    if node is None:
        return TeamCapacity(lines_per_day=0, treatments=MappingProxyType({}))
    got = fields.fields(
        node=node, required=("lines_per_day",), optional=("treatments",), findings=findings
    )
    limits = {}
    for name, inner in fields.entries(node=got.get("treatments"), findings=findings).items():
        if name not in TREATMENTS:
            findings.add("bad_code", inner.place, text=name, known=", ".join(TREATMENTS))
        limits[name] = _at_least(inner, name, 0, findings)
    return TeamCapacity(
        lines_per_day=_at_least(got.get("lines_per_day"), "lines_per_day", 0, findings),
        treatments=MappingProxyType(limits),
    )


def _codes(node: Node | None, known: tuple[str, ...], findings: Findings) -> tuple[str, ...]:
    """Yield a list of codes; ``all`` stands for every one of them."""
    if isinstance(node, Leaf) and node.text == "all":
        return known
    read: Callable[[Node], str] = lambda one: fields.code(  # noqa: E731
        node=one, known=known, findings=findings
    )
    return tuple(read(one) for one in fields.items(node=node, findings=findings))


def _at_least(node: Node | None, key: str, least: int, findings: Findings) -> int:
    number = fields.whole(node=node, findings=findings)
    if node is not None and number < least:
        findings.add("not_positive", node.place, key=key, number=number)
    return number


def _hour(node: Node | None, findings: Findings) -> time:
    text = fields.text(node=node, findings=findings)
    try:
        return time.fromisoformat(text)
    except ValueError:
        if node is not None and text:
            findings.add("bad_code", node.place, text=text, known="00:00 ... 23:59")
        return time()


def _refuse_twice(names: list[str], node: Node, findings: Findings) -> None:
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        findings.add("name_twice", node.place, name=name)
