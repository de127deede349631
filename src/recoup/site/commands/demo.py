"""``recoup demo``: build the synthetic bank's book, and the side file with its true parameters."""

import argparse
from datetime import date
from pathlib import Path

from recoup.demo.bank import FORMATS, Bank, build_bank

_AS_OF = date(2026, 11, 20)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand ``demo``."""
    parser = subparsers.add_parser(
        "demo",
        help="build a synthetic bank's book / 生成一家模拟银行的账簿",
        description="Builds the book of a synthetic bank in OUT/book, and in OUT/truth.parquet the "
        "true parameters of its debtors. The same seed and format give the same files; in CSV "
        "more kinds of rows are spoilt, because text can hold more mistakes.",
    )
    parser.add_argument("--loans", type=_count, default=20_000, metavar="N", help="contracts")
    parser.add_argument("--seed", type=int, default=7, metavar="S", help="seed, 0 or more")
    parser.add_argument("--out", type=Path, default=Path("demo-bank"), metavar="DIR")
    parser.add_argument("--as-of", type=date.fromisoformat, default=_AS_OF, metavar="DATE")
    parser.add_argument("--format", choices=FORMATS, default="parquet")
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one loan / 至少一笔贷款")
    return number


def run(args: argparse.Namespace) -> int:
    """Build the bank and print what was built; exit status 0."""
    book = args.out / "book"
    bank = build_bank(
        folder=args.out,
        loans=args.loans,
        seed=args.seed,
        as_of=args.as_of,
        file_format=args.format,
    )
    print(_summary(bank, book=book, args=args))
    return 0


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
