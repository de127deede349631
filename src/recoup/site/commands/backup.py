"""``recoup backup``: the desk in one file, while it works on."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from recoup.site.backup import BackupRefused, back_up
from recoup.site.desk import prepare_django

DONE, REFUSED = 0, 3


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``backup``."""
    parser = subparsers.add_parser(
        "backup",
        help="write the desk into one file / 备份作业台",
        description="Writes the records, the kept files, the night that the desk shows and the "
        "secret key into one file, while the desk works on. Keep it as you keep the records: it "
        "holds debtors' data. Exit status: 0 done, 2 wrong call, 3 refused.",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .tar.gz file")
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Back the desk up; yield the exit status."""
    prepare_django(data=args.data)
    now = import_module("recoup.site.clock").now
    try:
        size = back_up(out=args.out.resolve(), at=now())
    except BackupRefused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    print(f"备份 backup: {args.out} ({size / 1024 / 1024:,.1f} MiB)")
    return DONE
