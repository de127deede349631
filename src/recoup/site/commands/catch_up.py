"""``recoup catch-up``: run the missed business dates of a span, in order."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from recoup.kernel.refusal import Refused
from recoup.site.commands.night import business_date
from recoup.site.desk import migrate, prepare_django
from recoup.site.working import beating, worker_name

DONE, DONE_WITH_REJECTS, _, REFUSED = range(4)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``catch-up``."""
    parser = subparsers.add_parser(
        "catch-up",
        help="run missed business dates in order / 按顺序补跑漏跑的日期",
        description="Runs every date of the span that no night of the desk has decided yet, the "
        "earliest first, over the book, pack and strategy of the desk's schedule; stops at the "
        "first that fails. Every calendar day counts, for interest and days past due run on days "
        "of rest too. Exit status: 0 done, 1 done with refused rows or warnings, 2 wrong call, "
        "3 refused or stopped.",
    )
    parser.add_argument("--from", dest="first_on", type=business_date, required=True)
    parser.add_argument("--to", dest="last_on", type=business_date, required=True)
    parser.add_argument(
        "--working-days", action="store_true", help="only working days of the pack's calendar"
    )
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Catch up; print each date with its outcome; yield the exit status."""
    prepare_django(data=args.data)
    migrate()
    actions = import_module("recoup.apps.closing.actions")
    runs = import_module("recoup.apps.closing.night_runs")
    models = import_module("recoup.apps.closing.models")
    machine = import_module("recoup.apps.people.permissions").MACHINE
    clock = import_module("recoup.events.clock").clock_of_jobs()
    try:
        ordered = actions.order_catch_up(
            actor=machine,
            first_on=args.first_on,
            last_on=args.last_on,
            at=clock.instant(),
            working_days_only=args.working_days,
            by_worker=False,
        )
    except Refused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    name = worker_name(queue="command")
    with beating(name=name, queue="command"):
        runs.carry_out_catch_up(catch_up_id=ordered.catch_up_id, worker=name, clock=clock)
    catch_up = models.CatchUp.objects.get(pk=ordered.catch_up_id)
    nights = list(catch_up.nights.order_by("pk"))
    for night in nights:
        print(f"{night.as_of}  {night.status}  {night.rejected_rows or 0:,} rejects")
    if catch_up.status != models.CatchUp.Status.DONE:
        print(
            f"在 {catch_up.stopped_on} 停止：{catch_up.why_zh}\n"
            f"It stopped at {catch_up.stopped_on}: {catch_up.why_en}",
            file=sys.stderr,
        )
        return REFUSED
    found = sum((night.rejected_rows or 0) + (night.warnings or 0) for night in nights)
    return DONE_WITH_REJECTS if found else DONE
