"""Runs strategies over books to be looked at, and says in both languages what differs."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import monotonic_ns

from recoup.engine.comparing import Comparison, compare
from recoup.engine.night import NightOrder, run_night
from recoup.engine.refusal import NightRefused
from recoup.kernel.money import text_from_minor
from recoup.policy.experiment_parts import Moved
from recoup.policy.locate import strategies_folder
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy, load_strategy
from recoup.site.policies import found_folder

#: Contracts that the text names, those with the most money first.
NAMED = 20


def strategy_to_look_at(name: str, strategies: Path | None, pack: Pack) -> Strategy:
    """Yield a strategy by its name in the folder of strategies, or by its own folder.

    Errors: WrongCall, when it is not there; StrategyRefused, when it cannot be read.
    """
    if "/" in name and Path(name).is_dir():
        return load_strategy(Path(name), pack=pack, dry_run=True)
    folder = found_folder(strategies or strategies_folder(), name, zh="策略", en="strategy")
    return load_strategy(folder, pack=pack, dry_run=True)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Two strategies under one pack, to be held side by side; ``memory_mib`` as for a night."""

    pack: Pack
    before: Strategy
    after: Strategy
    memory_mib: int

    def over(self, *, book: Path, as_of: date) -> Comparison:
        """Yield what differs over one book; both results go afterwards. Errors: NightRefused."""
        with tempfile.TemporaryDirectory(prefix="recoup-trial-") as scratch:
            folders = [Path(scratch) / side for side in ("before", "after")]
            for folder, strategy in zip(folders, (self.before, self.after), strict=True):
                run_night(
                    NightOrder(
                        book=book,
                        as_of=as_of,
                        pack=self.pack,
                        strategy=strategy,
                        out=folder,
                        clock_ns=monotonic_ns,
                        memory_mib=self.memory_mib,
                        go_on=True,  # to be looked at: the night itself will say what it refuses
                        dry_run=True,
                    )
                )
            return compare(before=folders[0], after=folders[1])


def books_between(folder: Path, first: date, last: date) -> list[tuple[date, Path]]:
    """Yield the books of business dates, each in a folder of that name, in order.

    Errors: NightRefused, when there is none.
    """
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    found = [(day, folder / day.isoformat()) for day in days]
    books = [(day, book) for day, book in found if book.is_dir()]
    if not books:
        raise NightRefused(
            zh=f"{folder} 中没有 {first} 至 {last} 之间的账册；每个营业日期应各有一个同名文件夹，"
            f"例如 {first}。",
            en=f"{folder} has no book between {first} and {last}; each business date has a folder "
            f"of its name, such as {first}.",
        )
    return books


def lines(found: Comparison) -> Iterator[str]:
    """Yield what is printed, in Chinese and English."""
    before, after = (
        f"{side['strategy_id']} {side['strategy_version']}" for side in (found.before, found.after)
    )
    yield f"{found.as_of}  A = {before}  B = {after}"
    money = _money(found, found.changed_overdue_minor)
    yield (
        f"合同 {found.contracts:,} 笔中 {found.changed_contracts:,} 笔的判定不同，"
        f"涉及 {found.changed_persons:,} 人，逾期 {money}。"
    )
    yield (
        f"{found.changed_contracts:,} of {found.contracts:,} contracts are decided otherwise, of "
        f"{found.changed_persons:,} people, {money} overdue."
    )
    for column, moves in found.moves.items():
        for move in moves:
            yield (
                f"  {column:<12} {move.before or '-':>20} -> {move.after or '-':<20}"
                f"{move.contracts:>9,}  {_money(found, move.overdue_minor):>18}"
            )
    yield "团队 team: 容量 capacity A / 行数 lines A -> 容量 capacity B / 行数 lines B"
    for team in found.teams:
        yield (
            f"  {team.team or '-':<24}{team.capacity_before:>6,} / {team.lines_before:<6,} -> "
            f"{team.capacity_after:>6,} / {team.lines_after:<6,}"
        )
    yield "计划联系 planned contacts A -> B"
    for channel, (one, other) in found.channels.items():
        yield f"  {channel:<24}{one:>8,} -> {other:,}"
    yield "七日内连同明日的联系次数 contacts in seven days with tomorrow's: 人数 people A -> B"
    for number, (one, other) in found.contacts_per_person.items():
        yield f"  {number:<24}{one:>8,} -> {other:,}"
    for zh, en, reached in (
        ("新增联系", "newly contacted", found.newly_contacted),
        ("不再联系", "spared", found.spared),
    ):
        yield f"{zh} {en}: {reached.persons:,}  {_money(found, reached.overdue_minor)}"
    for change in found.changes[:NAMED]:
        differs = "; ".join(
            f"{column} {one or '-'} -> {other or '-'}"
            for column, (one, other) in change.differs.items()
        )
        yield f"  {change.contract_id}  {_money(found, change.overdue_minor)}  {differs}"
    if len(found.changes) > NAMED:
        more = len(found.changes) - NAMED
        yield f"  … 另有 {more:,} 笔（--json） / {more:,} more (--json)"


def _money(found: Comparison, minor: int) -> str:
    return f"{text_from_minor(minor=minor, currency=found.currency, grouped=True)} {found.currency}"


def moved_lines(moved: Sequence[Moved], language: str) -> list[str]:
    """Yield what a change of experiments would do to people already assigned, in zh or en."""
    told = {
        "zh": "实验“{0}”中 {3} ppm 的人由“{1}”换到“{2}”",
        "en": "in the experiment '{0}' {3} ppm of the people would go from '{1}' to '{2}'",
    }[language]
    return [
        told.format(one.experiment, one.before or "-", one.after or "-", one.ppm) for one in moved
    ]


def replay_lines(found: Sequence[Comparison]) -> Iterator[str]:
    """Yield one line a business date, and all dates together, in Chinese and English."""
    yield (
        f"{'日期 date':<14}{'合同 contracts':>16}{'不同 changed':>14}{'新增 newly':>13}"
        f"{'不再 spared':>13}{'涉及逾期 overdue':>24}"
    )
    for one in found:
        yield (
            f"{one.as_of:<16}{one.contracts:>15,}{one.changed_contracts:>16,}"
            f"{one.newly_contacted.persons:>14,}{one.spared.persons:>15,}"
            f"{_money(one, one.changed_overdue_minor):>26}"
        )
    dates = len(found)
    changed = sum(one.changed_contracts for one in found)
    newly = sum(one.newly_contacted.persons for one in found)
    spared = sum(one.spared.persons for one in found)
    yield f"{dates} 个营业日：判定不同 {changed:,}，新增联系 {newly:,}，不再联系 {spared:,}。"
    yield (
        f"{dates} business dates: {changed:,} contracts decided otherwise, {newly:,} newly "
        f"contacted, {spared:,} spared."
    )
