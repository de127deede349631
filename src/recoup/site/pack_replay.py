"""Would we have broken the new rule? Past contacts under two versions of a pack."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from recoup.engine.book.take_in import take_in
from recoup.engine.past_contacts import Replayed, Span, replay_contacts
from recoup.policy.gate import gate_rules
from recoup.policy.pack import Pack

#: Contacts that the text names.
NAMED = 20


@dataclass(frozen=True, kw_only=True)
class PackChange:
    """Two versions of a pack over one book."""

    old: Pack
    new: Pack
    found: Replayed

    def tree(self) -> dict[str, Any]:
        """Yield everything as JSON knows it."""
        tree = asdict(self.found)
        for one in tree["broken"]:
            one["at"], one["on"] = one["at"].isoformat(), one["on"].isoformat()
        sides = {
            side: {"id": pack.id, "version": pack.version, "content_hash": pack.content_hash}
            for side, pack in (("old", self.old), ("new", self.new))
        }
        return {**sides, **tree}


def replay_pack(
    *, old: Pack, new: Pack, book: Path, span_of: tuple[date, date], on: date | None, by: str
) -> PackChange:
    """Yield which past contacts only the new version forbids.

    Shape: ``on``: the day whose rules of the new version are held against every contact; None: the
    contact's own day. ``by``: which institution collects. Errors: NightRefused, UnreadableClause.
    """
    first, last = span_of
    with tempfile.TemporaryDirectory(prefix="recoup-replay-") as scratch:
        take_in(
            folder=book,
            into=Path(scratch),
            as_of=last,
            pack_currency=old.base_currency,
            time_zone=old.time_zone,
            go_on=True,
        )
        found = replay_contacts(
            book=Path(scratch) / "book",
            old=gate_rules(pack=old, strategy=None),
            new=gate_rules(pack=new, strategy=None),
            span=Span(
                first=first,
                last=last,
                time_zone=old.time_zone,
                institution=by,
                new_law_on=on,
            ),
        )
    return PackChange(old=old, new=new, found=found)


def pack_lines(change: PackChange) -> Iterator[str]:
    """Yield what is printed, in Chinese and English."""
    found = change.found
    yield f"{change.old.id} {change.old.version} -> {change.new.id} {change.new.version}"
    yield (
        f"外呼联系 {found.judged:,} 次：旧版不禁止、新版禁止的 {len(found.broken):,} 次；"
        f"新版的改动所禁止、旧版也已禁止的 {found.already:,} 次。"
    )
    yield (
        f"{found.judged:,} outgoing contacts: the new version forbids {len(found.broken):,} more; "
        f"{found.already:,} that its changes forbid were forbidden before as well."
    )
    for rule, count in found.by_rule.items():
        zh, en = found.sentences[rule]
        yield f"{rule}  {count:,}  {found.sources[rule]}"
        yield f"    {zh}"
        yield f"    {en}"
    for rule, count in found.open_by_rule.items():
        yield (f"{rule}  账册缺少事实，无法判断 cannot be told from the book: {count:,}")
    for one in found.broken[:NAMED]:
        yield (
            f"  {one.contact_id}  {one.debtor_id}  {one.at.isoformat()}  {one.channel}  "
            f"{', '.join(one.rules)}"
        )
    if len(found.broken) > NAMED:
        more = len(found.broken) - NAMED
        yield f"  … 另有 {more:,} 次（--json） / {more:,} more (--json)"
    yield "账册没有约定时段与同意的记录，均按未曾给出计。"
    yield "The book has no table of agreed hours and consents: none is taken to have been given."
