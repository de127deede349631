"""The law and the policy under which this desk works; read once per process, by the settings.

Restart the desk after a pack or a strategy has changed, as after any other setting.
"""

from functools import cache
from pathlib import Path

from django.conf import settings

from recoup.kernel.contact_rules import ContactRules
from recoup.policy.gate import gate_rules
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import Pack, load_pack
from recoup.policy.quality import QualityPolicy, load_quality
from recoup.policy.strategy import Strategy, load_strategy
from recoup.policy.texts import Texts, load_texts


@cache
def pack() -> Pack:
    """Yield the pack in force. Errors: PackRefused."""
    folder = packs_folder(settings.PACKS_FOLDER or None)
    return load_pack(Path(folder) / settings.PACK, with_cases=False)


@cache
def strategy() -> Strategy:
    """Yield the bank's strategy, held against the pack. Errors: PackRefused, StrategyRefused."""
    folder = strategies_folder(settings.STRATEGIES_FOLDER or None)
    return load_strategy(Path(folder) / settings.STRATEGY, pack=pack())


@cache
def texts() -> Texts:
    """Yield every text that may be sent, and what none may say. Errors: TextsRefused."""
    return load_texts(pack=pack(), strategy=strategy())


@cache
def quality() -> QualityPolicy | None:
    """Yield how contacts are reviewed; None where the strategy does not say.

    Errors: StrategyRefused.
    """
    return load_quality(strategy().folder)


@cache
def contact_law() -> ContactRules:
    """Yield every rule, of law and of bank policy, by which a contact is judged."""
    return gate_rules(pack=pack(), strategy=strategy())
