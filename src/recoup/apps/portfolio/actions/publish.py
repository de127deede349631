"""Brings a night's result, or one person's decision of the day, into the records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection
from django.db.models import Q

from recoup.apps.people.permissions import Actor, require
from recoup.apps.portfolio.actions.publish_points import publish_contact_points, publish_holds
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.models import (
    BookReceipt,
    CollateralItem,
    Contract,
    Debtor,
    Guarantor,
    Hold,
    Instalment,
    NameGram,
    Publication,
)
from recoup.apps.portfolio.name_grams import parts_of
from recoup.apps.portfolio.publishing.comparing import Difference, compare
from recoup.apps.portfolio.publishing.hashing import Hashes
from recoup.apps.portfolio.publishing.loan_details import (
    RECEIPTS,
    SCHEDULES,
    Detail,
    detail_hashes,
    detail_rows,
)
from recoup.apps.portfolio.publishing.night import Flags, Night
from recoup.apps.portfolio.queries.cards import PublicationCard
from recoup.apps.portfolio.queries.publications import publication_card
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.refusal import Refused
from recoup.records.bulk import Bulk, Target, bulk, names, whole_night

Counts = dict[str, Mapping[str, int]]

_KEPT_FALSE = tuple((name, "FALSE") for name in ("redecision_pending", "is_desk_kept"))
DEBTORS = Target(
    model=Debtor,
    key=("debtor_id",),
    renew=(("redecided_at", "NULL"), ("gone_on", "NULL")),
    given=_KEPT_FALSE,
)
CONTRACTS = Target(model=Contract, key=("contract_id",), renew=(("gone_on", "NULL"),))
INSTALMENTS = Target(model=Instalment, key=("contract_id", "seq"))
BOOK_RECEIPTS = Target(model=BookReceipt, key=("payment_id",))
GUARANTORS = Target(model=Guarantor, key=("contract_id", "guarantor_id"))
COLLATERAL = Target(model=CollateralItem, key=("collateral_id",))
NAME_GRAMS = Target(model=NameGram, key=("id",))

#: What is no longer known of a debtor, or of a contract, that the book no longer has.
_UNKNOWN_DEBTOR = (
    "overdue_base_minor = NULL, exposure_base_minor = NULL, worst_dpd = NULL, worst_class = '', "
    "treatment = '', segment = '', channel = '', priority = NULL, worklist_rank = NULL, "
    "worklist_due = NULL, next_permitted_at = NULL, overdue_contracts = 0, "
    "undecided_contracts = 0, contracts = 0, is_detailed = FALSE, row_hash = 0"
)
_UNKNOWN_CONTRACT = (
    "dpd = NULL, dpd_prev = NULL, max_dpd_12m = NULL, overdue_principal_minor = NULL, "
    "overdue_interest_minor = NULL, overdue_fee_minor = NULL, outstanding_principal_minor = NULL, "
    "exposure_minor = NULL, overdue_base_minor = NULL, exposure_base_minor = NULL, "
    "overdue_instalments = NULL, bucket = '', treatment = '', segment = '', channel = '', "
    "priority = NULL, schedule_hash = 0, receipts_hash = 0, row_hash = 0"
)


class OlderNight(Refused):
    """The result is of an earlier business date than the one in the records."""

    def __init__(self, *, as_of: date, current: date) -> None:
        super().__init__(
            zh=f"记录中已是营业日期 {current} 的结果；{as_of} 更早，未发布。"
            "如确需退回到该日，请在发布时明确选择。",
            en=f"The records show the business date {current} already; {as_of} is earlier and was "
            "not published. To go back to that day all the same, say so when publishing.",
        )


class OnlyToLookAt(Refused):
    """The result is of a dry run: its strategy was not signed, or looser than the law."""

    def __init__(self) -> None:
        super().__init__(
            zh="这是一次试运行（--dry-run）的结果，只供查看，不能发布。",
            en="This is the result of a dry run (--dry-run): it is only to be looked at and cannot "
            "be published.",
        )


def publish_night(
    *, actor: Actor, result: Path, at: datetime, even_if_older: bool = False
) -> PublicationCard:
    """Bring a night's result into the records: differences only, whole or not at all.

    The same result once more changes nothing (``changed`` False says so). Errors: NightRefused,
    when the folder is no result; OlderNight, unless ``even_if_older``; UnfitId; OnlyToLookAt.
    """
    require(actor, "work", "closing")
    night = Night(result)
    if "dry_run" in night.manifest:
        raise OnlyToLookAt
    same = Publication.objects.filter(is_current=True, result_hash=night.result_hash).first()
    if same is not None:
        return publication_card(same, changed=False)
    _refuse_older(night.as_of, even_if_older=even_if_older)
    coming = _Coming.of(night, met=_met(night))
    with whole_night():
        _one_at_a_time()
        _refuse_older(night.as_of, even_if_older=even_if_older)
        counts = _Writing(coming=coming, into=bulk()).write()
        made = _new_publication(night, counts, at=at)
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="publish_night",
                room="portfolio",
                record="publication",
                record_id=str(made.pk),
                after={"as_of": night.as_of.isoformat(), "counts": counts},
            )
        )
        publish(NightPublished(publication_id=made.pk, as_of=night.as_of, at=at))
    return publication_card(made)


def _refuse_older(as_of: date, *, even_if_older: bool) -> None:
    current = Publication.objects.filter(is_current=True).first()
    if current is not None and as_of < current.as_of and not even_if_older:
        raise OlderNight(as_of=as_of, current=current.as_of)


def _one_at_a_time() -> None:
    """Let one publication run at a time; on SQLite the transaction itself sees to it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{Publication._meta.db_table}" IN EXCLUSIVE MODE')


def _new_publication(night: Night, counts: Counts, *, at: datetime) -> Publication:
    Publication.objects.filter(is_current=True).update(is_current=False)
    folder, nights = night.result.resolve(), Path(settings.NIGHTS).resolve()
    return Publication.objects.create(
        as_of=night.as_of,
        published_at=at,
        result_folder=str(folder.relative_to(nights) if folder.is_relative_to(nights) else folder),
        result_hash=night.result_hash,
        counts=counts,
        is_current=True,
    )


def _met(night: Night) -> Flags:
    """Tell of each person whether the desk may meet him or her, for the book's reasons or its own.

    The desk's own: it asked to keep the person's details, somebody has the person in his or her
    portfolio, or staff have set a hold.
    """
    met = night.persons_met()
    kept = Debtor.objects.filter(Q(is_desk_kept=True) | ~Q(collector=None))
    held = Hold.objects.filter(from_night=False, lifted_on=None)
    own = {*kept.values_list("pk", flat=True), *held.values_list("debtor_id", flat=True)}
    met[night.person_places(pa.array(sorted(own), pa.string()))] = True
    return met


@dataclass(frozen=True, kw_only=True)
class _Coming:
    """Tonight's rows, made before the transaction begins."""

    night: Night
    met: Flags
    loans_met: Flags
    debtors: pa.Table
    contracts: pa.Table
    guarantors: pa.Table
    collateral: pa.Table

    @classmethod
    def of(cls, night: Night, *, met: Flags) -> "_Coming":
        loans_met = met[night.person_of_loan]
        return cls(
            night=night,
            met=met,
            loans_met=loans_met,
            debtors=night.debtor_rows(met),
            contracts=night.contract_rows(
                schedules=detail_hashes(night, SCHEDULES, loans_met),
                receipts=detail_hashes(night, RECEIPTS, loans_met),
            ),
            guarantors=night.guarantor_rows(loans_met),
            collateral=night.collateral_rows(loans_met),
        )


@dataclass(frozen=True, kw_only=True)
class _Writing:
    """One publication under way, in its transaction."""

    coming: _Coming
    into: Bulk
    counts: Counts = field(default_factory=dict)

    def write(self) -> Counts:
        """Write every difference; yield the counts per table."""
        coming, night = self.coming, self.coming.night
        before = self._contracts_before()
        self._debtors()
        contracts = compare(coming=coming.contracts, stored=before, key=CONTRACTS.key)
        self._put(CONTRACTS, contracts)
        gone_on = f"gone_on = '{night.as_of.isoformat()}'"
        self.into.update(CONTRACTS, contracts.gone, f"{_UNKNOWN_CONTRACT}, {gone_on}")
        self._details(INSTALMENTS, SCHEDULES, before, "schedule_hash")
        self._details(BOOK_RECEIPTS, RECEIPTS, before, "receipts_hash")
        for target, rows in ((GUARANTORS, coming.guarantors), (COLLATERAL, coming.collateral)):
            self._compared(target, rows)
        self.counts["contactpoint"] = publish_contact_points(
            self.into, night.contact_points(coming.met)
        )
        self.counts["hold"] = publish_holds(night.holds(), as_of=night.as_of)
        return self.counts

    def _put(self, target: Target, difference: Difference) -> None:
        self.into.upsert(target, difference.write)
        self.counts[target.model.__name__.lower()] = difference.counts

    def _stored(self, target: Target, *more: str) -> pa.Table:
        kept = [*target.key, "row_hash", *more]
        kinds = [pa.string()] * len(target.key) + [pa.int64()] * (1 + len(more))
        return self.into.read(
            f"SELECT {names(kept)} FROM {target.table}",
            pa.schema(list(zip(kept, kinds, strict=True))),
        )

    def _compared(self, target: Target, rows: pa.Table) -> None:
        found = compare(coming=rows, stored=self._stored(target), key=target.key)
        self.into.delete(target, found.gone)
        self._put(target, found)

    def _contracts_before(self) -> pa.Table:
        return self.into.read(
            'SELECT "contract_id", "row_hash", "schedule_hash", "receipts_hash", '
            f'"gone_on" IS NOT NULL FROM {CONTRACTS.table}',
            pa.schema(
                [
                    ("contract_id", pa.string()),
                    ("row_hash", pa.int64()),
                    ("schedule_hash", pa.int64()),
                    ("receipts_hash", pa.int64()),
                    ("is_gone", pa.bool_()),
                ]
            ),
        )

    def _debtors(self) -> None:
        before = self.into.read(
            'SELECT "debtor_id", "row_hash", "search_hash", "gone_on" IS NOT NULL '
            f"FROM {DEBTORS.table}",
            pa.schema(
                [
                    ("debtor_id", pa.string()),
                    ("row_hash", pa.int64()),
                    ("search_hash", pa.int64()),
                    ("is_gone", pa.bool_()),
                ]
            ),
        )
        found = compare(coming=self.coming.debtors, stored=before, key=DEBTORS.key)
        self._put(DEBTORS, found)
        gone_on = f"gone_on = '{self.coming.night.as_of.isoformat()}'"
        self.into.update(DEBTORS, found.gone, f"{_UNKNOWN_DEBTOR}, {gone_on}")
        self._name_grams(found.write, before)

    def _name_grams(self, written: pa.Table, before: pa.Table) -> None:
        """Write anew the parts of names that are new or changed."""
        at = pc.index_in(written.column("debtor_id"), before.column("debtor_id"))
        known = before.column("search_hash").take(at)
        renamed = written.filter(
            pc.fill_null(pc.not_equal(known, written.column("search_hash")), True)
        )
        if before.num_rows:
            self.into.delete(NAME_GRAMS, renamed.select(["debtor_id"]))
        pairs = [
            (gram, debtor)
            for debtor, name in zip(
                renamed.column("debtor_id").to_pylist(),
                renamed.column("name").to_pylist(),
                strict=True,
            )
            for gram in parts_of(name)
        ]
        columns = list(zip(*pairs, strict=True)) or [(), ()]
        rows = {
            "gram": pa.array(columns[0], pa.string()),
            "debtor_id": pa.array(columns[1], pa.string()),
        }
        self.into.insert(NAME_GRAMS, pa.table(rows))

    def _details(self, target: Target, detail: Detail, before: pa.Table, column: str) -> None:
        """Write anew the rows of loans whose hash changed, and take out those no longer kept."""
        night, hashes = self.coming.night, self._hashes(column)
        held = np.zeros(len(hashes), np.int64)
        places = night.loan_places(before.column("contract_id").combine_chunks())
        known = pc.is_valid(places).to_numpy(zero_copy_only=False)
        held[places.drop_null().to_numpy()] = before.column(column).to_numpy()[known]
        changed = held != hashes
        kept_before = before.column(column).to_numpy() != 0
        stale = kept_before & ~known
        stale[known] = kept_before[known] & changed[places.drop_null().to_numpy()]
        removed = before.filter(pa.array(stale)).select(["contract_id"])
        self.into.delete(target, removed)
        written = 0
        for rows in detail_rows(night, detail, changed & (hashes != 0)):
            self.into.insert(target, rows)
            written += rows.num_rows
        self.counts[target.model.__name__.lower()] = {
            "contracts_new": int((changed & (held == 0)).sum()),
            "contracts_changed": int((changed & (held != 0) & (hashes != 0)).sum()),
            "contracts_gone": int((changed & (hashes == 0)).sum() + (stale & ~known).sum()),
            "contracts_same": int((~changed & (hashes != 0)).sum()),
            "rows_written": written,
        }

    def _hashes(self, column: str) -> Hashes:
        found: Hashes = self.coming.contracts.column(column).to_numpy()
        return found
