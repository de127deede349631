"""Experiments of a strategy: who belongs to which arm, how shares grow, and what is refused."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.policy.bilingual import Bilingual
from recoup.policy.experiment_parts import (
    CHAMPION,
    HOLD_OUT,
    PPM,
    Challenger,
    Experiment,
    Experiments,
    HoldOut,
    Plan,
    Share,
    moved_people,
    place_of,
)
from recoup.policy.signing import signed_content
from recoup.policy.strategy import StrategyRefused, load_strategy

EXAMPLE = Path(__file__).resolve().parents[2] / "strategies" / "example"
BEGIN = date(2026, 1, 1)
PLAN = Plan(
    outcome="cured",
    days=30,
    baseline=600_000,
    effect=50_000,
    deviation=0,
    power_ppm=800_000,
    alpha_ppm=50_000,
    persons=1_500,
)


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    return folder


def changed(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def experiment(*challengers: Challenger, id_: str = "e", until: date | None = None) -> Experiment:
    return Experiment(
        id=id_,
        name=Bilingual(zh="试", en="try"),
        from_on=BEGIN,
        until_on=until,
        challengers=challengers,
        plan=PLAN,
    )


def growing(name: str, *steps: tuple[int, int]) -> Challenger:
    """A challenger whose share grows: days after the beginning, and the share then."""
    shares = tuple(Share(from_on=BEGIN + timedelta(days=day), ppm=ppm) for day, ppm in steps)
    return Challenger(name=name, shares=shares)


@st.composite
def histories(draw) -> list[Challenger]:
    """Up to four challengers, each growing at up to four moments, together within the whole."""
    count = draw(st.integers(1, 4))
    found = []
    for number in range(count):
        days = sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=4)))
        most = PPM // count
        shares = sorted(
            draw(st.lists(st.integers(0, most), min_size=len(days), max_size=len(days)))
        )
        found.append(growing(f"c{number}", *zip(days, shares, strict=True)))
    return found


PLACES = range(0, PPM, 9_973)


@settings(deadline=None, max_examples=25)
@given(histories())
def test_a_share_grows_by_taking_people_from_the_champion_alone(challengers):
    one = experiment(*challengers)
    before = dict.fromkeys(PLACES, CHAMPION)

    for day in range(32):
        on = BEGIN + timedelta(days=day)
        now = {place: one.arm_at(place=place, on=on) for place in PLACES}
        crossed = {(before[place], now[place]) for place in PLACES if before[place] != now[place]}

        assert all(arm == CHAMPION for arm, _ in crossed)
        wanted = {
            own.name: max((share.ppm for share in own.shares if share.from_on <= on), default=0)
            for own in challengers
        }
        assert {arm: ppm for arm, ppm in one.shares_ppm(on=on).items() if arm != CHAMPION} == wanted
        assert sum(one.shares_ppm(on=on).values()) == PPM
        before = now


@settings(deadline=None, max_examples=15)
@given(histories(), st.integers(1, 100_000))
def test_adding_a_later_step_or_challenger_moves_nobody_out_of_a_challenger(challengers, more):
    later = BEGIN + timedelta(days=40)
    room = PPM - sum(own.shares[-1].ppm for own in challengers)
    grown = [*challengers, growing("newcomer", (40, min(more, room)))]

    moved = moved_people(
        before=Experiments(experiments=(experiment(*challengers),)),
        after=Experiments(experiments=(experiment(*grown),)),
        on=later,
    )

    assert moved == ()


def test_a_rewritten_history_is_seen_to_move_people():
    was = Experiments(
        experiments=(experiment(growing("a", (0, 100_000)), growing("b", (0, 50_000))),)
    )
    smaller = Experiments(
        experiments=(experiment(growing("a", (0, 70_000)), growing("b", (0, 50_000))),)
    )

    moved = moved_people(before=was, after=smaller, on=BEGIN)

    # b stood on [100,000, 150,000) and would stand on [70,000, 120,000): 30,000 of a go to b,
    # and 30,000 of b back to the champion.
    assert {(one.before, one.after): one.ppm for one in moved} == {
        ("a", "b"): 30_000,
        ("b", CHAMPION): 30_000,
    }


def test_the_hold_out_is_for_good():
    one = experiment(growing("a", (0, 100_000)))
    was = Experiments(hold_out=HoldOut(id="h", ppm=20_000), experiments=(one,))

    assert moved_people(before=was, after=was, on=BEGIN) == ()
    for other, ppm in (
        (None, 20_000),
        (HoldOut(id="h2", ppm=20_000), 20_000),
        (HoldOut(id="h", ppm=30_000), 10_000),
        (HoldOut(id="h", ppm=5_000), 15_000),
    ):
        after = Experiments(hold_out=other, experiments=(one,))
        assert [moved.ppm for moved in moved_people(before=was, after=after, on=BEGIN)] == [ppm]


def test_a_person_has_one_arm_of_an_experiment_and_its_probability():
    tried = Experiments(
        hold_out=HoldOut(id="aside", ppm=20_000),
        experiments=(experiment(growing("a", (0, 100_000)), growing("b", (10, 200_000))),),
    )
    names = [f"D{number}" for number in range(20_000)]
    late = BEGIN + timedelta(days=10)

    arms = {name: tried.arm_of(experiment="e", debtor_id=name, on=late) for name in names}
    early = {name: tried.arm_of(experiment="e", debtor_id=name, on=BEGIN) for name in names}

    expected = {CHAMPION: 686_000, "a": 98_000, "b": 196_000, HOLD_OUT: 20_000}
    assert dict(tried.probabilities_ppm(experiment="e", on=late)) == expected
    for arm, ppm in expected.items():
        share = sum(own == arm for own in arms.values()) / len(names)
        assert abs(share - ppm / PPM) < 0.01
    assert {name for name in names if early[name] == "a"} == {
        name for name in names if arms[name] == "a"
    }
    assert {name for name in names if early[name] == HOLD_OUT} == {
        name for name in names if place_of(experiment="aside", debtor_id=name) < 20_000
    }


def test_an_experiment_assigns_nobody_outside_of_its_days():
    one = experiment(growing("a", (0, 100_000)), until=date(2026, 2, 1))

    assert not one.is_in_force(on=date(2025, 12, 31))
    assert one.is_in_force(on=date(2026, 1, 31))
    assert not one.is_in_force(on=date(2026, 2, 1))


def test_the_size_of_a_plan_is_that_of_the_two_sample_z_test():
    # (1.95996 + 0.84162)^2 x (0.6 x 0.4 + 0.65 x 0.35) / 0.05^2 = 7.8489 x 0.4675 / 0.0025
    assert PLAN.persons_needed == 1_468


def test_the_example_tries_out_one_thing_and_sets_people_aside():
    strategy = load_strategy(EXAMPLE)

    tried = strategy.experiments
    assert [one.id for one in tried.experiments] == ["first-slip-2026"]
    assert tried.treatment_tables() == ("treatment_hold_out",)
    assert tried.treatment_table(experiment="first-slip-2026", arm=HOLD_OUT) == "treatment_hold_out"
    assert tried.treatment_table(experiment="first-slip-2026", arm="challenger") == "treatment"
    assert {"eligibility", "treatment_hold_out"} <= set(strategy.tables)


def test_a_strategy_without_experiments_loads(copy):
    for name in ("experiments.yaml", "eligibility.dmn", "treatment_hold_out.dmn"):
        (copy / name).unlink()
    changed(copy, "treatment.dmn", '<text>"challenger"</text>', "<text>-</text>")

    assert load_strategy(copy).experiments == Experiments()


@pytest.mark.parametrize("name", ["experiments.yaml", "eligibility.dmn", "treatment_hold_out.dmn"])
def test_what_is_signed_covers_experiments_and_tables_of_variants(copy, name):
    signed = signed_content(copy)

    file = copy / name
    file.write_bytes(file.read_bytes() + b"\n")

    assert signed_content(copy) != signed


YAML = "experiments.yaml"
BROKEN = [
    (YAML, "experiments:", "experiments: [", "yaml_unreadable", "YAML"),
    (YAML, "experiments:", "experiment:", "unknown_key", "experiment"),
    (YAML, "from: 2026-01-01\n    until", "from: 2026-13-01\n    until", "bad_date", "2026-13-01"),
    (YAML, "share_ppm: 100000", "share_ppm: 1000001", "shares_over_one", "1000001"),
    (YAML, "share_ppm: 100000", "share_ppm: -1", "share_out_of_range", "-1"),
    (YAML, "share_ppm: 100000}", "share_ppm: 100000}\n          - {from: 2026-03-01, share_ppm: 1}",
     "share_shrinks", "100000 to 1 ppm"),
    (YAML, "share_ppm: 100000}",
     "share_ppm: 100000}\n          - {from: 2026-01-01, share_ppm: 200000}",
     "share_not_later", "2026-01-01"),
    (YAML, "name: challenger", "name: champion", "name_twice", "champion"),
    (YAML, "name: challenger", "name: \"x' OR 1\"", "bad_experiment_name", "x' OR 1"),
    (YAML, "id: first-slip-2026", "id: hold-out-2026", "name_twice", "hold-out-2026"),
    (YAML, "treatment: treatment_hold_out", "treatment: points", "bad_variant_table", "points"),
    (YAML, "treatment: treatment_hold_out", "treatment: ../treatment_x", "bad_variant_table", ".."),
    (YAML, "outcome: cured", "outcome: happiness", "bad_code", "happiness"),
    (YAML, "persons: 1500", "persons: 1467", "plan_too_small", "1468"),
    (YAML, "effect: 50000", "effect: 0", "plan_not_reckonable", "effect"),
    (YAML, "outcome: cured", "outcome: paid", "plan_not_reckonable", "deviation"),
    ("eligibility.dmn", '<text>"first-slip-2026"</text>\n        </outputEntry>',
     '<text>"second-slip"</text>\n        </outputEntry>', "experiment_unknown", "second-slip"),
    ("eligibility.dmn", '<text>"first_slip"</text>', '<text>"first_slop"</text>',
     "segment_unknown", "first_slop"),
    ("treatment_hold_out.dmn", '<text>"legal_review"</text>\n        </outputEntry>',
     '<text>"jail"</text>\n        </outputEntry>', "table_output_not_allowed", "jail"),
    ("treatment_hold_out.dmn", "<text>true</text>", "<text>hold_dispute</text>",
     "table_not_compilable", "hold_dispute"),
    ("treatment.dmn", '<text>"challenger"</text>', '<text>"challengr"</text>', "arm_unknown",
     "challengr"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "named"), BROKEN)
def test_broken_experiments_are_refused_with_place_and_sentence(copy, file, old, new, code, named):
    changed(copy, file, old, new)

    with pytest.raises(StrategyRefused) as refused:
        load_strategy(copy)

    found = next(one for one in refused.value.findings if one.code == code)
    assert found.file == file
    assert found.line >= 1
    assert named in f"{found.path} {found.sentence.en}"
    assert any("一" <= character <= "鿿" for character in found.sentence.zh)


def test_a_table_that_a_variant_names_must_be_there(copy):
    (copy / "treatment_hold_out.dmn").unlink()

    with pytest.raises(StrategyRefused) as refused:
        load_strategy(copy)

    assert [(one.code, one.file) for one in refused.value.findings] == [
        ("strategy_file_missing", "treatment_hold_out.dmn")
    ]


def test_a_table_that_no_variant_names_is_refused(copy):
    shutil.copy(copy / "treatment_hold_out.dmn", copy / "treatment_forgotten.dmn")

    with pytest.raises(StrategyRefused) as refused:
        load_strategy(copy)

    assert [(one.code, one.file) for one in refused.value.findings] == [
        ("strategy_unknown_file", "treatment_forgotten.dmn")
    ]
