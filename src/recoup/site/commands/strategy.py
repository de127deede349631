"""``recoup strategy``: ``approve`` a version, ``diff`` two of them over one book."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic_ns

from recoup.engine.comparing import Comparison, compare
from recoup.engine.night import NightOrder, run_night
from recoup.engine.refusal import NightRefused
from recoup.engine.report.comparison_page import write_comparison
from recoup.kernel.money import text_from_minor
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import Pack, PackRefused, load_pack
from recoup.policy.signing import NoApprovals, signed_content, write_approvals
from recoup.policy.strategy import Strategy, StrategyRefused, load_strategy
from recoup.policy.strategy_findings import LOOSENED
from recoup.policy.strategy_parts import ROLES, Approval
from recoup.site.commands.night import business_date, free_mib
from recoup.site.policies import WrongCall, found_folder

SAME = 0
DIFFERENT = 1
WRONG_CALL = 2
REFUSED = 3
#: Contracts that the text names, those with the most money first.
NAMED = 20


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``strategy`` with its action ``diff`` to the command line."""
    strategy = subparsers.add_parser(
        "strategy",
        help="what would another strategy change? / 换一套策略会怎样",
        description="Works with strategies as versions.",
    )
    actions = strategy.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser(
        "diff",
        help="two strategies over the same book / 两套策略在同一本账册上的差别",
        description="Runs both strategies over the same book and tells who changes, from what to "
        "what, with counts and money. Exit status: 0 nothing differs, 1 something does, 2 wrong "
        "call, 3 refused.",
    )
    parser.add_argument("before", metavar="A", help="a strategy's name, or a folder")
    parser.add_argument("after", metavar="B", help="a strategy's name, or a folder")
    parser.add_argument("--book", type=Path, required=True, help="folder with the bank's files")
    parser.add_argument("--as-of", type=business_date, required=True, help="business date")
    parser.add_argument("--pack", default="cn", help="the jurisdiction's pack (default: cn)")
    parser.add_argument("--packs", type=Path, help="a folder with packs of your own")
    parser.add_argument("--strategies", type=Path, help="a folder with strategies of your own")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="everything, contract by contract"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="one page with pictures")
    parser.set_defaults(run=run)
    _add_approve(actions)


def _add_approve(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "approve",
        help="sign a strategy as it stands / 签署一套策略的当前内容",
        description="Writes a signature with the hash of the content into strategy.yaml; whoever "
        "changes the strategy afterwards has to have it signed again. Exit status: 0 signed, "
        "2 wrong call, 3 refused.",
    )
    parser.add_argument("strategy", help="a strategy's name, or a folder")
    parser.add_argument("--role", choices=ROLES, required=True)
    parser.add_argument("--by", required=True, metavar="NAME", help="who signs")
    parser.add_argument("--on", type=business_date, required=True, help="the day")
    parser.add_argument("--pack", default="cn", help="the jurisdiction's pack (default: cn)")
    parser.add_argument("--packs", type=Path, help="a folder with packs of your own")
    parser.add_argument("--strategies", type=Path, help="a folder with strategies of your own")
    parser.set_defaults(run=approve)


def approve(args: argparse.Namespace) -> int:
    """Sign a strategy; yield the exit status."""
    try:
        pack_folder = found_folder(args.packs or packs_folder(), args.pack, zh="法规包", en="pack")
        pack = load_pack(pack_folder, with_cases=False)
        strategy = _strategy(args.strategy, args.strategies, pack)
        _sign(strategy, args)
    except WrongCall as wrong:
        print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
        return WRONG_CALL
    except (PackRefused, StrategyRefused) as refused:
        print("\n".join(str(one) for one in refused.findings), file=sys.stderr)
        return REFUSED
    print(f"{args.by}（{args.role}）已签署 {strategy.id} {strategy.version}。")
    print(f"{args.by} ({args.role}) has signed {strategy.id} {strategy.version}.")
    return SAME


def _sign(strategy: Strategy, args: argparse.Namespace) -> None:
    """Put a signature in place of an older one of the same role.

    Errors: StrategyRefused, where the strategy is looser than the law; WrongCall, where the other
    role has signed by the same name.
    """
    looser = tuple(one for one in strategy.tolerated if one.code in LOOSENED)
    if looser:
        raise StrategyRefused(looser)
    others = [one for one in strategy.approvals if one.role != args.role]
    if any(one.name == args.by for one in others):
        raise WrongCall(
            zh=f"“{args.by}”已以另一角色签署；经办与复核须是两个人。",
            en=f"'{args.by}' has signed in the other role; maker and checker are two people.",
        )
    content = signed_content(strategy.folder)
    kept = [one for one in others if one.content in (None, content)]
    own = Approval(role=args.role, name=args.by, on=args.on, content=content)
    order = sorted([*kept, own], key=lambda one: ROLES.index(one.role))
    try:
        write_approvals(strategy.folder, order)
    except NoApprovals:
        raise WrongCall(
            zh="strategy.yaml 中没有 approvals 一段，无处签署。",
            en="strategy.yaml has no block 'approvals' in which to sign.",
        ) from None


def run(args: argparse.Namespace) -> int:
    """Run both, print what differs; yield the exit status."""
    try:
        pack_folder = found_folder(args.packs or packs_folder(), args.pack, zh="法规包", en="pack")
        pack = load_pack(pack_folder, with_cases=False)
        sides = [_strategy(name, args.strategies, pack) for name in (args.before, args.after)]
        with _results(args, pack, sides) as folders:
            found = compare(before=folders[0], after=folders[1])
    except WrongCall as wrong:
        print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
        return WRONG_CALL
    except (PackRefused, StrategyRefused) as refused:
        print("\n".join(str(one) for one in refused.findings), file=sys.stderr)
        return REFUSED
    except NightRefused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    for side in sides:
        for finding in side.tolerated:
            print(finding, file=sys.stderr)
    if args.json:
        text = json.dumps(found.tree(), ensure_ascii=False, indent=2)
        args.json.write_text(text + "\n", encoding="utf-8")
    if args.html:
        write_comparison(found, into=args.html)
    print("\n".join(_lines(found)))
    return DIFFERENT if found.changed_contracts else SAME


def _strategy(name: str, strategies: Path | None, pack: Pack) -> Strategy:
    """Yield a strategy by its name in the folder of strategies, or by its own folder."""
    if "/" in name and Path(name).is_dir():
        return load_strategy(Path(name), pack=pack, dry_run=True)
    folder = found_folder(strategies or strategies_folder(), name, zh="策略", en="strategy")
    return load_strategy(folder, pack=pack, dry_run=True)


@contextmanager
def _results(args: argparse.Namespace, pack: Pack, sides: list[Strategy]) -> Iterator[list[Path]]:
    """Run a night for each side into a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="recoup-diff-") as scratch:
        folders = [Path(scratch) / str(place) for place in range(len(sides))]
        for folder, strategy in zip(folders, sides, strict=True):
            run_night(
                NightOrder(
                    book=args.book,
                    as_of=args.as_of,
                    pack=pack,
                    strategy=strategy,
                    out=folder,
                    clock_ns=monotonic_ns,
                    memory_mib=free_mib() * 3 // 4,
                    go_on=True,  # a preview: the night itself will say what it refuses
                )
            )
        yield folders


def _lines(found: Comparison) -> Iterator[str]:
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
