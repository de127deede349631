"""``recoup serve``: the desk on a port of this machine, with the worker of its jobs."""

import argparse
from pathlib import Path

from recoup.site.desk import migrate, prepare_django, serve


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``serve``."""
    parser = subparsers.add_parser(
        "serve",
        help="run the desk in the web browser / 运行网页作业台",
        description="Brings the records up to date, then serves the desk and works its jobs off. "
        "RECOUP_DATABASE_URL puts the records into PostgreSQL; without it they are in DATA.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; exit status 0."""
    prepare_django(data=args.data)
    migrate()
    print(f"recoup: http://{args.host}:{args.port}/", flush=True)
    return serve(host=args.host, port=args.port, threads=args.threads, data=args.data)
