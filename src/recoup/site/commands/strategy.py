"""``recoup strategy``: ``approve`` a version, ``diff`` two, ``replay`` one over past dates."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from recoup.engine.refusal import NightRefused
from recoup.engine.report.comparison_page import write_comparison
from recoup.policy.experiment_parts import moved_people
from recoup.policy.locate import packs_folder
from recoup.policy.pack import Pack, load_pack
from recoup.policy.signing import NoApprovals, signed_content, write_approvals
from recoup.policy.strategy import Strategy, StrategyRefused
from recoup.policy.strategy_findings import LOOSENED
from recoup.policy.strategy_parts import ROLES, Approval
from recoup.site.commands.night import business_date, free_mib
from recoup.site.policies import WrongCall, found_folder
from recoup.site.strategies import (
    Trial,
    books_between,
    lines,
    moved_lines,
    replay_lines,
    strategy_to_look_at,
)
from recoup.site.told_refusals import tells_refusals

SAME = 0
DIFFERENT = 1


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
    _add_policies(parser)
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="everything, contract by contract"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="one page with pictures")
    parser.set_defaults(run=run)
    _add_replay(actions)
    _add_approve(actions)


def _add_policies(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", default="cn", help="the jurisdiction's pack (default: cn)")
    parser.add_argument("--packs", type=Path, help="a folder with packs of your own")
    parser.add_argument("--strategies", type=Path, help="a folder with strategies of your own")


def _add_replay(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "replay",
        help="a strategy over past business dates / 在过去的营业日上重放一套策略",
        description="Runs a strategy and the one it is held against over the book of every "
        "business date of a span. Exit status: 0 nothing differs, 1 something does, 2 wrong call, "
        "3 refused.",
    )
    parser.add_argument("after", metavar="S", help="a strategy's name, or a folder")
    parser.add_argument(
        "--against",
        dest="before",
        default="example",
        metavar="A",
        help="what it is held against (default: example)",
    )
    parser.add_argument(
        "--books",
        type=Path,
        required=True,
        help="folder with a book for each date, such as 2026-11-20",
    )
    parser.add_argument("--from", dest="first", type=business_date, required=True)
    parser.add_argument("--to", dest="last", type=business_date, required=True)
    _add_policies(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything, date by date")
    parser.add_argument("--html", type=Path, metavar="FOLDER", help="one page for each date")
    parser.set_defaults(run=replay)


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
    parser.add_argument(
        "--replaces",
        metavar="OLD",
        help="the version in force: refuse what would move people out of an arm of an experiment",
    )
    _add_policies(parser)
    parser.set_defaults(run=approve)


@tells_refusals
def approve(args: argparse.Namespace) -> int:
    """Sign a strategy; yield the exit status."""
    pack = _pack(args)
    strategy = strategy_to_look_at(args.strategy, args.strategies, pack)
    if args.replaces:
        _refuse_moves(strategy_to_look_at(args.replaces, args.strategies, pack), strategy, args)
    _sign(strategy, args)
    print(f"{args.by}（{args.role}）已签署 {strategy.id} {strategy.version}。")
    print(f"{args.by} ({args.role}) has signed {strategy.id} {strategy.version}.")
    return SAME


def _refuse_moves(old: Strategy, new: Strategy, args: argparse.Namespace) -> None:
    """Refuse a change by which people would leave their arm. Errors: NightRefused."""
    moved = moved_people(before=old.experiments, after=new.experiments, on=args.on)
    if moved:
        raise NightRefused(
            zh=f"与 {old.id} {old.version} 相比，会使人换组，拒绝签署："
            + "；".join(moved_lines(moved, "zh")),
            en=f"Held against {old.id} {old.version} this would move people; it is not signed: "
            + "; ".join(moved_lines(moved, "en")),
        )


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


@tells_refusals
def run(args: argparse.Namespace) -> int:
    """Run both, print what differs; yield the exit status."""
    return _looked(args, _diff)


@tells_refusals
def replay(args: argparse.Namespace) -> int:
    """Run both over every book of the span, print what differs; yield the exit status."""
    return _looked(args, _replay)


def _looked(args: argparse.Namespace, look: Callable[[argparse.Namespace, Trial], int]) -> int:
    pack = _pack(args)
    before, after = (
        strategy_to_look_at(name, args.strategies, pack) for name in (args.before, args.after)
    )
    memory = free_mib() * 3 // 4
    status = look(args, Trial(pack=pack, before=before, after=after, memory_mib=memory))
    for finding in (*before.tolerated, *after.tolerated):
        print(finding, file=sys.stderr)
    return status


def _diff(args: argparse.Namespace, trial: Trial) -> int:
    found = trial.over(book=args.book, as_of=args.as_of)
    _write_json(args.json, found.tree())
    if args.html:
        write_comparison(found, into=args.html)
    print("\n".join(lines(found)))
    moved = moved_people(
        before=trial.before.experiments, after=trial.after.experiments, on=args.as_of
    )
    for language in ("zh", "en"):
        for line in moved_lines(moved, language):
            print(f"警告 warning: {line}")
    return DIFFERENT if found.changed_contracts else SAME


def _replay(args: argparse.Namespace, trial: Trial) -> int:
    found = [
        trial.over(book=book, as_of=day)
        for day, book in books_between(args.books, args.first, args.last)
    ]
    _write_json(args.json, [one.tree() for one in found])
    if args.html:
        args.html.mkdir(parents=True, exist_ok=True)
        for one in found:
            write_comparison(one, into=args.html / f"{one.as_of}.html")
    print("\n".join(replay_lines(found)))
    return DIFFERENT if any(one.changed_contracts for one in found) else SAME


def _write_json(file: Path | None, tree: object) -> None:
    if file is not None:
        text = json.dumps(tree, ensure_ascii=False, indent=2)
        file.write_text(text + "\n", encoding="utf-8")


def _pack(args: argparse.Namespace) -> Pack:
    folder = found_folder(args.packs or packs_folder(), args.pack, zh="法规包", en="pack")
    return load_pack(folder, with_cases=False)
