"""Prepares the desk's records for being killed, and tells afterwards what they hold.

``python -m tests.unbroken.records prepare FOLDER`` and ``... facts``: each is a process of its own
with the settings of its environment, and prints one line of JSON.
"""

import argparse
import json
import secrets
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep

import pyarrow.parquet as pq
from django.db.models import F

from recoup.demo.bank import build_bank
from recoup.site import demo_desk
from recoup.site.commands import night
from recoup.site.desk import migrate, prepare_django

AS_OF = date(2026, 11, 20)
SEED = 11
LOANS = 400
PEOPLE = 12
CALM_WITHIN = 60
#: What the desk shows of a contract, as the night's result names it.
COMPARED = ("dpd", "treatment", "bucket", "overdue_base_minor", "priority")


def bank(folder: Path) -> demo_desk.Bank:
    """Yield the small bank of a folder."""
    return demo_desk.Bank(folder=folder, loans=LOANS, seed=SEED, as_of=AS_OF)


def prepare(folder: Path) -> dict[str, object]:
    """Build a small bank with its night and desk; yield tokens, a login, and people to work on."""
    made = bank(folder)
    build_bank(folder=folder, seed=SEED, loans=LOANS, as_of=AS_OF)
    parser = argparse.ArgumentParser()
    night.add_parser(parser.add_subparsers())
    words = ["night", "--book", str(made.book), "--as-of", str(AS_OF), "--go-on", "--quiet"]
    night.run(parser.parse_args([*words, "--out", str(made.night)]))
    made.environment()
    prepare_django()
    migrate()
    demo_desk.prepare(made)
    contract = import_module("recoup.apps.portfolio.models").Contract
    loans = contract.objects.filter(status="active", dpd__gt=0, currency="CNY")
    cases = import_module("recoup.apps.cases.models").Case.objects.filter(queue__lt=9)
    owing = loans.filter(debtor_id__in=cases.values("pk")).order_by("pk")
    people = dict(owing.values_list("debtor_id", "contract_id"))
    return {
        "people": dict(sorted(people.items())[:PEOPLE]),
        "head": _token("head"),
        "admin": _token("admin"),
        "passwords": {
            name: demo_desk.password_of(username=name, seed=SEED) for name in ("head", "admin")
        },
    }


def _token(username: str) -> str:
    """Yield the secret of a new token that may all that its owner may."""
    tokens = import_module("recoup.api.tokens")
    staff = import_module("recoup.apps.people.models").Staff.objects.get(username=username)
    at = import_module("recoup.site.clock").now()
    actor = import_module("recoup.apps.people.queries").actor_of(staff_id=staff.pk, at=at)
    secret = secrets.token_urlsafe(32)
    tokens.make_token(
        staff_id=staff.pk, name="unbroken", scopes=actor.duties, secret=secret, days=30, at=at
    )
    return str(tokens.PREFIX + secret)


def facts() -> dict[str, object]:
    """Wait until nothing is outstanding; yield what the records hold."""
    prepare_django()
    outstanding = _calm()
    models = {
        room: import_module(f"recoup.apps.{room}.models")
        for room in ("arrangements", "cases", "closing", "compliance", "contacts", "ledger")
    }
    entry = models["cases"].Entry.objects
    delivery = import_module("recoup.api.models").Delivery.objects
    found = models["closing"].Night.objects.order_by("pk")
    return {
        "outstanding": outstanding,
        "contact": Counter(models["contacts"].Contact.objects.values_list("note", flat=True)),
        "contact entries": Counter(entry.filter(kind="contact").values_list("text", flat=True)),
        "promise": Counter(models["arrangements"].Promise.objects.values_list("note", flat=True)),
        "promise entries": _entries(entry, kind="promise", names="promise"),
        "promises": _named(models["arrangements"].Promise, "promise_id"),
        "receipt": Counter(models["ledger"].Posting.objects.values_list("note", flat=True)),
        "receipt entries": _entries(entry, kind="receipt", names="payment"),
        "receipts": _named(models["ledger"].Posting, "payment_id"),
        "note": Counter(entry.filter(kind="note").values_list("text", flat=True)),
        "broken timelines": list(_broken_timelines(models["cases"])),
        "broken trails": list(_broken_trails(models["compliance"])),
        "letters": dict(delivery.values_list("pk", "status")),
        "nights": list(found.values("as_of", "status", "publication_id")),
        "publications": _publications(models["compliance"]),
        "differing": list(_differing()),
        "decided otherwise": list(_decided_otherwise(models["closing"])),
    }


def _calm() -> int:
    """Wait for the workers; yield how many re-decisions and letters are still outstanding."""
    redecision = import_module("recoup.apps.closing.models").Redecision
    delivery = import_module("recoup.api.models").Delivery
    close = import_module("django.db").connection.close
    until = monotonic() + CALM_WITHIN
    while True:
        left = redecision.outstanding().count() + delivery.objects.filter(status="waiting").count()
        if not left or monotonic() > until:
            return int(left)
        close()
        sleep(0.5)


def _entries(entry: object, *, kind: str, names: str) -> Counter[str]:
    """Yield how often timelines name each record of a kind."""
    rows = entry.filter(kind=kind).values_list("facts", flat=True)  # type: ignore[attr-defined]
    return Counter(str(row.get(names)) for row in rows)


def _named(model: object, key: str) -> dict[str, str]:
    """Yield the keys of records by their note."""
    return dict(model.objects.exclude(note="").values_list("note", key))  # type: ignore[attr-defined]


def _broken_timelines(cases: object) -> Iterator[str]:
    timelines = import_module("recoup.apps.cases.queries.timelines")
    for case in cases.Case.objects.all():  # type: ignore[attr-defined]
        if not timelines.timeline_of(debtor_id=case.pk).is_intact:
            yield case.pk


def _broken_trails(compliance: object) -> Iterator[str]:
    queries = import_module("recoup.apps.compliance.queries")
    machine = import_module("recoup.apps.people.permissions").MACHINE
    entries = compliance.AuditEntry.objects  # type: ignore[attr-defined]
    keys = entries.order_by("chain").values_list("chain", "room", "record", "record_id")
    for chain, room, record, record_id in keys.distinct():
        state = queries.chain_of(machine, room=room, record=record, record_id=record_id)
        if state.broken_place is not None:
            yield chain


def _publications(compliance: object) -> list[dict[str, object]]:
    """Yield each publication with how often the trail tells of it and of its cases."""
    publication = import_module("recoup.apps.portfolio.models").Publication
    told = compliance.AuditEntry.objects  # type: ignore[attr-defined]
    return [
        {
            "as_of": row.as_of,
            "is_current": row.is_current,
            "published": told.filter(verb="publish_night", record_id=str(row.pk)).count(),
            "brought": told.filter(verb="bring_night", record_id=row.as_of.isoformat()).count(),
        }
        for row in publication.objects.order_by("pk")
    ]


def _differing() -> Iterator[str]:
    """Yield contracts that the desk shows otherwise than the result of the current publication.

    Persons whom the desk decided anew since that night are left out: they shall differ.
    """
    portfolio = import_module("recoup.apps.portfolio.models")
    publications = import_module("recoup.apps.portfolio.queries.publications")
    current = portfolio.Publication.objects.get(is_current=True)
    result = publications.result_path(current.result_folder) / "decisions.parquet"
    decided = {
        row["contract_id"]: {name: row[name] for name in COMPARED}
        for row in pq.read_table(result, columns=["contract_id", *COMPARED]).to_pylist()
    }
    rows = portfolio.Contract.objects.filter(debtor__redecided_at=None, gone_on=None)
    for row in rows.values("contract_id", *COMPARED):
        expected = decided[row.pop("contract_id")]
        if any((row[name] or None) != (expected[name] or None) for name in COMPARED):
            yield f"{row} for {expected}"


def _decided_otherwise(closing: object) -> Iterator[str]:
    """Decide everybody with a ticket once more; yield contracts whose figures change by that."""
    redecision = import_module("recoup.apps.closing.redecision")
    clock = import_module("recoup.events.clock").clock_of_jobs()
    tickets = closing.Redecision.objects  # type: ignore[attr-defined]
    people = list(tickets.values_list("pk", flat=True))
    before = _figures(people)
    tickets.update(wanted=F("wanted") + 1)
    redecision.redecide_outstanding(clock=clock, most=len(people))
    after = _figures(people)
    yield from (key for key in before if before[key] != after.get(key))


def _figures(people: list[str]) -> dict[str, list[object]]:
    contract = import_module("recoup.apps.portfolio.models").Contract
    rows = contract.objects.filter(debtor_id__in=people).order_by("pk")
    return {key: values for key, *values in rows.values_list("pk", *COMPARED)}


if __name__ == "__main__":
    said = prepare(Path(sys.argv[2])) if sys.argv[1] == "prepare" else facts()
    print(json.dumps(said, default=str))
