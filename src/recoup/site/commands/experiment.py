"""``recoup experiment``: ``read`` what one shows, ``preview`` a strategy from what it logged."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from recoup.policy.experiment_parts import OUTCOMES
from recoup.site.commands.night import business_date, whole
from recoup.site.experiments import (
    Asked,
    preview_lines,
    preview_strategy,
    read_experiment,
    reading_lines,
    results_of,
)
from recoup.site.told_refusals import REFUSED, tells_refusals
from recoup.trials.off_policy import LEAST_EFFECTIVE

DONE, FOUND = range(2)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``experiment`` with its actions to the command line."""
    experiment = subparsers.add_parser(
        "experiment",
        help="what an experiment has shown / 实验看出了什么",
        description="Reads experiments of a strategy (experiments.yaml) from results of nights.",
    )
    actions = experiment.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_read(actions)
    _add_preview(actions)


def _add_read(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "read",
        help="challengers against champion and hold-out / 挑战组对冠军组与对照组",
        description="Differences with always-valid intervals, and at the planned size those of a "
        "fixed horizon. Exit status: 0 read, 1 the arms are not what the shares say, 2 wrong "
        "call, 3 refused.",
    )
    _add_asked(parser)
    parser.set_defaults(run=run, act=_read)


def _add_preview(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "preview",
        help="what a new strategy would have brought / 新策略本会带来什么",
        description="Two estimates from the logged probabilities of an experiment, SNIPS and "
        "doubly robust. Exit status: 0 estimated, 2 wrong call, 3 refused (too few people did "
        "what the new strategy would).",
    )
    parser.add_argument("strategy", metavar="STRATEGY", help="a strategy's name, or a folder")
    _add_asked(parser)
    parser.add_argument(
        "--least",
        type=whole(least=2),
        default=LEAST_EFFECTIVE,
        help=f"least effective sample size (default: {LEAST_EFFECTIVE})",
    )
    parser.add_argument("--strategies", type=Path, help="a folder with strategies of your own")
    parser.set_defaults(run=run, act=_preview)


def _add_asked(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("experiment", metavar="EXPERIMENT", help="its id in experiments.yaml")
    parser.add_argument(
        "--results",
        type=Path,
        nargs="+",
        required=True,
        metavar="DIR",
        help="results of nights, or folders of such",
    )
    parser.add_argument(
        "--book", type=Path, required=True, help="the bank's files, up to the end of the windows"
    )
    parser.add_argument("--outcome", choices=OUTCOMES, help="default: as planned")
    parser.add_argument(
        "--days", type=whole(least=1), help="window after assignment (default: as planned)"
    )
    parser.add_argument(
        "--known-until",
        type=business_date,
        metavar="DATE",
        help="last day that the book knows (default: the date of the last night)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON / 输出 JSON")


@tells_refusals
def run(args: argparse.Namespace) -> int:
    """Run one action; yield the exit status."""
    act: Callable[[argparse.Namespace, Asked], int] = args.act
    return act(args, _asked(args))


def _asked(args: argparse.Namespace) -> Asked:
    return Asked(
        experiment=args.experiment,
        results=results_of(args.results),
        book=args.book,
        outcome=args.outcome,
        days=args.days,
        known_until=args.known_until,
    )


def _read(args: argparse.Namespace, asked: Asked) -> int:
    found = read_experiment(asked)
    if args.json:
        print(json.dumps(found.tree(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(reading_lines(found)))
    return FOUND if found.ratio.is_mismatched else DONE


def _preview(args: argparse.Namespace, asked: Asked) -> int:
    found = preview_strategy(
        asked, name=args.strategy, strategies=args.strategies, least=args.least
    )
    for finding in found.tolerated:
        print(finding, file=sys.stderr)
    if args.json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        print("\n".join(preview_lines(found)))
    return REFUSED if found.preview.refused else DONE
