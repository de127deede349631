"""``recoup first-login``: the standard roles, and the first administrator of a new installation."""

import argparse
import secrets
import sys
from importlib import import_module
from pathlib import Path

from recoup.kernel.refusal import Refused
from recoup.site.desk import migrate, prepare_django

DONE, REFUSED = 0, 3


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``first-login``."""
    parser = subparsers.add_parser(
        "first-login",
        help="make the first administrator / 建立第一位系统管理员",
        description="Gives a new installation the standard roles and its first administrator, and "
        "prints the initial password, to be changed at the first sign-in. Refused where an active "
        "administrator is there. Exit status: 0 done, 2 wrong call, 3 refused.",
    )
    parser.add_argument("username")
    parser.add_argument("--name", default="", help="the person's name (default: the username)")
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the administrator, print the password; yield the exit status."""
    prepare_django(data=args.data)
    migrate()
    people = import_module("recoup.apps.people.actions")
    staff = import_module("recoup.apps.people.models").Staff
    machine = import_module("recoup.apps.people.permissions").MACHINE
    at = import_module("recoup.site.clock").now()
    if staff.objects.filter(is_active=True, roles__code="administrator").exists():
        print(
            "已有在职的系统管理员；其他人员请由其在“人员”中建立。\n"
            "There is an active administrator already, who makes everybody else under People.",
            file=sys.stderr,
        )
        return REFUSED
    people.give_standard_roles(at=at)
    password = secrets.token_urlsafe(15)
    fields = people.StaffFields(
        username=args.username,
        display_name=args.name or args.username,
        staff_number=args.username,
        roles=frozenset({"administrator"}),
    )
    try:
        people.add_staff(actor=machine, fields=fields, password=password, at=at)
    except Refused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    print(f"登录名 username: {args.username}\n初始密码 initial password: {password}")
    return DONE
