"""The worst floor that holds is the class; what is missing is said, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.classification import (
    CLASSES,
    UNKNOWN,
    Conclusion,
    Floor,
    NoSuchClass,
    concluded,
    is_npl,
    lifted,
    rank_of,
    share_ppm_down,
    share_ppm_up,
)

floors = st.builds(
    Floor,
    rule=st.sampled_from(["R1", "R2", "R3", "R4"]),
    asset_class=st.sampled_from(CLASSES),
    holds=st.sampled_from([True, False, None]),
    own_fact_missing=st.just(False),
)


def floor(rule, asset_class, holds, *, own=False):
    return Floor(rule=rule, asset_class=asset_class, holds=holds, own_fact_missing=own)


def test_the_worst_floor_that_holds_is_the_class():
    looked = [floor("A", "special_mention", True), floor("B", "doubtful", True)]

    found = concluded(floors=[*looked, floor("C", "loss", False)])

    assert found == Conclusion(asset_class="doubtful", binding=("B",), unexamined=())


def test_two_rules_with_the_same_floor_both_bind_once_each():
    looked = [floor("B", "loss", True), floor("A", "loss", True), floor("A", "loss", True)]

    assert concluded(floors=looked).binding == ("A", "B")


def test_nothing_binds_where_the_class_is_normal():
    assert concluded(floors=[floor("DEFINITION", "normal", True)]).binding == ()


def test_no_row_that_holds_means_that_the_class_is_unknown():
    assert concluded(floors=[]).asset_class == UNKNOWN
    assert concluded(floors=[floor("A", "loss", False)]).asset_class == UNKNOWN


def test_a_missing_outside_fact_is_listed_and_neither_binds_nor_hides():
    looked = [floor("N", "normal", True), floor("A", "loss", None)]

    found = concluded(floors=looked)

    assert found == Conclusion(asset_class="normal", binding=(), unexamined=("A",))


def test_a_missing_fact_of_the_own_book_that_could_be_worse_leaves_the_class_unknown():
    looked = [floor("A", "substandard", True), floor("B", "doubtful", None, own=True)]

    found = concluded(floors=looked)

    assert found == Conclusion(asset_class=UNKNOWN, binding=(), unexamined=("B",))


def test_a_missing_fact_of_the_own_book_that_could_not_be_worse_changes_nothing():
    looked = [floor("A", "loss", True), floor("B", "doubtful", None, own=True)]

    assert concluded(floors=looked).asset_class == "loss"


def test_a_rule_that_binds_by_one_limb_is_not_listed_as_unexamined_for_another():
    looked = [floor("A", "substandard", True), floor("A", "substandard", None)]

    assert concluded(floors=looked).unexamined == ()


def test_second_pass_rules_bind_only_where_they_lift_the_class():
    first = Conclusion(asset_class="substandard", binding=("OWN",), unexamined=())

    same = lifted(first=first, floors=[floor("CONTAGION", "substandard", True)])
    worse = lifted(first=first, floors=[floor("CONTAGION", "doubtful", True)])

    assert same.binding == ("OWN",)
    assert worse == Conclusion(asset_class="doubtful", binding=("CONTAGION",), unexamined=())


def test_the_second_pass_does_not_speak_where_the_first_could_not():
    first = Conclusion(asset_class=UNKNOWN, binding=("TRANSITION",), unexamined=("X",))

    found = lifted(first=first, floors=[floor("CONTAGION", "substandard", True)])

    assert found == first


def test_an_unknown_share_leaves_the_class_unknown_only_where_contagion_could_lift_it():
    open_share = [floor("CONTAGION", "substandard", None, own=True)]
    normal = Conclusion(asset_class="normal", binding=(), unexamined=())
    loss = Conclusion(asset_class="loss", binding=("A",), unexamined=())

    assert lifted(first=normal, floors=open_share).asset_class == UNKNOWN
    assert lifted(first=loss, floors=open_share).asset_class == "loss"


def test_the_last_three_classes_are_non_performing_and_unknown_is_neither():
    assert [is_npl(asset_class=one) for one in CLASSES] == [False, False, True, True, True]
    assert is_npl(asset_class=UNKNOWN) is None


def test_a_class_that_does_not_exist_is_refused_in_both_languages():
    with pytest.raises(NoSuchClass) as refused:
        rank_of(asset_class="sub-standard")

    assert "sub-standard" in refused.value.zh
    assert "no asset class" in refused.value.en


@given(st.lists(floors), floors)
def test_one_more_floor_never_makes_the_class_better(looked, more):
    before = concluded(floors=looked)

    after = concluded(floors=[*looked, more])

    assert rank_of(asset_class=after.asset_class) >= rank_of(asset_class=before.asset_class)


@given(st.lists(floors), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(looked, random):
    shuffled = list(looked)
    random.shuffle(shuffled)

    assert concluded(floors=shuffled) == concluded(floors=looked)


@given(part=st.integers(0, 10**20), whole=st.integers(1, 10**20), limit=st.integers(0, 2 * 10**6))
def test_shares_in_ppm_compare_exactly_as_cross_multiplication_does(part, whole, limit):
    over = share_ppm_up(part=part, whole=whole) > limit
    at_least = share_ppm_down(part=part, whole=whole) >= limit

    assert over == (part * 1_000_000 > limit * whole)
    assert at_least == (part * 1_000_000 >= limit * whole)


def test_a_share_of_nothing_is_zero_and_something_of_nothing_is_all():
    assert share_ppm_up(part=0, whole=0) == share_ppm_down(part=0, whole=0) == 0
    assert share_ppm_up(part=1, whole=0) == share_ppm_down(part=1, whole=0) == 1_000_000
