"""Times the gate on PostgreSQL with ten million stored contacts.

    python tests/speed/gate.py
    python tests/speed/gate.py --contacts 1000000 --seconds 10 --folder DIR

Starts a PostgreSQL server with its own defaults (every commit on disk), fills it with persons, a
loan and a telephone number each, and with contacts of the last two years; some persons have
hundreds. Then askers ask as the desk does (``ask_gate``: lock, facts, every rule, the answer with
its facts, the permit, the trail, one transaction), first one alone, then several at once, each time
another person. Prints answers and permits a second and quantiles of the latency, and beside them
the least that the same database needs for a transaction of one row. With ``--folder`` the filled
server stays for the next call.
"""

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter_ns

import pyarrow as pa
from tools.with_postgres import postgres

#: A Friday morning in Shanghai, inside permitted hours.
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 20)
DAYS = 730
ASKERS = 4
CHANNELS = ("call", "sms", "call", "email")
SETTINGS = "max_connections=50"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one asker did: nanoseconds of each answer, and how many were permits."""

    taken: list[int]
    permits: int


def main() -> None:
    """Fill, ask, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--persons", type=int, default=500_000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    given = args.folder
    with (
        nullcontext(given) if given else tempfile.TemporaryDirectory() as folder,
        postgres(settings=SETTINGS, kept=Path(folder) / "postgres" if given else None) as address,
    ):
        data = Path(folder) / "data"
        data.mkdir(parents=True, exist_ok=True)
        os.environ |= {
            "RECOUP_DATABASE_URL": address,
            "RECOUP_DATA": str(data),
            "RECOUP_SECRET_KEY": "only-for-measuring",
            "DJANGO_SETTINGS_MODULE": "recoup.site.settings",
        }
        import_module("django").setup()
        import_module("django.core.management").call_command("migrate", verbosity=0)
        _fill(persons=args.persons, contacts=args.contacts)
        _measure(persons=args.persons, seconds=args.seconds)


def _fill(*, persons: int, contacts: int) -> None:
    """Write persons and contacts, unless they are there."""
    connection = import_module("django.db").connection
    models = import_module("recoup.apps.contacts.models")
    if models.Contact.objects.count() >= contacts:
        return
    portfolio = import_module("recoup.apps.portfolio.models")
    staff = import_module("recoup.apps.people.models").Staff.objects.create(
        username="asker", display_name="asker", staff_number="1"
    )
    common = {"as_of": AS_OF, "source_row": 1}
    _many(
        portfolio.Debtor(debtor_id="", kind="retail", language="zh", **common),
        persons,
        debtor_id="D{}",
        phone="1300000{}",
    )
    _many(
        portfolio.Contract(
            contract_id="", debtor_id="", product="consumer_loan", currency="CNY", dpd=40, **common
        ),
        persons,
        contract_id="C{}",
        debtor_id="D{}",
    )
    for kind, value in (("phone", "1300000{}"), ("email", "d{}@example.invalid")):
        _many(
            portfolio.ContactPoint(
                debtor_id="", kind=kind, party="debtor", value="", source="contract", is_valid=True
            ),
            persons,
            debtor_id="D{}",
            value=value,
        )
    template = models.Contact(
        channel="call",
        direction="out",
        party="debtor",
        number="13000000000",
        purpose="collect",
        outcome="no_answer",
        at=AT,
        made_by=staff,
        recorded_at=AT,
    )
    columns, values = _defaults(template)
    values["debtor_id"] = f"'D' || (floor(power(random(), 2) * {persons})::bigint)"
    values["at"] = f"'{AT.isoformat()}'::timestamptz - random() * interval '{DAYS} days'"
    values["outcome"] = "(ARRAY['no_answer', 'busy', 'right_party', 'answered'])[1 + n % 4]"
    values["channel"] = "(ARRAY['call', 'call', 'sms', 'email'])[1 + n % 4]"
    table = models.Contact._meta.db_table
    names = ", ".join(f'"{name}"' for name in columns)
    told = ", ".join(values[name] for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {told} FROM generate_series(1, {contacts}) AS n"
        )
        cursor.execute("ANALYZE")


def _many(template: object, count: int, **numbered: str) -> None:
    """Write one row many times, with columns that carry the row's number."""
    bulk = import_module("recoup.records.bulk")
    model = type(template)
    row = bulk.table_of([template], bulk.columns_of(model))
    columns: dict[str, pa.Array] = {}
    for name in row.column_names:
        if name in numbered:
            columns[name] = pa.array([numbered[name].format(place) for place in range(count)])
        else:
            columns[name] = pa.repeat(row.column(name)[0], count)
    bulk.bulk().insert(bulk.Target(model=model, key=("id",)), pa.table(columns))


def _defaults(template: object) -> tuple[list[str], dict[str, str]]:
    """Yield the columns of a row and its values as SQL literals."""
    bulk = import_module("recoup.records.bulk")
    columns = bulk.columns_of(type(template))
    row = bulk.table_of([template], columns).to_pylist()[0]
    return columns, {name: _literal(row[name]) for name in columns}


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _measure(*, persons: int, seconds: int) -> None:
    models = import_module("recoup.apps.contacts.models")
    # What an earlier run on this folder was permitted is out of this one's way.
    models.PermitState.objects.filter(void_at=None).update(void_at=AT, void_why="given_back")
    print(
        f"{models.Contact.objects.count():,} contacts of {persons:,} persons; "
        f"{os.cpu_count()} cores shared by askers and server\n"
    )
    head = ("", "answers/s", "permits/s", "p50 ms", "p95 ms", "p99 ms", "max ms")
    print(f"{head[0]:<36}" + "".join(f"{name:>11}" for name in head[1:]))
    for name, work, askers in (
        ("one row written, 1 writer", _write_one, 1),
        ("the gate, 1 asker", _ask, 1),
        (f"one row written, {ASKERS} writers", _write_one, ASKERS),
        (f"the gate, {ASKERS} askers at once", _ask, ASKERS),
    ):
        _print(name, _run(work, askers=askers, persons=persons, seconds=seconds), seconds)


def _run(
    work: Callable[[int, int, int], Ran], *, askers: int, persons: int, seconds: int
) -> list[Ran]:
    with ProcessPoolExecutor(askers, mp_context=get_context("spawn")) as pool:
        running = [pool.submit(work, place, persons, seconds) for place in range(askers)]
        return [one.result() for one in running]


def _print(name: str, runs: list[Ran], seconds: int) -> None:
    taken = sorted(one / 1e6 for run in runs for one in run.taken)
    marks = [taken[len(taken) * mark // 100] for mark in (50, 95, 99)]
    permits = sum(run.permits for run in runs)
    figures = [f"{len(taken) / seconds:,.0f}", f"{permits / seconds:,.0f}" if permits else "-"]
    figures += [f"{one:.1f}" for one in (*marks, taken[-1])]
    print(f"{name:<36}" + "".join(f"{one:>11}" for one in figures), flush=True)


def _ask(place: int, persons: int, seconds: int) -> Ran:
    """Ask about another person each time, until the seconds are over."""
    import_module("django").setup()
    permits = import_module("recoup.apps.contacts.actions.permits")
    rights = import_module("recoup.apps.people.permissions")
    staff = import_module("recoup.apps.people.models").Staff.objects.get(username="asker")
    actor = rights.Actor(
        staff_id=staff.pk,
        name="asker",
        duties=frozenset({"work contacts", "view portfolio"}),
        whole_bank=True,
    )
    chance = random.Random(place)

    def once(number: int) -> bool:
        intended = permits.Intended(
            debtor_id=f"D{chance.randrange(persons)}", channel=CHANNELS[number % len(CHANNELS)]
        )
        at = AT + timedelta(microseconds=number)
        return bool(permits.ask_gate(actor=actor, intended=intended, at=at).permitted)

    return _timed(once, seconds)


def _write_one(place: int, persons: int, seconds: int) -> Ran:
    """Write one row in a transaction of its own: what a commit costs here."""
    import_module("django").setup()
    transaction = import_module("django.db").transaction
    locks = import_module("recoup.apps.contacts.models").GateLock

    def once(number: int) -> bool:
        with transaction.atomic():
            locks.objects.create(debtor_id=f"{os.getpid()}-{number}")
        return False

    return _timed(once, seconds)


def _timed(once: Callable[[int], bool], seconds: int) -> Ran:
    for number in range(-20, 0):
        once(number)
    taken: list[int] = []
    permits = 0
    began = perf_counter_ns()
    while perf_counter_ns() - began < seconds * 1_000_000_000:
        start = perf_counter_ns()
        permits += once(len(taken))
        taken.append(perf_counter_ns() - start)
    return Ran(taken=taken, permits=permits)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main()
