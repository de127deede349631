"""Times publishing a night into the records and finding debtors in them, on either database.

    python tests/speed/publishing.py --loans 1300000 --work /tmp/scale
    python tools/with_postgres.py -- python tests/speed/publishing.py --loans 1300000 --work ...

Makes a lean book with names and numbers (about 1.3 loans to a debtor), runs the night, publishes
it into empty records of a house with collectors in every team, publishes a next night in which
100,000 contracts and as many debtors differ (everybody in arrears first: a day more), publishes
that once more, and searches. The figures are from end to end: what the rooms above make of a new
night (promises, contacts, cases, figures) is in them, and told beside. Book and night stay in
``--work`` for the next call.
"""

import argparse
import json
import os
import random
import shutil
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from time import monotonic, monotonic_ns, process_time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recoup.demo.bench_book import bench_book
from recoup.demo.identities import phones, resident_ids
from recoup.demo.names import firm_names, personal_names
from recoup.engine.night import NightOrder, run_night
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import load_pack
from recoup.policy.strategy import load_strategy

AS_OF = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
SEED = 7
CHANGED = 100_000
SEARCHES = 60
#: Collectors to a team, and the cases that each may carry.
COLLECTORS = 10
CAPACITY = 700


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long something took, and how much of a processor it had, ours and the server's."""
    began, used, served = monotonic(), process_time(), _server_seconds()
    yield
    took = monotonic() - began
    own, database = process_time() - used, _server_seconds() - served
    print(f"{what:<56}{took:8.2f} s  cpu {own:7.2f} + {database:.2f} s", flush=True)


def _server_seconds() -> float:
    """Yield the processor seconds of the server's process for this connection; 0 for SQLite."""
    connection = import_module("django.db").connection
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = cursor.fetchone()[0]
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_night(*, work: Path, loans: int) -> Path:
    """Yield the result folder of a night on a book of so many loans; made once."""
    out = work / f"night-{loans}"
    if out.exists():
        return out
    book = work / f"book-{loans}"
    bench_book(folder=book, loans=loans, seed=SEED, as_of=AS_OF)
    _give_names(book / "debtors.parquet")
    run_night(
        NightOrder(
            book=book,
            as_of=AS_OF,
            pack=load_pack(packs_folder() / "cn", with_cases=False),
            strategy=load_strategy(strategies_folder() / "example"),
            out=out,
            clock_ns=monotonic_ns,
            memory_mib=2048,
            go_on=True,
        )
    )
    shutil.rmtree(book)
    return out


def _give_names(path: Path) -> None:
    debtors = pq.read_table(path)
    chance = np.random.default_rng(SEED)
    size = debtors.num_rows
    person = np.arange(size)
    is_firm = pc.equal(debtors.column("kind").cast(pa.string()), "non_retail")
    names = pc.if_else(
        is_firm,
        firm_names(chance, size=size),
        personal_names(chance, is_man=chance.random(size) < 0.5),
    )
    births = chance.integers(-7_000, 13_000, size)
    numbers = resident_ids(person=person, birth=births).tobytes()
    ids = pa.array([numbers[place : place + 18].decode() for place in range(0, size * 18, 18)])
    for name, cells in (("name", names), ("id_number", ids), ("phone", phones(person=person))):
        if name in debtors.column_names:
            debtors = debtors.drop_columns([name])
        debtors = debtors.append_column(name, cells)
    pq.write_table(debtors, path)


def next_night(result: Path) -> Path:
    """Yield a copy of a result a day later, in which CHANGED contracts and debtors differ."""
    out = result.parent / f"{result.name}-a-day-later"
    if out.exists():
        return out
    shutil.copytree(result, out, copy_function=os.link)
    for name, days in (("decisions.parquet", "dpd"), ("people.parquet", "worst_dpd")):
        rows = pq.read_table(result / name)
        late = pc.fill_null(pc.greater(rows.column(days), 0), False).to_numpy()
        # A day makes everybody in arrears a day later; others make up the number.
        touched = np.zeros(rows.num_rows, bool)
        touched[np.argsort(~late, kind="stable")[:CHANGED]] = True
        for column, more in ((days, touched & late), ("priority", touched)):
            cells = pc.add(
                rows.column(column), pa.array(more.astype(np.int64)).cast(_type(rows, column))
            )
            rows = rows.set_column(rows.column_names.index(column), column, cells)
        (out / name).unlink()
        pq.write_table(rows, out / name)
    manifest = json.loads((result / "manifest.json").read_text())
    manifest["as_of"] = (AS_OF + timedelta(days=1)).isoformat()
    for name in ("decisions.parquet", "people.parquet"):
        manifest["results"][name]["sha256"] = sha256((out / name).read_bytes()).hexdigest()
    (out / "manifest.json").unlink()
    (out / "manifest.json").write_text(json.dumps(manifest))
    return out


def _type(rows: pa.Table, column: str) -> pa.DataType:
    return rows.schema.field(column).type


def publish(result: Path, what: str) -> None:
    """Publish a result and print what it took and wrote."""
    actions = import_module("recoup.apps.portfolio.actions")
    machine = import_module("recoup.apps.people.permissions").MACHINE
    with timed(what):
        card = actions.publish_night(actor=machine, result=result, at=AT)
    told = card.counts if card.changed else "no change"
    print(f"    {told}", flush=True)


def _time_listeners() -> None:
    """Print what each room takes to hear of a new night, within the time of the publication."""
    kind = import_module("recoup.apps.portfolio.events").NightPublished
    listeners = import_module("recoup.events.bus")._listeners
    listeners[kind] = [_timed_listener(one) for one in listeners[kind]]


def _timed_listener(listener: Callable[[object], None]) -> Callable[[object], None]:
    def hear(event: object) -> None:
        with timed(f"    of which {listener.__module__.split('.')[2]}: {listener.__name__}"):
            listener(event)

    return hear


def _hire(result: Path) -> None:
    """Give every team of the book collectors, so that cases are spread as in a working house."""
    models = import_module("recoup.apps.people.models")
    teams = pc.unique(pq.read_table(result / "people.parquet", columns=["team"]).column("team"))
    role = models.Role.objects.get(code="collector")
    for code in sorted(one for one in teams.to_pylist() if one):
        team, _ = models.Team.objects.get_or_create(code=code, defaults={"name": code})
        for number in range(COLLECTORS):
            name = f"{code}-{number}"
            models.Staff.objects.create(
                username=name,
                display_name=name,
                staff_number=name,
                team=team,
                case_capacity=CAPACITY,
            ).roles.add(role)


def search_all(*, actor: object) -> None:
    """Print p50 and p95 of each sort of search over debtors drawn from the records."""
    search = import_module("recoup.apps.portfolio.queries").search
    models = import_module("recoup.apps.portfolio.models")
    chance = random.Random(SEED)
    found = models.Debtor.objects.order_by("pk").values_list("pk", "name", "phone", "id_number")
    total = found.count()
    drawn = [found[chance.randrange(total)] for _ in range(SEARCHES)]
    contracts = models.Contract.objects.filter(debtor_id__in=[row[0] for row in drawn])
    numbers = list(contracts.values_list("pk", flat=True))
    sorts: dict[str, list[str]] = {
        "whole name": [row[1] for row in drawn],
        "surname and one character": [row[1][:2] for row in drawn],
        "last two characters of a name": [row[1][-2:] for row in drawn],
        "one character": [row[1][:1] for row in drawn],
        "dense part of a firm's name": ["有限公司", "商贸有限", "限公"] * (SEARCHES // 3),
        "telephone": [row[2] for row in drawn],
        "masked telephone": [f"{row[2][:3]}****{row[2][-4:]}" for row in drawn],
        "last four digits": [row[2][-4:] for row in drawn],
        "identity number": [row[3] for row in drawn],
        "contract": numbers,
        "beginning of a contract": [number[:7] for number in numbers],
        "debtor": [row[0] for row in drawn],
        "nothing like it": ["龘龘龘", "00000000000", "Nobody Atall"] * (SEARCHES // 3),
    }
    for name, texts in sorts.items():
        _time_searches(name, texts, lambda text: search(actor, text, 20))


def _time_searches(name: str, texts: list[str], look: Callable[[str], object]) -> None:
    taken = []
    for text in texts:
        began = monotonic()
        look(text)
        taken.append((monotonic() - began) * 1000)
    taken.sort()
    p50, p95 = statistics.median(taken), taken[int(len(taken) * 0.95)]
    print(f"    {name:<32} p50 {p50:7.1f}  p95 {p95:7.1f}  max {taken[-1]:7.1f} ms")


def main() -> None:
    """Run everything and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=130_000)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    data = args.work / "data"
    shutil.rmtree(data, ignore_errors=True)
    os.environ |= {
        "RECOUP_DATA": str(data),
        "RECOUP_SECRET_KEY": "only-for-measuring",
        "DJANGO_SETTINGS_MODULE": "recoup.site.settings",
    }
    data.mkdir()
    import_module("django").setup()
    import_module("django.core.management").call_command("migrate", verbosity=0)
    result = make_night(work=args.work, loans=args.loans)
    later = next_night(result)
    _time_listeners()
    _hire(result)
    vendor = import_module("django.db").connection.vendor
    publish(result, f"{vendor}: first publication")
    publish(later, f"{vendor}: {CHANGED:,} contracts and debtors differ")
    publish(later, f"{vendor}: the same result again")
    permissions = import_module("recoup.apps.people.permissions")
    team = import_module("recoup.apps.portfolio.models").Debtor.objects.exclude(team="").first()
    for scope, more in (
        ("whole bank", {"whole_bank": True}),
        ("one team", {"teams": frozenset({team.team})} if team else {}),
    ):
        print(f"{vendor}: searching, scope {scope}", flush=True)
        actor = permissions.Actor(
            staff_id=1, name="speed", duties=frozenset({"view portfolio"}), **more
        )
        search_all(actor=actor)


if __name__ == "__main__":
    main()
