"""``recoup demo``: build the synthetic bank's book, and with ``--serve`` open its desk."""

import argparse
import os
import shutil
import socket
import sys
from datetime import date
from importlib import import_module
from pathlib import Path

from recoup.demo.bank import FORMATS, Bank, build_bank
from recoup.site import demo_desk
from recoup.site.commands import night
from recoup.site.commands.serve import add_serving_options
from recoup.site.desk import DONE, REFUSED, Desk, PortTaken, listen, migrate, prepare_django
from recoup.site.desk import warnings_for as warnings

_AS_OF = date(2026, 11, 20)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``demo``."""
    parser = subparsers.add_parser(
        "demo",
        help="build a synthetic bank's book / 生成一家模拟银行的账簿",
        description="Builds the book of a synthetic bank in OUT/book, and in OUT/truth.parquet the "
        "true parameters of its debtors. The same seed and format give the same files; in CSV "
        "more kinds of rows are spoilt, because text can hold more mistakes. With --serve it also "
        "runs the night, gives the bank a desk with staff, prints one login per role and serves "
        "until Ctrl-C; started again it opens what is there. Exit status: 0 done, 2 wrong call, "
        "3 refused.",
    )
    parser.add_argument("--loans", type=_count, default=20_000, metavar="N", help="contracts")
    parser.add_argument("--seed", type=int, default=7, metavar="S", help="seed, 0 or more")
    parser.add_argument("--out", type=Path, default=Path("demo-bank"), metavar="DIR")
    parser.add_argument("--as-of", type=date.fromisoformat, default=_AS_OF, metavar="DATE")
    parser.add_argument("--format", choices=FORMATS, default="parquet")
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--serve", action="store_true", help="run the night and open the desk")
    parser.add_argument("--fresh", action="store_true", help="with --serve: build all of it anew")
    add_serving_options(parser)
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one loan / 至少一笔贷款")
    return number


def run(args: argparse.Namespace) -> int:
    """Build the bank and print what was built; serve its desk if asked to; yield exit status."""
    if args.serve:
        return _serve(args)
    print(_summary(_built(args), book=args.out / "book", args=args))
    return DONE


def _built(args: argparse.Namespace) -> Bank:
    return build_bank(
        folder=args.out,
        loans=args.loans,
        seed=args.seed,
        as_of=args.as_of,
        file_format=args.format,
    )


def _serve(args: argparse.Namespace) -> int:
    bank = demo_desk.Bank(folder=args.out, loans=args.loans, seed=args.seed, as_of=args.as_of)
    try:
        listening = listen(host=args.host, port=args.port)
    except PortTaken as taken:
        print(f"{taken.zh}\n{taken.en}", file=sys.stderr)
        return REFUSED
    is_prepared = bank.is_prepared() and not args.fresh
    if not is_prepared and os.environ.get("RECOUP_DATABASE_URL") and bank.desk.exists():
        print(
            "RECOUP_DATABASE_URL 指向的数据库不会被自动清空；请换一个空的数据库，并删除 "
            f"{bank.desk} 后重试。\nThe database of RECOUP_DATABASE_URL is not emptied for you; "
            f"give an empty one, remove {bank.desk} and start again.",
            file=sys.stderr,
        )
        return REFUSED
    if not is_prepared:
        status = _made_anew(bank, args)
        if status == REFUSED:
            return status
    else:
        print(f"晨报 report: {(bank.night / 'report.html').resolve()}")
    bank.environment()
    prepare_django()
    migrate()
    if not is_prepared:
        demo_desk.prepare(bank)
    return _open(bank, args, listening)


def _made_anew(bank: demo_desk.Bank, args: argparse.Namespace) -> int:
    """Build the book and run the night, as ``recoup demo`` and ``recoup night`` do."""
    shutil.rmtree(bank.desk, ignore_errors=True)
    print(_summary(_built(args), book=bank.book, args=args), flush=True)
    words = ["night", "--book", str(bank.book), "--as-of", bank.as_of.isoformat(), "--go-on"]
    parser = argparse.ArgumentParser()
    night.add_parser(parser.add_subparsers())
    return night.run(parser.parse_args([*words, "--out", str(bank.night)]))


def _open(bank: demo_desk.Bank, args: argparse.Namespace, listening: socket.socket) -> int:
    """Print the logins and serve until stopped; the desk's clock is kept meanwhile."""
    for line in warnings(host=args.host, https=False):
        print(line, file=sys.stderr)
    found = demo_desk.logins(places=demo_desk.places_of(bank.night), seed=bank.seed)
    print(
        f"\n作业台 desk: http://{args.host}:{args.port}/   （演示用户，Ctrl-C 停止 / "
        f"demonstration logins, Ctrl-C stops）\n{demo_desk.login_table(found)}",
        flush=True,
    )
    now = import_module("recoup.site.clock").now
    desk = Desk(
        listening=listening,
        workers=args.workers,
        threads=args.threads,
        data=bank.desk,
        every_second=lambda: bank.keep_clock(now()),
    )
    return desk.run()


def _summary(bank: Bank, *, book: Path, args: argparse.Namespace) -> str:
    overdue = f"{100 * bank.overdue / max(bank.active, 1):.1f}%"
    over_90 = f"{100 * bank.overdue_over_90 / max(bank.active, 1):.1f}%"
    tables = ", ".join(f"{name} {rows:,}" for name, rows in bank.rows.items())
    if args.lang == "zh":
        return (
            f"模拟银行已生成：{book}（营业日期 {args.as_of}，种子 {args.seed}）\n"
            f"  债务人 {bank.debtors:,}，合同 {bank.contracts:,}，其中在账 {bank.active:,}\n"
            f"  在账合同中逾期 {bank.overdue:,}（{overdue}），"
            f"逾期超过 90 天 {bank.overdue_over_90:,}（{over_90}）\n"
            f"  各表行数：{tables}\n"
            f"  真实参数：{args.out / 'truth.parquet'}；"
            f"故意写坏的 {bank.dirty:,} 行见 {args.out / 'dirty.parquet'}"
        )
    return (
        f"Synthetic bank built: {book} (business date {args.as_of}, seed {args.seed})\n"
        f"  {bank.debtors:,} debtors, {bank.contracts:,} contracts, {bank.active:,} active\n"
        f"  active contracts overdue: {bank.overdue:,} ({overdue}), "
        f"more than 90 days: {bank.overdue_over_90:,} ({over_90})\n"
        f"  rows per table: {tables}\n"
        f"  true parameters: {args.out / 'truth.parquet'}; "
        f"the {bank.dirty:,} rows spoilt on purpose: {args.out / 'dirty.parquet'}"
    )
