"""Verifies seals: text, signature, root over the kept hashes, and every entry read again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from recoup.apps.evidence.actions.stamping import stamp_holds
from recoup.apps.evidence.gathering import branches_kept
from recoup.apps.evidence.models import Leaf, Seal
from recoup.documents.bundle.signing import SUITES, Suite, fingerprint_of
from recoup.events.evidence import Recorded, SealSource, entry_text, seal_sources
from recoup.kernel.chain import GENESIS
from recoup.kernel.explain import Words
from recoup.kernel.merkle import branches_of, leaf_hash, root_of

ROWS_TOGETHER = 900


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What verifying a seal found; ``reread``: how many entries were read again and hashed."""

    day: date
    reread: int
    faults: tuple[Words, ...]


def verified(seal: Seal, *, trusted: Sequence[str] = (), reread: bool = True) -> Verified:
    """Verify one seal against the one before it and against the records as they are now.

    Shape: ``trusted`` are fingerprints of keys; with none, any key that is known counts.
    """
    suite = SUITES[seal.key.algorithm]
    leaves = list(Leaf.objects.filter(seal=seal).order_by("place"))
    faults = [*_own_faults(seal, suite, trusted), *_tree_faults(seal, suite, leaves)]
    if reread:
        faults += _entry_faults(suite, leaves)
    return Verified(day=seal.day, reread=len(leaves) if reread else 0, faults=tuple(faults))


def _own_faults(seal: Seal, suite: Suite, trusted: Sequence[str]) -> Iterator[Words]:
    text, public = seal.statement.encode(), bytes.fromhex(seal.key.public)
    mark = fingerprint_of(algorithm=seal.key.algorithm, public=public)
    if suite.hashing(text).hex() != seal.own:
        yield Words(zh="封存原文与哈希不符", en="the statement does not give its hash")
    if not suite.holds(public, text, bytes.fromhex(seal.signature)):
        yield Words(zh="签名不符", en="the signature does not hold")
    if mark != seal.key.fingerprint or (trusted and mark not in trusted):
        yield Words(zh="由另一密钥签名", en="it is signed by another key")
    told = (f'"root":"{seal.root}"', f'"day":"{seal.day}"', f'"before":"{seal.before}"')
    if not all(part in seal.statement for part in told):
        yield Words(zh="登记与封存原文不符", en="the row is not what the statement says")
    last = Seal.objects.filter(day__lt=seal.day).order_by("-day").first()
    if seal.before != (last.own if last else GENESIS):
        yield Words(zh="与前一封存不衔接", en="it does not follow the seal before it")
    if last and last.day != seal.day - timedelta(days=1):
        yield Words(zh="之前有日期未封存", en="days before it are not sealed")
    stamp = getattr(seal, "stamp", None)
    if stamp and not stamp_holds(stamp=stamp, signature=bytes.fromhex(seal.signature)):
        yield Words(
            zh="时间戳不符，或其机构的根证书未设置",
            en="the time stamp does not hold, or its authority's root is not set",
        )


def _tree_faults(seal: Seal, suite: Suite, leaves: Sequence[Leaf]) -> Iterator[Words]:
    hashes = [bytes.fromhex(leaf.hash) for leaf in leaves]
    branches = branches_of(hashes, hashing=suite.hashing)
    places = [leaf.place for leaf in leaves]
    if len(leaves) != seal.entries or places != list(range(len(leaves))):
        yield Words(
            zh=f"应有 {seal.entries} 条，现有 {len(leaves)} 条",
            en=f"{seal.entries} entries were sealed, {len(leaves)} are there",
        )
    if root_of(branches, hashing=suite.hashing).hex() != seal.root:
        yield Words(zh="各条的哈希不合成其根", en="the hashes do not come to its root")
    if list(branches) != branches_kept(seal):
        yield Words(zh="分支与各条不符", en="the branches are not those of the entries")


def _entry_faults(suite: Suite, leaves: Sequence[Leaf]) -> Iterator[Words]:
    sources = {source.name: source for source in seal_sources()}
    by_source: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        by_source.setdefault(leaf.source, []).append(leaf)
    for name, found in sorted(by_source.items()):
        for begin in range(0, len(found), ROWS_TOGETHER):
            together = found[begin : begin + ROWS_TOGETHER]
            yield from _changed(sources.get(name), name, together, suite)


def _changed(
    source: SealSource | None, name: str, leaves: Sequence[Leaf], suite: Suite
) -> Iterator[Words]:
    keys = [leaf.record for leaf in leaves]
    rows = {row.pk: row for row in source.rows().filter(pk__in=keys)} if source else {}
    for leaf in leaves:
        row = rows.get(leaf.record)
        if row is None or source is None:
            yield Words(
                zh=f"{name} {leaf.record}：已被删除", en=f"{name} {leaf.record}: it was deleted"
            )
            continue
        entry = Recorded(source=name, record=leaf.record, content=source.content(row))
        if leaf_hash(entry_text(entry).encode(), hashing=suite.hashing).hex() != leaf.hash:
            yield Words(
                zh=f"{name} {leaf.record}：封存后被改动",
                en=f"{name} {leaf.record}: changed after it was sealed",
            )
