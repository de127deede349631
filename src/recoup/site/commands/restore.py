"""``recoup restore``: a backup brought back into a desk that is stopped."""

import argparse
import sys
from pathlib import Path

from recoup.site.backup import BackupRefused, restore
from recoup.site.desk import migrate, prepare_django

DONE, REFUSED = 0, 3


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``restore``."""
    parser = subparsers.add_parser(
        "restore",
        help="bring a backup back / 恢复备份",
        description="Brings a backup into the desk's folder and database, after comparing every "
        "file with its hash, and brings the tables up to date. Stop the desk first. "
        "Exit status: 0 done, 2 wrong call, 3 refused.",
    )
    parser.add_argument("source", type=Path, metavar="FILE", help="what recoup backup has written")
    parser.add_argument("--over", action="store_true", help="replace records that are there")
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restore; yield the exit status."""
    prepare_django(data=args.data)
    try:
        files = restore(source=args.source.resolve(), over=args.over)
    except BackupRefused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    migrate()
    print(f"已恢复 {files:,} 个文件 / restored {files:,} files")
    return DONE
