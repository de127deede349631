"""``recoup manage``: Django's own management commands, for technicians."""

import argparse
from importlib import import_module
from pathlib import Path

from recoup.site.desk import prepare_django


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``manage``."""
    parser = subparsers.add_parser(
        "manage", help="technicians: a management command of Django / 技术人员：Django 管理命令"
    )
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    parser.add_argument("words", nargs=argparse.REMAINDER, help="for example: migrate, dbshell")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the command; exit status 0, or what Django makes of an error."""
    prepare_django(data=args.data)
    import_module("django.core.management").execute_from_command_line(["recoup", *args.words])
    return 0
