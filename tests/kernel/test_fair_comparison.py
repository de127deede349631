"""Collectors are compared over lists of different difficulty, and chance is not called merit."""

from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.fair_comparison import FEWEST_PERSONS, PPM, WorkedPerson, compare


def person(collector: int, stratum: str, overdue: int, collected: int) -> WorkedPerson:
    return WorkedPerson(
        collector=collector, stratum=stratum, overdue_minor=overdue, collected_minor=collected
    )


def test_a_hard_list_is_not_held_against_its_collector() -> None:
    """Both do in each stratum what the house does; one has nearly only hard persons."""
    rows = []
    for collector, easy, hard in ((1, 90, 10), (2, 10, 90)):
        rows += [person(collector, "easy", 100, 60)] * easy
        rows += [person(collector, "hard", 100, 6)] * hard

    first, second = compare(rows)

    assert first.collected_minor > 3 * second.collected_minor
    assert first.index_ppm == second.index_ppm == PPM


def test_a_short_list_has_no_index() -> None:
    rows = [person(1, "easy", 100, 100)] * (FEWEST_PERSONS - 1)
    rows += [person(2, "easy", 100, 50)] * 40

    first, second = compare(rows)

    assert first.index_ppm is None
    assert second.index_ppm is not None


def test_where_nobody_else_works_such_persons_there_is_nothing_to_compare_with() -> None:
    [only] = compare([person(1, "rare", 100, 50)] * 40)

    assert only.expected_minor is None
    assert only.index_ppm is None


def test_luck_lies_within_the_band_and_skill_outside() -> None:
    """Half of the persons pay all. 52 of 100 is luck; 80 of 100 is not."""
    house = [person(9, "m", 100, 100)] * 500 + [person(9, "m", 100, 0)] * 500
    lucky = [person(1, "m", 100, 100)] * 52 + [person(1, "m", 100, 0)] * 48
    skilled = [person(2, "m", 100, 100)] * 80 + [person(2, "m", 100, 0)] * 20

    first, second, _ = compare(house + lucky + skilled)

    assert first.low_ppm < first.index_ppm < first.high_ppm
    assert second.index_ppm > second.high_ppm


@given(
    st.lists(
        st.tuples(
            st.integers(1, 4), st.sampled_from("abc"), st.integers(1, 10**9), st.integers(0, 100)
        ),
        max_size=60,
    )
)
def test_no_person_is_lost_whatever_the_lists(rows: list[tuple[int, str, int, int]]) -> None:
    worked = [
        person(collector, stratum, overdue, overdue * share // 100)
        for collector, stratum, overdue, share in rows
    ]

    compared = compare(worked)

    assert sum(one.persons for one in compared) == len(rows)
    assert sum(one.collected_minor for one in compared) == sum(
        one.collected_minor for one in worked
    )
