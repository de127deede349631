"""Writes one self-contained HTML page on what differs between two results.

Like the morning page it asks nothing of any network. It names contracts, no person.
"""

import json
import re
from pathlib import Path

from recoup.engine.comparing import Comparison
from recoup.engine.report.own_parts import policy_of
from recoup.engine.report.page import asset, for_script, vendored
from recoup.kernel.money import exponent

#: Contracts on the page, those with the most money first.
LISTED = 200
_MARK = re.compile(r"\{\{(\w+)\}\}")


def write_comparison(found: Comparison, *, into: Path) -> None:
    """Write the page to the file ``into``."""
    tree = found.tree()
    more = max(0, len(found.changes) - LISTED)
    shown = {
        **tree,
        "changes": tree["changes"][:LISTED],
        "more": more,
        "exponent": exponent(found.currency),
        "newly_contacted": {
            "persons": found.newly_contacted.persons,
            "overdue_minor": found.newly_contacted.overdue_minor,
        },
        "spared": {"persons": found.spared.persons, "overdue_minor": found.spared.overdue_minor},
    }
    parts = {
        "style": asset("page.css") + asset("comparison.css"),
        "words": for_script(json.loads(asset("words.json"))),
        "data": for_script(shown),
        "charts": vendored("echarts.min.js"),
        "script": asset("comparison.js"),
    }
    page = _MARK.sub(lambda mark: parts.get(mark[1], mark[0]), asset("comparison.html"))
    into.write_text(page.replace("{{policy}}", policy_of(page), 1), encoding="utf-8")
