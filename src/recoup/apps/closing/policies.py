"""The packs and strategies that a night of the desk can be run under, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from recoup.kernel.refusal import Refused
from recoup.policy.locate import FolderMissing, packs_folder, strategies_folder
from recoup.policy.pack import Pack, load_pack
from recoup.policy.strategy import Strategy, load_strategy


class NoSuchPolicy(Refused):
    """No pack or strategy of that name is installed."""

    def __init__(self, *, zh: str, en: str, name: str) -> None:
        super().__init__(
            zh=f"没有名为“{name}”的{zh}；请在日终设置中另选一个。",
            en=f"There is no {en} called '{name}'; choose another in the schedule.",
        )


@dataclass(frozen=True, kw_only=True)
class Policies:
    """A pack and the strategy that was checked against it."""

    pack: Pack
    strategy: Strategy


def pack_names() -> tuple[str, ...]:
    """Yield the names of the packs that are installed."""
    return _names(packs_folder, settings.PACKS_FOLDER)


def strategy_names() -> tuple[str, ...]:
    """Yield the names of the strategies that are installed."""
    return _names(strategies_folder, settings.STRATEGIES_FOLDER)


def load_policies(*, pack: str, strategy: str) -> Policies:
    """Yield a pack and a strategy by name.

    Errors: NoSuchPolicy; PackRefused and StrategyRefused with their findings.
    """
    if pack not in pack_names():
        raise NoSuchPolicy(zh="法规包", en="pack", name=pack)
    if strategy not in strategy_names():
        raise NoSuchPolicy(zh="策略", en="strategy", name=strategy)
    law = load_pack(packs_folder(settings.PACKS_FOLDER or None) / pack, with_cases=False)
    folder = strategies_folder(settings.STRATEGIES_FOLDER or None) / strategy
    return Policies(pack=law, strategy=load_strategy(folder, pack=law))


def _names(find: Callable[[str | None], Path], given: str) -> tuple[str, ...]:
    try:
        parent = find(given or None)
        return tuple(sorted(one.name for one in parent.iterdir() if one.is_dir()))
    except (FolderMissing, OSError):
        return ()
