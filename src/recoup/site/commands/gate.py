"""``recoup gate check``: may this contact be made? For tests, auditors and the curious."""

import argparse
import json
import sys
from pathlib import Path

from recoup.kernel.contact_facts import BadFacts
from recoup.policy.contact_clauses import UnreadableClause
from recoup.policy.gate import check, gate_rules
from recoup.policy.pack import PackRefused
from recoup.policy.strategy import StrategyRefused
from recoup.site.policies import WrongCall, load_policies

ALLOWED = 0
WRONG_CALL = 2
REFUSED = 3
MOST_BYTES = 64 * 1024 * 1024


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``gate`` with its action ``check`` to the command line."""
    gate = subparsers.add_parser(
        "gate",
        help="may this contact be made? / 这次联系是否允许",
        description="Judges one contact by the law of a pack and the policy of a strategy.",
    )
    actions = gate.add_subparsers(dest="action", metavar="ACTION", required=True)
    parser = actions.add_parser(
        "check",
        help="judge one contact / 判断一次联系",
        description="Prints JSON: allowed, refused_by, next_allowed_at. "
        "Exit status: 0 allowed, 3 refused, 2 wrong call or facts that cannot be read.",
    )
    parser.add_argument("--pack", required=True, help="id of the pack, for example cn")
    parser.add_argument("--strategy", required=True, help="id of the strategy, for example example")
    parser.add_argument("--facts", required=True, help="JSON file with the facts; - reads stdin")
    parser.add_argument("--packs", type=Path, help="folder with packs of your own")
    parser.add_argument("--strategies", type=Path, help="folder with strategies of your own")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the gate's answer; yield the exit status."""
    try:
        answer = _answer(args)
    except (BadFacts, WrongCall) as wrong:
        print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
        return WRONG_CALL
    except UnreadableClause as wrong:
        print(f"{wrong.sentence.zh}\n{wrong.sentence.en}", file=sys.stderr)
        return WRONG_CALL
    except (PackRefused, StrategyRefused) as refused:
        for finding in refused.findings:
            print(finding, file=sys.stderr)
        return WRONG_CALL
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return ALLOWED if answer["allowed"] else REFUSED


def _answer(args: argparse.Namespace) -> dict[str, object]:
    facts = _facts(args.facts)
    pack, strategy = load_policies(args)
    return check(rules=gate_rules(pack=pack, strategy=strategy), facts=facts)


def _facts(name: str) -> object:
    try:
        content = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else _read(Path(name))
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_unique)
    except BadFacts:
        raise
    except (OSError, ValueError, RecursionError) as problem:
        raise WrongCall(
            zh=f"事实文件“{name}”无法读取：{getattr(problem, 'strerror', None) or problem}。",
            en=f"The facts '{name}' cannot be read: "
            f"{getattr(problem, 'strerror', None) or problem}.",
        ) from None


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise WrongCall(
            zh=f"事实文件“{file}”超过 {MOST_BYTES} 字节。",
            en=f"The facts '{file}' are longer than {MOST_BYTES} bytes.",
        )
    return content


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadFacts(
            zh=f"键“{twice}”在同一个对象中出现了两次。",
            en=f"The key '{twice}' stands twice in one object.",
        )
    return found
