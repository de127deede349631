"""Under which law and policy the ledger counts: those of the published night."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from recoup.apps.portfolio.queries import current_publication, current_result
from recoup.engine.explaining import kept_rules, read_manifest
from recoup.engine.one_person import PersonRules
from recoup.kernel.refusal import Refused
from recoup.web.shown import local

#: Nights whose policies stay in memory: the current one and the one before.
MOST_NIGHTS = 2


class NoNight(Refused):
    """Nothing has been published yet, so there is no account to count."""

    def __init__(self) -> None:
        super().__init__(
            zh="还没有发布任何日终结果：请先完成一次日终。",
            en="No night has been published yet: run a night first.",
        )


@lru_cache(maxsize=MOST_NIGHTS)
def _kept(folder: str, result_hash: str) -> PersonRules:
    result = Path(folder)
    return kept_rules(result=result, manifest=read_manifest(result))


def rules_in_force() -> PersonRules:
    """Yield law, policy and business date of the published night. Two queries. Errors: NoNight."""
    publication, result = current_publication(), current_result()
    if publication is None or result is None:
        raise NoNight
    return _kept(str(result), publication.result_hash)


def desk_day(at: datetime, *, as_of: date) -> date:
    """Yield the day for which the desk counts at an instant.

    It is the day of the house's time zone, and never before the night's business date: what the
    night has counted stays counted.
    """
    return max(local(at).date(), as_of)
