"""The night as a job: ordered once, run, published, refused, interrupted, caught up."""

import itertools
import shutil
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from recoup.apps.closing.actions import (
    NothingToRun,
    order_catch_up,
    order_night,
    run_again,
    set_schedule,
    tick,
)
from recoup.apps.closing.again import changed_since
from recoup.apps.closing.events import NightEnded
from recoup.apps.closing.models import CatchUp, MissedStart, Night
from recoup.apps.closing.night_runs import beat, carry_out, carry_out_catch_up, sweep
from recoup.apps.closing.orders import BadBook, BadDate, Occupied
from recoup.apps.closing.queries import missed_dates, night, nights, schedule
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people.permissions import MACHINE, Actor, NotAllowed
from recoup.apps.portfolio.queries import current_publication
from recoup.demo.bank import build_bank
from recoup.engine.rerun import row_counts
from recoup.events.bus import listen
from recoup.events.clock import Clock
from recoup.kernel.refusal import Stale

AS_OF = date(2026, 11, 20)
MakeActor = Callable[..., Actor]


@pytest.fixture(scope="session")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book of a demo bank of 60 loans; made once."""
    folder = tmp_path_factory.mktemp("small-bank")
    build_bank(folder=folder, seed=5, loans=60, as_of=AS_OF)
    return folder / "book"


@pytest.fixture
def house(settings: Any, small_book: Path, tmp_path: Path) -> Path:
    """The desk's folders: the book of 60 loans, results in a folder of the test's own."""
    settings.BOOK = small_book
    settings.NIGHTS = tmp_path / "nights"
    settings.NIGHT_THREADS = 1
    settings.NIGHT_MAX_BAD_PPM = 1_000_000
    return tmp_path / "nights"


@pytest.fixture
def clock(at: datetime) -> Clock:
    """A clock that goes on by a second each time it is read."""
    seconds = itertools.count()
    return Clock(
        instant=lambda: at + timedelta(seconds=next(seconds)),
        nanoseconds=lambda: next(seconds) * 1_000_000_000,
    )


@pytest.fixture
def administrator(act_as: MakeActor) -> Actor:
    """Somebody who may run nights and set their schedule."""
    return act_as("administrator", scope=("team", "none"))


@pytest.fixture
def ended() -> list[NightEnded]:
    """What was told about nights that ended."""
    told: list[NightEnded] = []
    listen(NightEnded, told.append)
    return told


def test_a_night_ordered_by_hand_runs_and_is_published(
    house: Path, administrator: Actor, clock: Clock, at: datetime
) -> None:
    ordered = order_night(actor=administrator, as_of=AS_OF, at=at)

    status = carry_out(night_id=ordered.night_id, worker="w", clock=clock)

    card = night(actor=administrator, night_id=ordered.night_id)
    current = current_publication()
    assert (status, card.status, card.percent) == ("done", "done", 100)
    assert current is not None
    assert card.publication_id == current.publication_id
    assert card.has_report
    assert card.has_rejects
    assert card.manifest is not None
    assert {table.name for table in card.manifest.inputs} >= {"debtors", "payments"}
    assert [step.code for step in card.steps if step.milliseconds is not None] == [
        *("take_in", "decide", "rank", "report", "publish")
    ]
    assert AuditEntry.objects.filter(verb="order_night", actor_id=administrator.staff_id).exists()


def test_an_identical_night_changes_nothing_and_only_one_run_is_shown(
    house: Path, administrator: Actor, clock: Clock, at: datetime
) -> None:
    first = order_night(actor=administrator, as_of=AS_OF, at=at)
    carry_out(night_id=first.night_id, worker="w", clock=clock)

    second = run_again(actor=administrator, night_id=first.night_id, at=at + timedelta(hours=1))
    carry_out(night_id=second.night_id, worker="w", clock=clock)

    cards = {card.night_id: card for card in nights(actor=administrator)}
    assert cards[second.night_id].status == "done"
    assert cards[second.night_id].publication_id == cards[first.night_id].publication_id
    assert cards[second.night_id].brought == ()
    assert [key for key, card in cards.items() if card.is_shown] == [first.night_id]


def test_only_one_night_at_a_time_and_the_second_is_told_which(
    house: Path, administrator: Actor, at: datetime
) -> None:
    order_night(actor=administrator, as_of=AS_OF, at=at)

    with pytest.raises(Occupied, match="2026-11-20") as refused:
        order_night(actor=administrator, as_of=date(2026, 11, 19), at=at)

    assert administrator.name in refused.value.en
    assert Night.objects.count() == 1


def test_who_only_looks_at_nights_cannot_run_one(act_as: MakeActor, at: datetime) -> None:
    with pytest.raises(NotAllowed, match="work closing"):
        order_night(actor=act_as("auditor"), as_of=AS_OF, at=at)


def test_a_business_date_that_has_not_come_is_refused(
    house: Path, administrator: Actor, at: datetime
) -> None:
    with pytest.raises(BadDate, match="has not come yet"):
        order_night(actor=administrator, as_of=date(2026, 11, 21), at=at)


def test_a_refused_book_leaves_its_sentence_and_its_rejects(
    house: Path, administrator: Actor, clock: Clock, at: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.BOOK = _spoilt_book(tmp_path / "book")
    settings.NIGHT_MAX_BAD_PPM = 10_000
    ordered = order_night(actor=administrator, as_of=AS_OF, at=at)

    carry_out(night_id=ordered.night_id, worker="w", clock=clock)

    card = night(actor=administrator, night_id=ordered.night_id)
    assert card.status == "refused"
    assert "payments" in card.why
    assert card.has_rejects
    assert current_publication() is None


def _spoilt_book(folder: Path) -> Path:
    folder.mkdir()
    lines = {
        "debtors": "debtor_id,name,kind,phone\nD1,A,retail,19900000001\n",
        "contracts": "contract_id,debtor_id,product,currency,principal,annual_rate,start_date\n"
        "C1,D1,consumer_loan,CNY,3000.00,8.00,2026-08-10\n",
        "instalments": "contract_id,seq,due_date,principal,interest\nC1,1,2026-09-10,3000,20\n",
        "payments": "payment_id,contract_id,paid_on,amount\nP1,C9,2026-09-10,10\n",
    }
    for name, text in lines.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_night_whose_worker_died_is_noticed_and_can_be_run_again(
    house: Path, administrator: Actor, clock: Clock, at: datetime, ended: list[NightEnded]
) -> None:
    ordered = order_night(actor=administrator, as_of=AS_OF, at=at)
    Night.objects.update(status="running", worker="w", started_at=at, heartbeat_at=at)
    beat(worker="w", queue="nights", at=at + timedelta(seconds=30))
    assert sweep(at=at + timedelta(seconds=80)) == ()

    swept = sweep(at=at + timedelta(seconds=100))

    again = run_again(
        actor=administrator, night_id=ordered.night_id, at=at + timedelta(seconds=101)
    )
    assert swept == (ordered.night_id,)
    assert ended[-1].status == "interrupted"
    assert night(actor=administrator, night_id=ordered.night_id).status == "interrupted"
    assert carry_out(night_id=again.night_id, worker="w2", clock=clock) == "done"


def test_a_worker_that_is_stopped_frees_the_turn_and_leaves_no_result(
    house: Path, administrator: Actor, at: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(order: object) -> None:
        raise SystemExit(0)

    monkeypatch.setattr("recoup.apps.closing.night_runs.run_night", stopped)
    ordered = order_night(actor=administrator, as_of=AS_OF, at=at)

    with pytest.raises(SystemExit):
        carry_out(night_id=ordered.night_id, worker="w", clock=clock)

    assert night(actor=administrator, night_id=ordered.night_id).status == "interrupted"
    assert current_publication() is None


def test_a_surprise_is_kept_for_technicians_and_nothing_is_published(
    house: Path, administrator: Actor, at: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprised(order: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("recoup.apps.closing.night_runs.run_night", surprised)
    ordered = order_night(actor=administrator, as_of=AS_OF, at=at)

    assert carry_out(night_id=ordered.night_id, worker="w", clock=clock) == "failed"

    assert "ZeroDivisionError" in night(actor=administrator, night_id=ordered.night_id).trace


def test_missed_dates_are_caught_up_in_order_and_the_last_one_is_shown(
    house: Path, administrator: Actor, clock: Clock, at: datetime
) -> None:
    first, last = date(2026, 11, 18), AS_OF
    ordered = order_catch_up(actor=administrator, first_on=first, last_on=last, at=at)

    status = carry_out_catch_up(catch_up_id=ordered.catch_up_id, worker="w", clock=clock)

    ran = Night.objects.order_by("pk").values_list("as_of", "status")
    current = current_publication()
    assert status == "done"
    assert list(ran) == [(date(2026, 11, day), "done") for day in (18, 19, 20)]
    assert current is not None
    assert current.as_of == last


def test_a_done_date_is_run_again_only_where_its_inputs_have_changed(
    house: Path,
    administrator: Actor,
    clock: Clock,
    at: datetime,
    small_book: Path,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.BOOK = shutil.copytree(small_book, tmp_path / "own")
    span = {"first_on": AS_OF, "last_on": AS_OF}
    ordered = order_catch_up(actor=administrator, at=at, **span)
    carry_out_catch_up(catch_up_id=ordered.catch_up_id, worker="w", clock=clock)

    unchanged = list(changed_since(**span))
    with pytest.raises(NothingToRun):
        order_catch_up(actor=administrator, at=at, also=frozenset(), **span)
    contacts = pq.read_table(settings.BOOK / "contacts.parquet")
    pq.write_table(contacts.slice(1), settings.BOOK / "contacts.parquet")
    [changed] = changed_since(**span)
    again = order_catch_up(actor=administrator, at=at, also={AS_OF}, by_worker=False, **span)
    status = carry_out_catch_up(
        catch_up_id=again.catch_up_id, worker="w", clock=clock, also={AS_OF}
    )

    first, second = Night.objects.order_by("pk")
    assert unchanged == []
    assert (changed.as_of, changed.since.tables) == (AS_OF, ("contacts",))
    assert changed.result_folder == first.result_folder
    assert (status, second.status) == ("done", "done")
    counted = row_counts(before=Path(first.result_folder), after=Path(second.result_folder))
    assert [(one.table, one.added, one.removed, one.changed) for one in counted] == [
        ("contacts", 0, 1, 0)
    ]
    assert list(changed_since(**span)) == []


def test_catching_up_stops_at_the_first_date_that_fails_and_says_why(
    house: Path, administrator: Actor, clock: Clock, at: datetime, small_book: Path, settings: Any
) -> None:
    settings.BOOK = house / "dated"
    (house / "dated").mkdir(parents=True)
    (house / "dated" / "2026-11-18").symlink_to(small_book)
    (house / "dated" / "2026-11-20").symlink_to(small_book)
    _schedule(administrator, at=at, book="{as_of}", is_on=False)
    ordered = order_catch_up(actor=administrator, first_on=date(2026, 11, 18), last_on=AS_OF, at=at)

    status = carry_out_catch_up(catch_up_id=ordered.catch_up_id, worker="w", clock=clock)

    stopped = CatchUp.objects.get()
    assert status == "stopped"
    assert stopped.stopped_on == date(2026, 11, 19)
    assert list(Night.objects.order_by("pk").values_list("status", flat=True)) == [
        "done",
        "refused",
    ]
    assert "no book folder" in stopped.why_en


def test_an_older_date_is_run_for_the_record_but_not_shown(
    house: Path, administrator: Actor, clock: Clock, at: datetime
) -> None:
    for as_of in (AS_OF, date(2026, 11, 17)):
        ordered = order_night(actor=administrator, as_of=as_of, at=at)
        carry_out(night_id=ordered.night_id, worker="w", clock=clock)

    current = current_publication()
    assert current is not None
    assert current.as_of == AS_OF
    older = Night.objects.get(as_of=date(2026, 11, 17))
    assert (older.status, older.publication_id) == ("done", None)


def _schedule(actor: Actor, *, at: datetime, version: int = 0, **more: object) -> None:
    values: dict[str, object] = {
        "is_on": True,
        "starts_at": time(1, 30),
        "weekdays": (1, 2, 3, 4, 5, 6, 7),
        "days_back": 1,
        "book": "",
        "pack": "cn",
        "strategy": "example",
        "max_bad_ppm": 1_000_000,
    }
    set_schedule(actor=actor, version=version, at=at, **(values | more))


def test_the_schedule_orders_the_night_of_the_day_before_once(
    house: Path, administrator: Actor, at: datetime
) -> None:
    # It is ten in the morning of the 20th in Shanghai; the next start is 01:30 on the 21st.
    _schedule(administrator, at=at)
    due = at + timedelta(hours=15, minutes=30)

    for seconds in (-5, 0, 5, 10):
        tick(at=due + timedelta(seconds=seconds))

    ordered = Night.objects.get()
    assert (ordered.as_of, ordered.trigger) == (AS_OF, "schedule")
    assert schedule(actor=administrator, at=at).next_start_at == due


def test_a_start_that_was_missed_while_the_desk_was_down_is_noticed(
    house: Path, administrator: Actor, clock: Clock, at: datetime
) -> None:
    _schedule(administrator, at=at)

    tick(at=at + timedelta(days=2, hours=15, minutes=45))

    assert missed_dates(actor=administrator) == (AS_OF, date(2026, 11, 21))
    ordered = Night.objects.get()
    assert ordered.as_of == date(2026, 11, 22)
    MissedStart.objects.filter(as_of=AS_OF).update(as_of=date(2026, 11, 22))
    carry_out(night_id=ordered.pk, worker="w", clock=clock)
    assert missed_dates(actor=administrator) == (date(2026, 11, 21),)


def test_a_schedule_that_was_switched_off_misses_nothing(
    house: Path, administrator: Actor, at: datetime
) -> None:
    _schedule(administrator, at=at, is_on=False)
    _schedule(administrator, at=at + timedelta(days=9), is_on=True, version=1)

    tick(at=at + timedelta(days=9, minutes=1))

    assert missed_dates(actor=administrator) == ()
    assert not Night.objects.exists()


def test_who_changes_an_outdated_schedule_is_told(administrator: Actor, at: datetime) -> None:
    _schedule(administrator, at=at)

    with pytest.raises(Stale, match=administrator.name):
        _schedule(administrator, at=at, starts_at=time(2, 0))


def test_a_book_outside_of_the_banks_folder_is_refused(administrator: Actor, at: datetime) -> None:
    with pytest.raises(BadBook):
        _schedule(administrator, at=at, book="../../etc")


def test_the_machine_orders_by_command(house: Path, at: datetime) -> None:
    ordered = order_night(actor=MACHINE, as_of=AS_OF, at=at)

    assert (ordered.trigger, ordered.ordered_by) == ("command", "")
