"""``recoup book check``: are a bank's files fit for the night? Only the row checks."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from recoup.engine.book.intake import Intake
from recoup.engine.book.refused import BookRefused
from recoup.engine.book.take_in import take_in
from recoup.policy.locate import FolderMissing, packs_folder
from recoup.policy.pack import PackRefused, load_pack
from recoup.site.commands.night import business_date, share_ppm
from recoup.site.policies import WrongCall, found_folder

CLEAN, WITH_REJECTS, WRONG_CALL, REFUSED = range(4)
#: Rejected rows that are shown as examples, one of each kind at most.
MOST_EXAMPLES = 50


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``book`` with its action ``check`` to the command line."""
    book = subparsers.add_parser(
        "book",
        help="is a bank's book fit for the night? / 账册是否合格",
        description="Works on a bank's book: a folder with one file per table.",
    )
    actions = book.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser(
        "check",
        help="check every row / 逐行检查",
        description="Checks every row as the night does, and decides nothing. Exit status: "
        "0 clean, 1 with rejects, 2 wrong call, 3 too many bad rows or not readable.",
    )
    parser.add_argument("book", type=Path, metavar="BOOK", help="folder with the bank's files")
    parser.add_argument("--as-of", type=business_date, required=True, help="business date")
    parser.add_argument("--pack", default="cn", help="the jurisdiction's pack (default: cn)")
    parser.add_argument("--packs", type=Path, help="a folder with packs of your own")
    parser.add_argument("--out", type=Path, metavar="REJECTS", help="where to write the rejects")
    parser.add_argument(
        "--max-bad",
        type=share_ppm,
        default=10_000,
        metavar="SHARE",
        help="refuse when more of a required table's rows are bad (default: 1%%)",
    )
    parser.add_argument("--lang", choices=("zh", "en", "both"), default="both")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the book, print the account; yield the exit status."""
    try:
        return _check(args)
    except FolderMissing as missing:
        print(missing, file=sys.stderr)
        return WRONG_CALL
    except WrongCall as wrong:
        print(_both(args.lang, wrong.zh, wrong.en), file=sys.stderr)
        return WRONG_CALL
    except PackRefused as refused:
        for finding in refused.findings:
            print(finding, file=sys.stderr)
        return REFUSED


def _check(args: argparse.Namespace) -> int:
    pack = load_pack(found_folder(args.packs or packs_folder(), args.pack, zh="法规包", en="pack"))
    if args.out is not None and not args.out.absolute().parent.is_dir():
        raise WrongCall(
            zh=f"拒收文件所在的文件夹 {args.out.absolute().parent} 不存在。",
            en=f"There is no folder {args.out.absolute().parent} to write the rejects to.",
        )
    with tempfile.TemporaryDirectory(prefix="recoup-book-") as scratch:
        try:
            intake = take_in(
                folder=args.book,
                into=Path(scratch),
                as_of=args.as_of,
                pack_currency=pack.base_currency,
                time_zone=pack.time_zone,
                max_bad_ppm=args.max_bad,
            )
        except BookRefused as refused:
            print(_both(args.lang, refused.zh, refused.en), file=sys.stderr)
            if refused.rejects is not None:
                _show(refused.rejects, args)
            return REFUSED
        print("\n".join(account(intake, lang=args.lang)))
        _show(intake.rejects, args)
    return CLEAN if intake.clean else WITH_REJECTS


def account(intake: Intake, *, lang: str) -> Iterator[str]:
    """Yield the account of an intake as lines: per table the rows, then each kind of finding."""
    for table in intake.tables.values():
        yield _both(
            lang,
            f"{table.name}：读取 {table.rows_read:,} 行，接受 {table.rows_accepted:,}，"
            f"拒收 {table.rows_rejected:,}",
            f"{table.name}: {table.rows_read:,} rows read, {table.rows_accepted:,} accepted, "
            f"{table.rows_rejected:,} rejected",
        )
        for severity, findings in table.findings_by_severity.items():
            for code, count in findings.items():
                yield f"    {severity} {code} × {count:,}"
    for remark in intake.remarks:
        yield _both(lang, remark.zh, remark.en)
    yield _both(
        lang,
        f"合同 {intake.loans:,}，其中因记录有错无法判断 {intake.undecidable_loans:,}",
        f"{intake.loans:,} contracts, of which {intake.undecidable_loans:,} cannot be decided "
        "because of faulty rows",
    )


def _show(rejects: Path, args: argparse.Namespace) -> None:
    """Copy the reject file to where it was asked for; print one example of each kind."""
    seen: set[tuple[str, str]] = set()
    for batch in pq.ParquetFile(rejects).iter_batches(batch_size=10_000):
        for row in batch.to_pylist():
            kind = (row["table"], row["code"])
            if kind in seen or len(seen) >= MOST_EXAMPLES:
                continue
            seen.add(kind)
            place = f"{row['file']}:{row['row']} {row['key'] or ''} {row['column']}".rstrip()
            value = "" if row["value"] is None else f" [{row['value'][:80]}]"
            print(f"{place}{value}: " + _both(args.lang, row["sentence_zh"], row["sentence_en"]))
    if args.out is not None:
        shutil.copyfile(rejects, args.out)
        print(_both(args.lang, f"拒收文件：{args.out}", f"Reject file: {args.out}"))


def _both(lang: str, zh: str, en: str) -> str:
    return {"zh": zh, "en": en}.get(lang, f"{zh} / {en}")
