"""Tells a command's refusals on the error output, in the sentences that they bring."""

import argparse
import sys
from collections.abc import Callable
from functools import wraps

from recoup.engine.refusal import NightRefused
from recoup.policy.pack import PackRefused
from recoup.policy.strategy import StrategyRefused
from recoup.site.policies import WrongCall

WRONG_CALL = 2
REFUSED = 3

Command = Callable[[argparse.Namespace], int]


def tells_refusals(command: Command) -> Command:
    """Yield the command with 2 for a wrong call and 3 for what is refused, each told."""

    @wraps(command)
    def told(args: argparse.Namespace) -> int:
        try:
            return command(args)
        except WrongCall as wrong:
            print(f"{wrong.zh}\n{wrong.en}", file=sys.stderr)
            return WRONG_CALL
        except (PackRefused, StrategyRefused) as refused:
            print("\n".join(str(one) for one in refused.findings), file=sys.stderr)
            return REFUSED
        except NightRefused as refused:
            print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
            return REFUSED

    return told
