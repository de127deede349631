"""Reading of complaints; to other rooms as frozen records."""

from recoup.apps.complaints.queries.cards import AppraisalCard, ComplaintCard, EntryCard
from recoup.apps.complaints.queries.figures import (
    BadQuarter,
    Figure,
    Figures,
    Quarter,
    figures,
    quarter_named,
    quarter_of,
)
from recoup.apps.complaints.queries.reading import (
    Candidate,
    Counts,
    Wanted,
    WholeComplaint,
    candidates,
    complaint,
    complaints,
    counts,
    late_ones,
    open_of,
    whole_complaint,
)
from recoup.apps.complaints.queries.similar import Similar, similar_to

__all__ = [
    "AppraisalCard",
    "BadQuarter",
    "Candidate",
    "ComplaintCard",
    "Counts",
    "EntryCard",
    "Figure",
    "Figures",
    "Quarter",
    "Similar",
    "Wanted",
    "WholeComplaint",
    "candidates",
    "complaint",
    "complaints",
    "counts",
    "figures",
    "late_ones",
    "open_of",
    "quarter_named",
    "quarter_of",
    "similar_to",
    "whole_complaint",
]
