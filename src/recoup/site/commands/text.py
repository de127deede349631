"""``recoup text check``: may this text be sent? For staff, template writers and auditors."""

import argparse
import sys
from pathlib import Path

from recoup.kernel.money import NotAnAmount, minor_from_text
from recoup.kernel.texts.check import LONGEST, TextFinding
from recoup.policy.pack import PackRefused
from recoup.policy.strategy import StrategyRefused
from recoup.policy.text_parts import CONTACTS
from recoup.policy.texts import TextsRefused, load_texts
from recoup.site.policies import WrongCall, add_policy_options, load_policies

CLEAN = 0
FOUND = 1
WRONG_CALL = 2
REFUSED = 3
MOST_BYTES = 4 * (LONGEST + 1)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``text`` with its action ``check`` to the command line."""
    text = subparsers.add_parser(
        "text",
        help="may this text be sent? / 这段文字能否发出",
        description="Holds texts to what must not be said and to the figures of the ledger.",
    )
    actions = text.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser(
        "check",
        help="check one text / 检查一段文字",
        description="Prints every finding: place, rule, phrase, a better phrase. "
        "Exit status: 0 nothing found, 1 findings, 2 wrong call, 3 refused to load.",
    )
    parser.add_argument("file", help="file with the text, UTF-8; - reads stdin")
    parser.add_argument(
        "--language", choices=("zh", "en"), default="zh", help="what it is written in (default: zh)"
    )
    parser.add_argument(
        "--contact",
        choices=CONTACTS,
        default="collect",
        help="what the contact is for (default: collect)",
    )
    parser.add_argument(
        "--figure",
        action="append",
        metavar="AMOUNT",
        help="an amount that the ledger has, such as 1240.00; may be repeated",
    )
    add_policy_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the findings; yield the exit status."""
    try:
        text = _text(args.file)
        pack, strategy = load_policies(args)
        figures = _figures(args.figure, pack.base_currency)
        texts = load_texts(pack=pack, strategy=strategy)
    except WrongCall as wrong:
        print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
        return WRONG_CALL
    except (PackRefused, StrategyRefused, TextsRefused) as refused:
        for finding in refused.findings:
            print(finding, file=sys.stderr)
        return REFUSED
    found = texts.check(text=text, language=args.language, contact=args.contact, figures=figures)
    for one in found:
        _print(one, text, args.file)
    if not found:
        print("未发现问题。 Nothing found.")
    return FOUND if found else CLEAN


def _print(found: TextFinding, text: str, file: str) -> None:
    before = text[: found.start]
    line, column = before.count("\n") + 1, found.start - (before.rfind("\n") + 1) + 1
    phrase = " ".join(found.phrase.split())
    print(f"{file}:{line}:{column} {found.kind} {found.rule_id} “{phrase}”")
    print(f"    {found.says.zh} 建议：{found.better.zh}（{found.source.zh}）")
    print(f"    {found.says.en} Better: {found.better.en} ({found.source.en})")


def _text(name: str) -> str:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
        return content.decode("utf-8-sig") if len(content) <= MOST_BYTES else "…" * (LONGEST + 1)
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise WrongCall(
            zh=f"文件“{name}”无法读取：{reason}。",
            en=f"The file '{name}' cannot be read: {reason}.",
        ) from None


def _figures(written: list[str] | None, currency: str) -> tuple[int, ...] | None:
    """The amounts in minor units; None where none was given, so that any amount is in doubt."""
    if written is None:
        return None
    try:
        return tuple(minor_from_text(text=one, currency=currency) for one in written)
    except NotAnAmount as wrong:
        raise WrongCall(zh=wrong.sentence_zh, en=wrong.sentence_en) from None
