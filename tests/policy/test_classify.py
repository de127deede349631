"""The China classification, claim by claim and debtor by debtor, in Python."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.classification import CLASSES, rank_of
from recoup.policy.classify import (
    FIRST_PASS,
    SECOND_PASS,
    Looked,
    classification_rows,
    classify_debtor,
    old_rule_before,
    transition_on,
)
from recoup.policy.locate import packs_folder
from recoup.policy.pack import load_pack

PACK = load_pack(packs_folder() / "cn")
ON = date(2026, 11, 20)
KNOWN = {
    "kind": "non_retail",
    "product": "working_capital",
    "start_on": date(2024, 3, 1),
    "dpd": 0,
    "technical": False,
    "use_changed": False,
    "credit_impaired": False,
    "ecl_share_ppm": 0,
    "evades_debt": False,
    "bankrupt": False,
    "restructured": False,
    "in_observation": False,
    "times_restructured": 0,
    "npl_before": False,
    "upgrade_earned": False,
    "exposure_minor": 100_00,
}
OUTSIDE = {
    "npl_elsewhere": False,
    "overdue_90_all_banks_minor": 0,
    "claims_all_banks_minor": 100_00,
}


def claim(**facts):
    return {**KNOWN, **facts}


def classified(*, on=ON, outside=OUTSIDE, **facts):
    return classify_debtor(pack=PACK, on=on, claims=[claim(**facts)], outside=outside)[0]


def test_with_every_fact_known_nothing_is_left_unexamined():
    found = classified()

    assert (found.asset_class, found.rules_binding, found.rules_unexamined) == ("normal", (), ())


def test_an_optional_column_that_the_book_lacks_is_not_looked_at_at_all():
    rows = [row for row in classified().looked_at if row.rule == "CN-CLS-05"]

    assert "3" not in {row.limb for row in rows}
    assert classified(rating_downgraded=None).rules_unexamined == ("CN-CLS-05",)
    assert classified(rating_downgraded=True).asset_class == "substandard"


def test_everything_looked_at_is_told_with_its_facts():
    looked = classified(dpd=91).looked_at

    bound = [row for row in looked if row.rule == "CN-CLS-05" and row.holds]
    assert bound == [
        Looked(rule="CN-CLS-05", limb="1", floor="substandard", holds=True, facts={"dpd": 91})
    ]


@pytest.mark.parametrize("name", ["dpd", "in_observation", "npl_before"])
def test_a_missing_fact_of_the_own_book_leaves_the_class_unknown(name):
    facts = {"restructured": True} if name == "in_observation" else {}

    assert classified(**facts, **{name: None}).asset_class == "unknown"


def test_a_debtor_of_unknown_kind_is_unknown_only_where_the_kind_would_decide():
    elsewhere = {**OUTSIDE, "npl_elsewhere": True}

    assert classified(kind=None).asset_class == "normal"
    assert classified(kind=None, outside=elsewhere).asset_class == "unknown"
    assert classified(kind=None, dpd=91, outside=elsewhere).asset_class == "substandard"


@pytest.mark.parametrize("name", ["use_changed", "credit_impaired", "evades_debt", "bankrupt"])
def test_a_missing_flag_is_listed_and_does_not_bind(name):
    found = classified(**{name: None})

    assert found.asset_class == "normal"
    assert found.rules_unexamined


def test_contagion_names_its_rule_only_on_the_claims_that_it_lifted():
    claims = [claim(exposure_minor=85), claim(exposure_minor=10, dpd=91), claim(exposure_minor=5)]

    spared = classify_debtor(pack=PACK, on=ON, claims=claims, outside=OUTSIDE)
    struck = classify_debtor(
        pack=PACK, on=ON, claims=[*claims[:2], claim(exposure_minor=5, dpd=91)], outside=OUTSIDE
    )

    assert [one.asset_class for one in spared] == [
        "special_mention",
        "substandard",
        "special_mention",
    ]
    assert [one.rules_binding for one in spared] == [
        ("CN-CLS-04",),
        ("CN-CLS-05",),
        ("CN-CLS-04",),
    ]
    assert [one.rules_binding for one in struck] == [
        ("CN-CLS-08",),
        ("CN-CLS-05",),
        ("CN-CLS-05",),
    ]
    assert struck[0].first_class == "normal"


def test_a_retail_debtor_is_never_struck_by_contagion():
    claims = [claim(kind="retail", exposure_minor=1), claim(kind="retail", dpd=400)]

    found = classify_debtor(pack=PACK, on=ON, claims=claims)

    assert [one.asset_class for one in found] == ["normal", "loss"]


@given(npl=st.integers(1, 10**15), sound=st.integers(1, 10**15))
def test_contagion_strikes_exactly_over_ten_percent(npl, sound):
    claims = [claim(exposure_minor=sound), claim(exposure_minor=npl, dpd=91)]

    found = classify_debtor(pack=PACK, on=ON, claims=claims, outside=OUTSIDE)

    assert (found[0].asset_class == "substandard") == (10 * npl > npl + sound)


@pytest.mark.parametrize(
    ("on", "moved", "before"),
    [
        (date(2023, 6, 30), None, None),
        (date(2023, 7, 1), None, date(2023, 7, 1)),
        (date(2025, 12, 31), None, date(2023, 7, 1)),
        (date(2026, 1, 1), None, None),
        (date(2024, 6, 29), date(2024, 6, 30), date(2023, 7, 1)),
        (date(2024, 6, 30), date(2024, 6, 30), None),
    ],
)
def test_older_business_is_under_the_old_rule_until_the_bank_moves_it_or_the_law_ends_it(
    on, moved, before
):
    found = old_rule_before(pack=PACK, on=on, reclassify_legacy_from=moved)

    assert found == before


def test_before_the_first_day_of_a_rule_the_pack_is_silent():
    found = classified(on=date(2023, 6, 30), dpd=91, start_on=date(2022, 1, 1))

    assert (found.asset_class, found.rules_binding, found.old_rule) == ("unknown", (), None)
    assert found.looked_at == ()


def test_older_business_in_the_transition_is_unknown_by_the_transition_rule():
    found = classified(on=date(2024, 6, 30), dpd=91, start_on=date(2022, 1, 1))

    assert (found.asset_class, found.rules_binding) == ("unknown", ("CN-CLS-23",))
    assert found.old_rule == "CN-CLS-23"


def test_an_older_card_in_the_transition_keeps_the_card_table():
    found = classified(
        on=date(2024, 6, 30), dpd=91, start_on=date(2022, 1, 1), product="credit_card"
    )

    assert (found.asset_class, found.rules_binding) == ("substandard", ("CN-CLS-24",))


def test_bank_policy_adds_a_floor_and_binds_where_it_is_the_worst():
    def matrix(facts):
        strict = facts["dpd"] is not None and facts["dpd"] > 30
        return Looked(
            rule="R2", limb="matrix", floor="substandard", holds=strict, facts={"dpd": 31}
        )

    found = classify_debtor(
        pack=PACK, on=ON, claims=[claim(kind="retail", dpd=31)], policy_floor=matrix
    )[0]

    assert (found.asset_class, found.rules_binding) == ("substandard", ("R2",))


def test_bank_policy_cannot_speak_where_the_law_is_silent():
    def matrix(facts):
        return Looked(rule="R1", limb="matrix", floor="normal", holds=True, facts={})

    found = classify_debtor(
        pack=PACK,
        on=date(2023, 6, 30),
        claims=[claim(kind="retail", start_on=date(2022, 1, 1))],
        policy_floor=matrix,
    )[0]

    assert found.asset_class == "unknown"


def test_a_table_that_the_pack_lacks_has_no_rows():
    assert classification_rows(pack=replace(PACK, tables={}), on=ON) == ()
    assert transition_on(pack=PACK, on=date(2023, 6, 30)) is None


def test_every_row_compiles_to_sql_and_concerns_a_declared_column():
    for table in (FIRST_PASS, SECOND_PASS):
        rows = classification_rows(pack=PACK, on=ON, table=table)
        columns = {column for row in rows for column in (*row.applies, *row.when)}

        assert columns <= set(PACK.tables[table].inputs)
        assert all(test.sql("c") for row in rows for test in row.when.values())
        assert {row.then for row in rows} <= set(CLASSES)


days = st.integers(0, 800)


@given(kind=st.sampled_from(["retail", "small_business", "non_retail"]), dpd=days, more=days)
def test_more_days_past_due_never_make_the_class_better(kind, dpd, more):
    product = {"retail": "credit_card"}.get(kind, "working_capital")

    before = classified(kind=kind, product=product, dpd=dpd)
    after = classified(kind=kind, product=product, dpd=dpd + more)

    assert rank_of(asset_class=after.asset_class) >= rank_of(asset_class=before.asset_class)


def class_by_hand(*, card, dpd, technical, impaired, ecl):
    """The floors written out once more, by hand, for claims without other marks."""
    found = [0]
    found.append(1 if dpd > 7 or (dpd > 0 and not technical) else 0)
    found += [rank for rank, over in ((2, 90), (3, 270), (4, 360)) if dpd > over]
    if impaired:
        found += [2, 3 if ecl >= 500_000 else 2, 4 if ecl >= 900_000 else 2]
    if card:
        found += [rank for rank, over in ((1, 0), (2, 90), (3, 120), (4, 180)) if dpd > over]
    return CLASSES[max(found)]


@given(
    card=st.booleans(),
    dpd=days,
    technical=st.booleans(),
    impaired=st.booleans(),
    ecl=st.integers(0, 1_000_000),
)
def test_the_rows_say_what_the_rules_say_written_out_by_hand(card, dpd, technical, impaired, ecl):
    found = classified(
        kind="retail",
        product="credit_card" if card else "consumer_loan",
        dpd=dpd,
        technical=technical,
        credit_impaired=impaired,
        ecl_share_ppm=ecl,
    )

    assert found.asset_class == class_by_hand(
        card=card, dpd=dpd, technical=technical, impaired=impaired, ecl=ecl
    )
