"""``recoup catch-up``: run the missed business dates of a span, in order."""

import argparse
import sys
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from recoup.engine.book_changes import TableChange
from recoup.engine.refusal import NightRefused
from recoup.engine.rerun import row_counts
from recoup.kernel.refusal import Refused
from recoup.policy.pack import PackRefused
from recoup.policy.strategy import StrategyRefused
from recoup.site.changes_told import told_since
from recoup.site.commands import night
from recoup.site.commands.night import business_date
from recoup.site.desk import migrate, prepare_django
from recoup.site.policies import WrongCall, load_policies
from recoup.site.working import beating, worker_name

DONE, DONE_WITH_REJECTS, WRONG_CALL, REFUSED = range(4)
#: Stands for the business date in the names of folders.
PLACE = "{as_of}"
MOST_DATES = 400


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``catch-up``."""
    parser = subparsers.add_parser(
        "catch-up",
        help="run missed business dates in order / 按顺序补跑漏跑的日期",
        description="Runs every date of the span that has no result yet, or whose inputs have "
        "changed since, the earliest first; says what has changed; stops at the first that fails. "
        "Without --book and --out the nights are the desk's: over the book, pack and strategy of "
        "its schedule. Every calendar day counts, for interest and days past due run on days of "
        "rest too. Exit status: 0 done, 1 done with refused rows or warnings, 2 wrong call, "
        "3 refused or stopped.",
    )
    parser.add_argument("--from", dest="first_on", type=business_date, required=True)
    parser.add_argument("--to", dest="last_on", type=business_date, required=True)
    parser.add_argument(
        "--working-days", action="store_true", help="only working days of the pack's calendar"
    )
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    folders = parser.add_argument_group(
        "without a desk", f"both, with {PLACE} for the business date; then all options of the night"
    )
    folders.add_argument("--book", metavar="FOLDER", help=f"such as in/{PLACE}")
    folders.add_argument("--out", metavar="FOLDER", help=f"such as out/{PLACE}")
    night.add_night_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Catch up; print each date with its outcome; yield the exit status."""
    try:
        if args.book is None and args.out is None:
            _refuse_night_options(args)
            return _at_the_desk(args)
        return _in_folders(args)
    except WrongCall as wrong:
        print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
        return WRONG_CALL
    except (Refused, NightRefused) as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    except (PackRefused, StrategyRefused) as refused:
        print("\n".join(str(one) for one in refused.findings), file=sys.stderr)
        return REFUSED


def _refuse_night_options(args: argparse.Namespace) -> None:
    """Refuse options that the desk's schedule decides, rather than take no notice of them."""
    own = argparse.ArgumentParser()
    night.add_night_options(own)
    given = [
        f"--{name.replace('_', '-')}"
        for name, default in vars(own.parse_args([])).items()
        if getattr(args, name) != default
    ]
    if given:
        raise WrongCall(
            zh=f"{', '.join(given)} 只能与 --book 和 --out 一起使用；作业台的日终按其设置运行。",
            en=f"{', '.join(given)} go with --book and --out only; the desk's nights run by its "
            "schedule.",
        )


def _in_folders(args: argparse.Namespace) -> int:
    """Run the dates of the span from folder to folder, as ``recoup night`` does."""
    for name, given in (("--book", args.book), ("--out", args.out)):
        if given is None or PLACE not in given:
            raise WrongCall(
                zh=f"{name} 需要含有 {PLACE}，代表营业日期，例如 in/{PLACE}。",
                en=f"{name} needs {PLACE} in it for the business date, such as in/{PLACE}.",
            )
    worst = DONE
    for as_of in _dates(args):
        if not args.quiet:
            print(f"== {as_of}", flush=True)
        places = {
            name: Path(getattr(args, name).replace(PLACE, str(as_of))) for name in ("book", "out")
        }
        status = night.run(
            argparse.Namespace(**{**vars(args), **places, "as_of": as_of, "dry_run": False})
        )
        if status > DONE_WITH_REJECTS:
            print(
                f"在 {as_of} 停止；之后的日期没有运行。\n"
                f"It stopped at {as_of}; the dates after it were not run.",
                file=sys.stderr,
            )
            return status
        worst = max(worst, status)
    return worst


def _dates(args: argparse.Namespace) -> Iterator[date]:
    """Yield the dates of the span, in order. Errors: WrongCall."""
    count = (args.last_on - args.first_on).days + 1
    if not 0 < count <= MOST_DATES:
        raise WrongCall(
            zh=f"--from 不得晚于 --to，且一次最多 {MOST_DATES} 天。",
            en=f"--from must not lie after --to, and at most {MOST_DATES} days go at a time.",
        )
    days = [args.first_on + timedelta(days=number) for number in range(count)]
    if not args.working_days:
        yield from days
        return
    pack, _ = load_policies(args)
    yield from (day for day in days if pack.calendar.is_working(day))


def _at_the_desk(args: argparse.Namespace) -> int:
    prepare_django(data=args.data)
    migrate()
    runs = import_module("recoup.apps.closing.night_runs")
    since = import_module("recoup.apps.closing.again")
    models = import_module("recoup.apps.closing.models")
    clock = import_module("recoup.events.clock").clock_of_jobs()
    changed = {
        one.as_of: one for one in since.changed_since(first_on=args.first_on, last_on=args.last_on)
    }
    ordered = _order(args, clock, changed)
    if ordered is None:
        print(
            f"{args.first_on} 至 {args.last_on} 的日期都已完成，输入没有变化；没有运行。\n"
            f"Every date from {args.first_on} to {args.last_on} is done and its inputs have not "
            "changed; nothing was run."
        )
        return DONE
    name = worker_name(queue="command")
    with beating(name=name, queue="command"):
        runs.carry_out_catch_up(
            catch_up_id=ordered.catch_up_id, worker=name, clock=clock, also=frozenset(changed)
        )
    catch_up = models.CatchUp.objects.get(pk=ordered.catch_up_id)
    nights = list(catch_up.nights.order_by("pk"))
    for one in nights:
        print(f"{one.as_of}  {one.status}  {one.rejected_rows or 0:,} rejects")
        if one.as_of in changed:
            print("\n".join(_told(changed[one.as_of], one)))
    if catch_up.status != models.CatchUp.Status.DONE:
        print(
            f"在 {catch_up.stopped_on} 停止：{catch_up.why_zh}\n"
            f"It stopped at {catch_up.stopped_on}: {catch_up.why_en}",
            file=sys.stderr,
        )
        return REFUSED
    found = sum((one.rejected_rows or 0) + (one.warnings or 0) for one in nights)
    return DONE_WITH_REJECTS if found else DONE


def _order(args: argparse.Namespace, clock: Any, changed: Collection[date]) -> Any:
    """Place the catch-up on order; None where there is nothing to run. Errors: Refused."""
    actions = import_module("recoup.apps.closing.actions")
    machine = import_module("recoup.apps.people.permissions").MACHINE
    try:
        return actions.order_catch_up(
            actor=machine,
            first_on=args.first_on,
            last_on=args.last_on,
            at=clock.instant(),
            working_days_only=args.working_days,
            by_worker=False,
            also=frozenset(changed),
        )
    except actions.NothingToRun:
        return None


def _told(changed: Any, done: Any) -> Iterator[str]:
    """Yield what has changed since the night before of the same date."""
    counted: tuple[TableChange, ...] = ()
    folders = [Path(folder) for folder in (changed.result_folder, done.result_folder)]
    if done.result_folder and all((folder / "book").is_dir() for folder in folders):
        counted = row_counts(before=folders[0], after=folders[1])
    yield from told_since(changed.since, counted)
