"""The day decision: one person decided again, between two nights, by the night's own steps.

A receipt, a reversal, a promise, a contact or a hold recorded by day changes what may and should be
done with a person at once. Nothing is computed in a second way: the person's rows are taken from
the night's result, the day's rows are put among them, and the kernel's compiled loops, the flow's
statements and the outcome run over them as they run over a block of the book.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from pathlib import Path

from recoup.engine.book.contract import CHANNELS, HOLDS
from recoup.engine.book_facts import book_facts
from recoup.engine.book_rows import NoSuchContract, Row, reversals_ahead
from recoup.engine.day_changes import (
    NO_CHANGES,
    BadChange,
    ChangeContradicts,
    ContractOfAnother,
    DayBeforeNight,
    DayChanges,
    DayContact,
    DayHold,
    DayPromise,
    DayReceipt,
    NoSuchDebtor,
    NoSuchHold,
    NoSuchPayment,
    RowsRefused,
)
from recoup.engine.day_flow import DayFlow, PersonDecided, flow_columns
from recoup.engine.day_rows import EVERYTHING, ChangedRows, PersonTables, read_person, with_changes
from recoup.engine.explaining import explanation, kept_rules, read_manifest_with_book, told
from recoup.engine.one_person import PersonRules, traced_loan
from recoup.engine.person_files import PersonFiles
from recoup.engine.refusal import DayRefused
from recoup.engine.rulings import day_rulings
from recoup.kernel.explain import Explanation
from recoup.kernel.tracing import TracedLoan
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy

__all__ = [
    "NO_CHANGES",
    "BadChange",
    "ChangeContradicts",
    "ContractOfAnother",
    "DayBeforeNight",
    "DayBook",
    "DayChanges",
    "DayContact",
    "DayHold",
    "DayPromise",
    "DayReceipt",
    "DayRefused",
    "NoSuchContract",
    "NoSuchDebtor",
    "NoSuchHold",
    "NoSuchPayment",
    "PersonDecided",
    "PersonRows",
    "RowsRefused",
]

#: Business dates for which a flow is kept warm.
MOST_FLOWS = 4


@dataclass(frozen=True, kw_only=True)
class PersonRows:
    """A person's rows as the night read them: mappings of the normal form.

    Shape: rows that belong to a contract carry its ``contract_id`` beside the ordinal ``loan``.
    """

    debtor: Row
    contracts: tuple[Row, ...]
    instalments: tuple[Row, ...]
    payments: tuple[Row, ...]
    contacts: tuple[Row, ...]
    promises: tuple[Row, ...]
    holds: tuple[Row, ...]
    collateral: tuple[Row, ...]
    guarantors: tuple[Row, ...]
    outside: tuple[Row, ...]


class DayBook:
    """One night's result, open for decisions about single persons; safe for several threads.

    Shape: reads the result folder alone, under the pack and the strategy that the night kept in
    it. A folder that a later night replaces stays readable here; open a new one for the new night.
    Errors: NightRefused, when the folder is no result or its policy was altered.
    """

    def __init__(self, *, result: Path) -> None:
        self._manifest = read_manifest_with_book(result)
        self._rules = kept_rules(result=result, manifest=self._manifest)
        self._files = PersonFiles(result=result)
        self._reversals_ahead = reversals_ahead(result / "book")
        facts = book_facts(book=result / "book", debtor_columns=self._rules.debtor_columns)
        # By day any sort of hold may come.
        every_hold = product(HOLDS, (None, *CHANNELS))
        self._facts = replace(facts, holds=frozenset(every_hold))
        self._flows: OrderedDict[tuple[date, date], DayFlow] = OrderedDict()
        self._one_at_a_time = threading.RLock()

    def warm_up(self, *, as_of: date | None = None, contact_on: date | None = None) -> None:
        """Make a day ready beforehand, so that the first person decided on it does not wait."""
        first = self._files.first_debtor
        if first is not None:
            self.redecide(debtor_id=first, changes=NO_CHANGES, as_of=as_of, contact_on=contact_on)

    @property
    def as_of(self) -> date:
        """The night's business date."""
        return self._rules.as_of

    @property
    def manifest(self) -> Mapping[str, object]:
        """The night's manifest."""
        return self._manifest

    @property
    def pack(self) -> Pack:
        """The law under which the night decided."""
        return self._rules.pack

    @property
    def strategy(self) -> Strategy:
        """The bank's policy under which the night decided."""
        return self._rules.strategy

    def holds_person(self, debtor_id: str) -> bool:
        """Tell whether the result has a debtor of that id."""
        with self._one_at_a_time:
            return self._files.person(debtor_id) is not None

    def redecide(
        self,
        *,
        debtor_id: str,
        changes: DayChanges,
        as_of: date | None = None,
        contact_on: date | None = None,
    ) -> PersonDecided:
        """Yield a person decided as a night would, had its book held the changes from the start.

        Shape: ``as_of`` is the business date, the night's if None; a receipt counts from its own
        day, so what is paid today counts once ``as_of`` is today. ``contact_on`` is the day for
        which channels, caps and the next permitted instant are told: the day after ``as_of`` if
        None, as by night; ``as_of`` itself for the rest of that day. Errors: DayRefused, in its
        kinds.
        """
        on = self._day(as_of)
        if contact_on is not None and contact_on < on:
            raise DayBeforeNight(as_of=contact_on, night=on)
        with self._one_at_a_time:
            given = self._person(debtor_id, self._flow_columns)
            changed = self._changed(given, changes, on)
            return self._flow(on, contact_on).decide(changed)

    def rows_of(self, *, debtor_id: str) -> PersonRows:
        """Yield a person's rows as the night read them. Errors: NoSuchDebtor."""
        with self._one_at_a_time:
            given = self._person(debtor_id)
        ids = {loan: contract for contract, loan in given.loans.items()}
        rows = {
            name: _with_contract(table.to_pylist(), ids) for name, table in given.tables.items()
        }
        debtor = rows.pop("debtors")[0]
        return PersonRows(debtor=debtor, **rows)

    def explain(
        self, *, contract_id: str, changes: DayChanges, as_of: date | None = None
    ) -> Explanation:
        """Yield how a contract's figures, class and treatment came about, the day's rows included.

        Errors: DayRefused, in its kinds.
        """
        on = self._day(as_of)
        with self._one_at_a_time:
            changed = self._changed(self._person(self._debtor_of(contract_id)), changes, on)
            decided = self._flow(on).decide(changed)
        return explanation(
            told(
                decision=next(
                    row for row in decided.decisions if row["contract_id"] == contract_id
                ),
                rows=ChangedRows(tables=changed, rates=self._facts.rates),
                person=changed.person,
                rules=self._rules_on(on),
            )
        )

    def trace(
        self, *, contract_id: str, changes: DayChanges, as_of: date | None = None
    ) -> TracedLoan:
        """Yield what each receipt of a contract paid, piece by piece, and where it stands.

        Errors: RowsRefused, when rows of the contract were refused; DayRefused, in its kinds.
        """
        on = self._day(as_of)
        with self._one_at_a_time:
            changed = self._changed(self._person(self._debtor_of(contract_id)), changes, on)
        rows = ChangedRows(tables=changed, rates=self._facts.rates)
        row = next(
            one
            for one in rows.of_person("contracts", changed.person)
            if one["contract_id"] == contract_id
        )
        found = traced_loan(rows=rows, row=row, rules=self._rules_on(on)).found
        if found is None:
            raise RowsRefused(contract_id=contract_id, code=str(row["bad_code"]))
        return found

    def close(self) -> None:
        """Let go of files and engines."""
        with self._one_at_a_time:
            self._files.close()
            while self._flows:
                self._flows.popitem()[1].close()

    def _day(self, as_of: date | None) -> date:
        if as_of is not None and as_of < self.as_of:
            raise DayBeforeNight(as_of=as_of, night=self.as_of)
        return as_of or self.as_of

    def _rules_on(self, on: date) -> PersonRules:
        return replace(self._rules, as_of=on)

    @cached_property
    def _flow_columns(self) -> Mapping[str, Sequence[str] | None]:
        return flow_columns(self._files.columns("contracts"))

    def _person(
        self, debtor_id: str, columns: Mapping[str, Sequence[str] | None] = EVERYTHING
    ) -> PersonTables:
        person = self._files.person(debtor_id)
        if person is None:
            raise NoSuchDebtor(debtor_id=debtor_id)
        return read_person(files=self._files, person=person, columns=columns)

    def _debtor_of(self, contract_id: str) -> str:
        debtor_id = self._files.debtor_of(contract_id)
        if debtor_id is None:
            raise NoSuchContract(contract_id=contract_id)
        return debtor_id

    def _changed(self, given: PersonTables, changes: DayChanges, on: date) -> PersonTables:
        reversed_since = {
            payment_id
            for (loan, payment_id), day in self._reversals_ahead.items()
            if given.loan_from <= loan < given.loan_until and day <= on
        }
        if reversed_since:
            known = given.tables["payments"].column("payment_id").to_pylist()
            ids = changes.reversed_payment_ids | reversed_since.intersection(known)
            changes = replace(changes, reversed_payment_ids=ids)
        return with_changes(given=given, changes=changes, as_of=on, time_zone=self.pack.time_zone)

    def _flow(self, on: date, contact_on: date | None = None) -> DayFlow:
        """Yield the flow for a business date and a day of contact, warm if possible."""
        days = (on, contact_on or on + timedelta(days=1))
        flow = self._flows.pop(days, None) or self._new_flow(*days)
        self._flows[days] = flow
        while len(self._flows) > MOST_FLOWS:
            self._flows.popitem(last=False)[1].close()
        return flow

    def _new_flow(self, on: date, contact_on: date) -> DayFlow:
        rulings = day_rulings(
            pack=self.pack,
            strategy=self.strategy,
            on=on,
            book=self._facts,
            contact_day=contact_on,
        )
        return DayFlow(rulings=rulings)


def _with_contract(
    rows: list[dict[str, object]], ids: Mapping[int, str]
) -> tuple[Mapping[str, object], ...]:
    """Yield rows with the contract's id beside its ordinal."""
    return tuple(
        {**row, "contract_id": ids.get(loan) if isinstance(loan := row["loan"], int) else None}
        if "loan" in row and "contract_id" not in row
        else row
        for row in rows
    )
