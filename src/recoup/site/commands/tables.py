"""``recoup tables run``: one decision of a DMN model, for one case."""

import argparse
import sys
from pathlib import Path

from recoup.tables.dmn import ModelRefused, read_model
from recoup.tables.facts import BadFacts, facts_from_json, json_of
from recoup.tables.model import Model, TooDeep

DONE = 0
WRONG_CALL = 2
REFUSED = 3
MOST_BYTES = 16 * 1024 * 1024


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``tables`` with its action ``run`` to the command line."""
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
