"""``recoup explain``: how one contract's figures and class came about, line by line."""

import argparse
import sys
from pathlib import Path

from recoup.engine.book_rows import NoSuchContract
from recoup.engine.explaining import explanation, tell
from recoup.engine.refusal import NightRefused
from recoup.kernel.explain import render

DONE, DIFFERS, WRONG_CALL, REFUSED = range(4)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``explain`` to the command line."""
    parser = subparsers.add_parser(
        "explain",
        help="how one contract's figures and class came about / 逐笔说明一份合同",
        description="Exit status: 0 explained, 1 explained but deciding anew differs from the "
        "night, 2 no such contract, 3 not a result.",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of a night's result")
    parser.add_argument("contract_id", metavar="CONTRACT_ID")
    parser.add_argument(
        "--lang", choices=("zh", "en", "both"), default="both", help="default: both"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the explanation; yield the exit status."""
    try:
        told = tell(result=args.out, contract_id=args.contract_id)
    except NoSuchContract as missing:
        print(f"{missing.zh}\n{missing.en}", file=sys.stderr)
        return WRONG_CALL
    except NightRefused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    languages = ("zh", "en") if args.lang == "both" else (args.lang,)
    story = explanation(told)
    print("\n".join(render(explanation=story, language=one) for one in languages), end="")
    return DIFFERS if told.differences else DONE
