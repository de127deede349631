"""The moves of a case: what rested it is over, and it goes back to where it belongs."""

from itertools import product

import pytest

from recoup.kernel.case_status import (
    CLOSED,
    MOVES,
    NEW,
    RESTING,
    STATUS_WORDS,
    IllegalMove,
    moved,
)


@pytest.mark.parametrize(
    ("before", "after"), product(sorted(RESTING), sorted(set(STATUS_WORDS) - {CLOSED}))
)
def test_a_case_at_rest_goes_wherever_holds_promises_and_work_put_it(
    before: str, after: str
) -> None:
    assert moved(before=before, after=after) == after


def test_a_closed_case_is_only_opened_anew() -> None:
    assert MOVES[CLOSED] == {NEW}
    with pytest.raises(IllegalMove):
        moved(before=CLOSED, after="in_work")
