"""``recoup tables``: ``run`` one decision of a DMN model, ``check`` tables like a reviewer."""

import argparse
import json
import sys
from pathlib import Path

from recoup.policy.findings import ERROR
from recoup.policy.locate import packs_folder
from recoup.policy.pack import Pack, PackRefused, load_pack
from recoup.policy.table_review import TableFinding, review_tables
from recoup.site.policies import WrongCall, found_folder
from recoup.tables.dmn import ModelRefused, read_model
from recoup.tables.facts import BadFacts, facts_from_json, json_of
from recoup.tables.model import Model, TooDeep

DONE = 0
FOUND = 1
WRONG_CALL = 2
REFUSED = 3
MOST_BYTES = 16 * 1024 * 1024


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``tables`` with its actions ``run`` and ``check`` to the command line."""
    tables = subparsers.add_parser(
        "tables",
        help="decision tables / 决策表",
        description="Works with decision models in DMN.",
    )
    actions = tables.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser(
        "run",
        help="evaluate one decision for one case / 对一个案例求一个决策的值",
        description="Prints the value of a decision as JSON. Exit status: 0 done, 2 wrong call, "
        "3 the model cannot be read.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.dmn")
    parser.add_argument("--decision", required=True, metavar="NAME")
    parser.add_argument(
        "--input", default="{}", metavar="JSON", help="a JSON object; - reads stdin"
    )
    parser.set_defaults(run=run)
    _add_check(actions)


def _add_check(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "check",
        help="gaps, overlaps, rows that never fire / 空档、重叠、永不命中的行",
        description="Checks every decision table of the files, or of the folders' .dmn files. "
        "Exit status: 0 nothing wrong (warnings may stand), 1 errors, 2 wrong call, 3 a model or "
        "the pack cannot be read.",
    )
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="a .dmn file, or a strategy's folder"
    )
    parser.add_argument("--pack", default="cn", help="whose forbidden columns count (default: cn)")
    parser.add_argument("--packs", type=Path, help="a folder with packs of your own")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=check)


def check(args: argparse.Namespace) -> int:
    """Print what a reviewer finds; yield the exit status."""
    try:
        files = [file for path in args.paths for file in _models(path)]
        folder = found_folder(args.packs or packs_folder(), args.pack, zh="法规包", en="pack")
        pack = load_pack(folder, with_cases=False)
        counts = [_reviewed(file, pack) for file in files]
    except WrongCall as wrong:
        return _said(wrong.zh, wrong.en, WRONG_CALL)
    except PackRefused as refused:
        print("\n".join(str(one) for one in refused.findings), file=sys.stderr)
        return REFUSED
    except _Unreadable as stop:
        return _said(stop.zh, stop.en, REFUSED)
    found = [one for findings, _ in counts for one in findings]
    tables = sum(number for _, number in counts)
    if args.json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=2))
    else:
        _print_findings(found, tables=tables)
    return FOUND if any(one.severity == ERROR for one in found) else DONE


class _Unreadable(Exception):
    """A model that cannot be read."""

    def __init__(self, *, file: Path, refused: ModelRefused) -> None:
        super().__init__(refused.en)
        self.zh = f"{file}：{refused.zh}。"
        self.en = f"{file}: {refused.en}."


def _models(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(path.glob("*.dmn")) if path.is_dir() else []
    if not files:
        raise WrongCall(
            zh=f"{path} 不是文件，也不是含 .dmn 文件的文件夹。",
            en=f"{path} is no file, and no folder with .dmn files.",
        )
    return files


def _reviewed(file: Path, pack: Pack) -> tuple[tuple[TableFinding, ...], int]:
    """Yield the findings of a file and the number of its tables."""
    try:
        tables = read_model(file).tables
    except ModelRefused as refused:
        raise _Unreadable(file=file, refused=refused) from None
    return review_tables(tables=tables, file=str(file), pack=pack), len(tables)


def _print_findings(found: list[TableFinding], *, tables: int) -> None:
    for one in found:
        mark = "错误 error" if one.severity == ERROR else "提示 warning"
        print(f"{one.file}:{one.line} {one.table} [{mark}] {one.sentence.zh}")
        print(f"    {one.sentence.en}")
    errors = sum(one.severity == ERROR for one in found)
    warnings = len(found) - errors
    print(f"决策表 {tables} 张：错误 {errors}，提示 {warnings}。")
    print(f"Decision tables: {tables}; errors: {errors}, warnings: {warnings}.")


def _as_json(one: TableFinding) -> dict[str, object]:
    return {
        "code": one.code,
        "severity": one.severity,
        "file": one.file,
        "line": one.line,
        "table": one.table,
        "rows": list(one.rows),
        "example": None if one.example is None else json.loads(json_of(dict(one.example))),
        "zh": one.sentence.zh,
        "en": one.sentence.en,
    }


def run(args: argparse.Namespace) -> int:
    """Print the decision's value; yield the exit status."""
    if not args.model.is_file():
        return _said(f"没有文件 {args.model}。", f"There is no file {args.model}.", WRONG_CALL)
    try:
        model = read_model(args.model)
        if args.decision not in model.decisions:
            return _unknown_decision(args.decision, model)
        facts = facts_from_json(text=_input(args.input), model=model)
        print(json_of(model.evaluate(decision=args.decision, facts=facts)))
    except BadFacts as wrong:
        return _said(wrong.zh, wrong.en, WRONG_CALL)
    except ModelRefused as refused:
        return _said(f"{args.model}：{refused.zh}。", f"{args.model}: {refused.en}.", REFUSED)
    except TooDeep as stop:
        return _said(f"{args.model}：{stop.zh}。", f"{args.model}: {stop.en}.", REFUSED)
    return DONE


def _input(given: str) -> str:
    if given != "-":
        return given
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadFacts(
            zh=f"输入超过 {MOST_BYTES} 字节。", en=f"The input is longer than {MOST_BYTES} bytes."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as stop:
        raise BadFacts(
            zh=f"输入不是 UTF-8（第 {stop.start} 字节）。",
            en=f"The input is not UTF-8 (byte {stop.start}).",
        ) from None


def _unknown_decision(name: str, model: Model) -> int:
    known = ", ".join(model.decisions)
    return _said(
        f"模型没有名为“{name}”的决策；有：{known}。",
        f"The model has no decision '{name}'; it has: {known}.",
        WRONG_CALL,
    )


def _said(zh: str, en: str, status: int) -> int:
    print(f"{zh}\n{en}", file=sys.stderr)
    return status
