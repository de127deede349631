"""Brings a night's result to the desk, and clears away results that nobody needs any more."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import OperationalError

from recoup.apps.closing.models import Night
from recoup.apps.closing.queries import shown_folder
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.actions import OlderNight, publish_night

TRIES = 4
DEADLOCK = "40P01"
log = logging.getLogger("recoup.closing")


@dataclass(frozen=True, kw_only=True)
class BroughtToDesk:
    """What was brought to the desk; no publication where it shows a later business date.

    No counts where the desk had this very result already, from an earlier run.
    """

    publication_id: int | None
    counts: Mapping[str, object] = field(default_factory=dict)


def bring_to_the_desk(*, result: Path, at: datetime) -> BroughtToDesk:
    """Publish a night's result, unless the desk already shows a later business date.

    Where the night and an act wait for each other, PostgreSQL gives one of them up; if that is the
    night, nothing of it is there, and it is brought once more.
    """
    left = TRIES
    while True:
        left -= 1
        try:
            made = publish_night(actor=MACHINE, result=result, at=at)
        except OlderNight:
            return BroughtToDesk(publication_id=None)
        except OperationalError as failed:
            if not left or getattr(failed.__cause__, "sqlstate", "") != DEADLOCK:
                raise
            log.warning("the night was given up for an act and is brought once more")
        else:
            counts = dict(made.counts) if made.changed else {}
            return BroughtToDesk(publication_id=made.publication_id, counts=counts)


def clear_away_results() -> int:
    """Remove the results of nights beyond the newest that are kept; yield how many.

    The one that the desk shows stays whatever its age; the history's rows stay all of them.
    """
    shown = shown_folder()
    done = Night.objects.filter(status=Night.Status.DONE).exclude(result_folder="")
    removed = 0
    for night in done[settings.NIGHTS_KEPT :]:
        folder = Path(night.result_folder)
        if shown is not None and folder.resolve() == shown:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        Night.objects.filter(pk=night.pk).update(result_folder="", rejects_file="")
        removed += 1
    return removed
