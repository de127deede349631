"""Finds and loads the pack and the strategy that a command names."""

import argparse
from pathlib import Path

from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import Pack, load_pack
from recoup.policy.strategy import Strategy, load_strategy


class WrongCall(Exception):
    """The command was called with something that is not there or cannot be read."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.zh = zh
        self.en = en


def add_policy_options(parser: argparse.ArgumentParser) -> None:
    """Add --pack, --strategy and the folders of a bank's own to a command."""
    parser.add_argument("--pack", default="cn", help="the jurisdiction's pack (default: cn)")
    parser.add_argument(
        "--strategy", default="example", help="the bank's strategy (default: example)"
    )
    parser.add_argument("--packs", type=Path, help="a folder with packs of your own")
    parser.add_argument("--strategies", type=Path, help="a folder with strategies of your own")


def load_policies(args: argparse.Namespace, *, dry_run: bool = False) -> tuple[Pack, Strategy]:
    """Yield the pack and the strategy named on the command line.

    ``dry_run``: the strategy is only to be looked at; see ``load_strategy``.
    Errors: WrongCall, when one is not there; PackRefused and StrategyRefused, with every finding.
    """
    pack_folder = found_folder(args.packs or packs_folder(), args.pack, zh="法规包", en="pack")
    strategy_folder = found_folder(
        args.strategies or strategies_folder(), args.strategy, zh="策略", en="strategy"
    )
    pack = load_pack(pack_folder, with_cases=False)
    return pack, load_strategy(strategy_folder, pack=pack, dry_run=dry_run)


def found_folder(parent: Path, name: str, *, zh: str, en: str) -> Path:
    """Yield the folder of that name. Errors: WrongCall, when there is none."""
    folder = Path(parent) / name
    if not name or Path(name).name != name or not folder.is_dir():
        raise WrongCall(
            zh=f"文件夹 {parent} 中没有{zh}“{name}”。",
            en=f"There is no {en} '{name}' in the folder {parent}.",
        )
    return folder
