"""``recoup serve``: the desk on a port of this machine, with the workers of its jobs."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from recoup.site.desk import REFUSED, Desk, PortTaken, listen, migrate, prepare_django
from recoup.site.desk import warnings_for as warnings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``serve``."""
    parser = subparsers.add_parser(
        "serve",
        help="run the desk in the web browser / 运行网页作业台",
        description="Brings the records up to date, then serves the desk and works its jobs off. "
        "RECOUP_DATABASE_URL puts the records into PostgreSQL; without it they are in DATA. "
        "Exit status: 0 stopped, 2 wrong call, 3 refused (the port is taken, a "
        "channel's settings cannot serve).",
    )
    add_serving_options(parser)
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    parser.set_defaults(run=run)


def add_serving_options(parser: argparse.ArgumentParser) -> None:
    """Add where and how wide to serve."""
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    parser.add_argument("--port", type=port, default=8000, help="default: 8000")
    parser.add_argument("--workers", type=_few, default=2, help="web processes (default: 2)")
    parser.add_argument("--threads", type=_few, default=4, help="threads of each (default: 4)")


def port(text: str) -> int:
    """Yield a port's number."""
    if not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port from 1 to 65535 / 不是有效端口")
    return int(text)


def _few(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no number from 1 to 64 / 不是 1 至 64 的整数"
        )
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; yield the exit status."""
    try:
        listening = listen(host=args.host, port=args.port)
    except PortTaken as taken:
        print(f"{taken.zh}\n{taken.en}", file=sys.stderr)
        return REFUSED
    prepare_django(data=args.data)
    migrate()
    ways_out = import_module("recoup.site.ways_out")
    try:
        for way in ways_out.build_all().values():
            way.close()
    except ways_out.BadChannel as bad:
        print(f"渠道设置无法使用：{bad}\nA channel's settings cannot serve: {bad}", file=sys.stderr)
        return REFUSED
    for line in ways_out.said_of_channels():
        print(line, file=sys.stderr)
    https = bool(import_module("django.conf").settings.HTTPS)
    for line in warnings(host=args.host, https=https):
        print(line, file=sys.stderr)
    print(f"recoup: http://{args.host}:{args.port}/  (Ctrl-C 停止 / stops)", flush=True)
    desk = Desk(
        listening=listening,
        workers=args.workers,
        threads=args.threads,
        data=args.data,
    )
    return desk.run()
