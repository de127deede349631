"""Keeps the figures of a night when it is published, and hands figures out as a workbook."""

import json
from dataclasses import asdict
from datetime import date

from recoup.apps.analytics.models import NightFigures
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.queries import current_result
from recoup.engine.report.result import result_figures


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept as a figure")


def keep_figures(event: NightPublished) -> None:
    """Keep what the morning page of a night counts; a listener. The night is current then."""
    result = current_result()
    if result is None:
        return
    figures = json.loads(json.dumps(asdict(result_figures(result=result)), default=_plain))
    NightFigures.objects.update_or_create(
        as_of=event.as_of,
        defaults={
            "publication_id": event.publication_id,
            "figures": figures,
            "made_at": event.at,
        },
    )
