"""One person decided in plain Python: the same rules, the other carrier.

``recoup explain`` tells a decision from here, and the conformance tests hold the night against it.
Nothing here is compiled and nothing is SQL: the kernel's loops run as they stand, the rows of law
and the tables of the strategy are evaluated one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from recoup.engine.book_rows import PaymentRow, PersonSource, Row, counted
from recoup.engine.places import HOLD_KINDS, RATIOS, rates_on
from recoup.engine.trace_rules import history_tests, loan_discharge
from recoup.engine.working_days import moved_days
from recoup.kernel.calendar import add_months, day_number
from recoup.kernel.classification import CLASSES, rank_of, share_ppm_down, share_ppm_up
from recoup.kernel.promises import PromiseMade, PromiseMatched, ReceiptFound, match
from recoup.kernel.tracing import Discharge, HistoryTests, Instalment, TracedLoan, trace
from recoup.policy.classify import Classified, Looked, PolicyFloor, classify_debtor
from recoup.policy.experiment_parts import Enrolled
from recoup.policy.experiments import ELIGIBILITY
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy
from recoup.tables.table import Decided

NPL = frozenset(CLASSES[rank_of(asset_class="substandard") :])
PREVIOUS_DAYS = 30
PROMISE_DAYS = 180
BASIS_POINTS = 10_000
MOST_RATIO_BP = 99_999
CALLS = ("call", "ai_call")
#: Facts that rest on schedule and receipts; unknown where rows of the contract were refused.
TRACED_FACTS = (
    *("dpd", "dpd_prev", "max_dpd_12m", "overdue_instalments", "bucket", "roll"),
    *("overdue_own_minor", "exposure_own_minor", "overdue_minor", "exposure_minor"),
    *("days_to_due", "ecl_share_ppm", "ltv_ppm"),
    *("in_observation", "npl_before", "upgrade_earned"),
)


@dataclass(frozen=True, kw_only=True)
class OneContract:
    """One contract of the person: its rows, what the loop found, its class, what is to be done.

    ``traced`` is None where rows were refused; then nothing about it is known.
    """

    row: Row
    instalments: tuple[Instalment, ...]
    payments: tuple[PaymentRow, ...]
    discharge: Discharge
    tests: HistoryTests
    traced: TracedLoan | None
    facts: Mapping[str, object]
    classified: Classified
    asset_class: str
    segment: Decided
    enrolled: Enrolled
    treatment: Decided
    points: Decided

    @property
    def contract_id(self) -> str:
        """The contract's id."""
        return str(self.row["contract_id"])


@dataclass(frozen=True, kw_only=True)
class OnePerson:
    """A person with all contracts decided."""

    debtor: Row
    contracts: tuple[OneContract, ...]
    promises: tuple[PromiseMatched, ...]


@dataclass(frozen=True, kw_only=True)
class PersonRules:
    """Under which law, policy and day a person is decided, and which facts the book has at all."""

    pack: Pack
    strategy: Strategy
    as_of: date
    debtor_columns: frozenset[str]
    tables: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class LoanTraced:
    """One contract's rows and what the loop found; ``found`` is None where rows were refused."""

    row: Row
    instalments: tuple[Instalment, ...]
    payments: tuple[PaymentRow, ...]
    discharge: Discharge
    tests: HistoryTests
    found: TracedLoan | None


def decide_person(*, rows: PersonSource, person: int, rules: PersonRules) -> OnePerson:
    """Yield one person with every contract decided, from the normal form's rows."""
    debtor = rows.debtor(person)
    traced = [
        traced_loan(rows=rows, row=row, rules=rules) for row in rows.of_person("contracts", person)
    ]
    promises = _promises(rows=rows, person=person, traced=traced, rules=rules)
    shared = {
        **_person_facts(debtor=debtor, rules=rules),
        **_contact_facts(contacts=rows.of_person("contacts", person), as_of=rules.as_of),
    }
    holds = rows.of_person("holds", person)
    facts = [
        {
            **shared,
            **_loan_facts(rows=rows, one=one, rules=rules),
            **_hold_facts(holds=holds, loan=one.row["loan"], as_of=rules.as_of),
            **_promise_facts(promises=promises, row=one.row, as_of=rules.as_of),
        }
        for one in traced
    ]
    classes = _classes(rows=rows, person=person, facts=facts, traced=traced, rules=rules)
    contracts = [
        _decided(one=one, facts=known, classified=classified, rules=rules)
        for one, known, classified in zip(traced, facts, classes, strict=True)
    ]
    return OnePerson(debtor=debtor, contracts=tuple(contracts), promises=promises)


def traced_loan(*, rows: PersonSource, row: Row, rules: PersonRules) -> LoanTraced:
    """Yield one contract traced by the kernel's loop as it stands, on moved due days."""
    loan = _whole(row["loan"])
    moved = moved_days(pack=rules.pack, on=rules.as_of)
    instalments = tuple(
        Instalment(
            seq=one.seq,
            due_on=_moved(moved.day(day_number(one.due_on))),
            principal_minor=one.principal_minor,
            interest_minor=one.interest_minor,
            fee_minor=one.fee_minor,
        )
        for one in rows.instalments(loan)
    )
    payments = rows.payments(loan)
    discharge = loan_discharge(
        pack=rules.pack, strategy=rules.strategy, on=rules.as_of, product=str(row["product"])
    )
    observe = row["first_due_after_restructuring_on"] or row["restructured_on"]
    if row["financial_difficulty"] is False:
        observe = None
    tests = history_tests(
        pack=rules.pack,
        on=rules.as_of,
        observe_from=_moved(moved.day(day_number(observe))) if isinstance(observe, date) else None,
    )
    found = None
    if row["bad_code"] is None:
        found = trace(
            instalments=instalments,
            payments=counted(payments),
            as_of=rules.as_of,
            discharge=discharge,
            tests=tests,
        )
    return LoanTraced(
        row=row,
        instalments=instalments,
        payments=payments,
        discharge=discharge,
        tests=tests,
        found=found,
    )


def _moved(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


def _person_facts(*, debtor: Row, rules: PersonRules) -> dict[str, object]:
    def reached(column: str) -> bool | None:
        if column not in rules.debtor_columns:
            return None
        day = debtor[column]
        return isinstance(day, date) and day <= rules.as_of

    def filled(column: str) -> bool | None:
        return bool(debtor[column]) if column in rules.debtor_columns else None

    return {
        "kind": debtor["kind"],
        "language": debtor["language"],
        "vulnerable": debtor["vulnerable"],
        "deceased": reached("deceased_on"),
        "bankrupt": reached("bankrupt_on"),
        "has_phone": filled("phone"),
        "has_email": filled("email"),
    }


def _contact_facts(*, contacts: Sequence[Row], as_of: date) -> dict[str, object]:
    first = as_of - timedelta(days=7)
    recent = [
        row["channel"]
        for row in contacts
        if row["direction"] == "out"
        and isinstance(row["local_on"], date)
        and first < row["local_on"] <= as_of
    ]
    counts = {"call": sum(channel in CALLS for channel in recent)}
    counts |= {channel: recent.count(channel) for channel in ("sms", "email", "letter", "visit")}
    return {f"contacts_7d_{channel}": count for channel, count in counts.items()}


def _loan_facts(*, rows: PersonSource, one: LoanTraced, rules: PersonRules) -> dict[str, object]:
    row, as_of = one.row, rules.as_of
    facts: dict[str, object] = dict(row)
    facts["technical"] = row["judged_overdue_technical"] is True
    facts["restructured"] = _restructured(row=row, as_of=as_of)
    principal = row["principal_minor"]
    facts["principal_base_minor"] = (
        _in_base(rows=rows, row=row, minor=principal, rules=rules)
        if isinstance(principal, int)
        else None
    )
    facts |= dict.fromkeys((*TRACED_FACTS, *(name for name, _ in RATIOS)))
    if one.found is None:
        return facts
    found = one.found.trace
    overdue = found.overdue_principal_minor + found.overdue_interest_minor + found.overdue_fee_minor
    exposure = (
        found.outstanding_principal_minor + found.overdue_interest_minor + found.overdue_fee_minor
    )
    bucket = rules.strategy.bucket_of(dpd=found.dpd)
    facts |= {
        "dpd": found.dpd,
        "dpd_prev": found.dpd_prev,
        "max_dpd_12m": found.max_dpd_12m,
        "overdue_instalments": found.overdue_instalments,
        "bucket": bucket,
        "roll": _roll(strategy=rules.strategy, dpd=found.dpd, dpd_prev=found.dpd_prev),
        "overdue_own_minor": overdue,
        "exposure_own_minor": exposure,
        "overdue_minor": _in_base(rows=rows, row=row, minor=overdue, rules=rules),
        "exposure_minor": _in_base(rows=rows, row=row, minor=exposure, rules=rules),
        "days_to_due": (found.next_due_on - as_of).days if found.next_due_on else None,
        "ecl_share_ppm": _ecl_share(row=row, exposure=exposure),
        "ltv_ppm": _ltv(rows=rows, row=row, exposure=exposure),
        "in_observation": found.in_observation,
        "npl_before": (found.npl_episode or row["previous_class"] in NPL)
        and found.dpd <= one.tests.npl_over_days,
        "upgrade_earned": _upgrade_earned(one=one, as_of=as_of),
    }
    ratios = zip(RATIOS, _paid_and_due(one.found), strict=True)
    return facts | {name: _ratio(paid=paid, due=due) for (name, _), (paid, due) in ratios}


def _paid_and_due(found: TracedLoan) -> tuple[tuple[int, int], ...]:
    traced = found.trace
    return (
        (traced.paid_90, traced.due_90),
        (traced.paid_180, traced.due_180),
        (traced.paid_365, traced.due_365),
    )


def _ratio(*, paid: int, due: int) -> int | None:
    return min(paid * BASIS_POINTS // due, MOST_RATIO_BP) if due > 0 else None


def _restructured(*, row: Row, as_of: date) -> bool | None:
    day = row["restructured_on"]
    if not isinstance(day, date) or day > as_of:
        return False
    difficulty = row["financial_difficulty"]
    return difficulty if isinstance(difficulty, bool) else None


def _roll(*, strategy: Strategy, dpd: int, dpd_prev: int) -> str:
    names = [bucket.name for bucket in strategy.buckets]
    now, before = (names.index(strategy.bucket_of(dpd=days)) for days in (dpd, dpd_prev))
    if before == 0 < now:
        return "new"
    return "better" if now < before else "worse" if now > before else "same"


def _in_base(*, rows: PersonSource, row: Row, minor: int, rules: PersonRules) -> int | None:
    base, currency = rules.pack.base_currency, str(row["currency"])
    if currency == base:
        return minor
    rate = rates_on(rates=rows.rates(), on=rules.as_of).get(currency)
    if rate is None:
        return None
    num, den = rate
    return int(minor * num // den)


def _ecl_share(*, row: Row, exposure: int) -> int | None:
    loss = row["expected_credit_loss_minor"]
    if not isinstance(loss, int) or exposure <= 0:
        return None
    return share_ppm_down(part=loss, whole=exposure)


def _ltv(*, rows: PersonSource, row: Row, exposure: int) -> int | None:
    value = rows.collateral_minor(_whole(row["loan"]))
    return share_ppm_up(part=exposure, whole=value) if value else None


def _upgrade_earned(*, one: LoanTraced, as_of: date) -> bool:
    if one.found is None:
        return False
    found = one.found.trace
    if found.dpd or found.clean_since is None:
        return False
    ends = add_months(day_number(found.clean_since), one.tests.upgrade_months)
    return found.clean_periods >= one.tests.upgrade_periods and ends <= day_number(as_of)


def _hold_facts(*, holds: Sequence[Row], loan: object, as_of: date) -> dict[str, object]:
    in_force = {
        row["kind"]
        for row in holds
        if row["loan"] in (None, loan) and _holds_on(row=row, as_of=as_of)
    }
    return {f"hold_{kind}": kind in in_force for kind in HOLD_KINDS}


def _holds_on(*, row: Row, as_of: date) -> bool:
    begins, ends = row["from_on"], row["until_on"]
    return (
        isinstance(begins, date)
        and begins <= as_of
        and not (isinstance(ends, date) and ends <= as_of)
    )


def _promises(
    *, rows: PersonSource, person: int, traced: Sequence[LoanTraced], rules: PersonRules
) -> tuple[PromiseMatched, ...]:
    ids = {one.row["loan"]: str(one.row["contract_id"]) for one in traced}
    made = [
        PromiseMade(
            promise_id=str(row["promise_id"]),
            made_on=_day(row["made_on"]),
            due_on=_day(row["due_on"]),
            amount_minor=_whole(row["amount_minor"]),
            contract_id=ids.get(row["loan"]),
        )
        for row in rows.of_person("promises", person)
    ]
    receipts = [
        ReceiptFound(
            payment_id=payment.payment_id,
            paid_on=payment.paid_on,
            amount_minor=payment.amount_minor,
            contract_id=str(one.row["contract_id"]),
        )
        for one in traced
        for payment in counted(one.payments)
        if not payment.is_waiver
    ]
    forgiven = rules.strategy.promise_tolerance
    return match(
        promises=made,
        receipts=receipts,
        as_of=rules.as_of,
        tolerance_days=forgiven.days,
        tolerance_ppm=forgiven.ppm,
    )


def _promise_facts(
    *, promises: Sequence[PromiseMatched], row: Row, as_of: date
) -> dict[str, object]:
    own = [one for one in promises if one.promise.contract_id in (None, row["contract_id"])]
    first = as_of - timedelta(days=PROMISE_DAYS)
    return {
        "broken_promises_6m": sum(
            one.status == "broken" and one.promise.due_on > first for one in own
        ),
        "open_promise": any(one.status == "open" for one in own),
    }


def _classes(
    *,
    rows: PersonSource,
    person: int,
    facts: Sequence[Mapping[str, object]],
    traced: Sequence[LoanTraced],
    rules: PersonRules,
) -> tuple[Classified, ...]:
    currencies = {one.row["currency"] for one in traced if one.row["status"] == "active"}
    amount = "exposure_own_minor" if len(currencies) == 1 else "exposure_minor"
    claims = [{**known, "exposure_minor": known[amount]} for known in facts]
    outside = [
        row
        for row in rows.of_person("outside", person)
        if not isinstance(row["as_of"], date) or row["as_of"] <= rules.as_of
    ]
    latest = max(outside, key=_stated_on, default=None)
    classified = classify_debtor(
        pack=rules.pack,
        on=rules.as_of,
        claims=claims,
        outside=latest or {},
        reclassify_legacy_from=rules.strategy.reclassify_legacy_from,
        policy_floor=_retail_floor(rules),
    )
    return tuple(_law_first(found, pack=rules.pack) for found in classified)


def _law_first(found: Classified, *, pack: Pack) -> Classified:
    """Name the bank's own matrix only where no rule of law asks for as much."""
    law = tuple(rule for rule in found.rules_binding if rule in pack.rules)
    return replace(found, rules_binding=law or found.rules_binding)


def _stated_on(row: Row) -> date:
    day = row["as_of"]
    return day if isinstance(day, date) else date.min


def _retail_floor(rules: PersonRules) -> PolicyFloor:
    table = rules.strategy.tables[rules.strategy.retail_table]

    def floor(facts: Mapping[str, object]) -> Looked | None:
        if facts.get("kind") == "non_retail":
            return None
        decided = table.decide(facts)
        if not decided.rows:
            return None
        return Looked(
            rule=f"{table.name}:{decided.rows[0]}",
            limb="",
            floor=str(decided.outputs["asset_class"]),
            holds=True,
            facts={"dpd": facts.get("dpd")},
        )

    return floor


def _decided(
    *,
    one: LoanTraced,
    facts: Mapping[str, object],
    classified: Classified,
    rules: PersonRules,
) -> OneContract:
    asset_class = "unknown" if one.found is None else classified.asset_class
    known = {**facts, "asset_class": asset_class}
    tables = rules.strategy.tables
    segment = tables["segment"].decide(known)
    known["segment"] = segment.outputs["segment"]
    enrolled = _enrolled(facts=known, rules=rules)
    known |= {"experiment": enrolled.experiment, "arm": enrolled.arm}
    known["arm_probability_ppm"] = enrolled.probability_ppm
    treatment = tables[enrolled.treatment_table].decide(known)
    known["treatment"] = treatment.outputs["treatment"]
    return OneContract(
        row=one.row,
        instalments=one.instalments,
        payments=one.payments,
        discharge=one.discharge,
        tests=one.tests,
        traced=one.found,
        facts=known,
        classified=classified,
        asset_class=asset_class,
        segment=segment,
        enrolled=enrolled,
        treatment=treatment,
        points=tables["points"].decide(known),
    )


def _enrolled(*, facts: Mapping[str, object], rules: PersonRules) -> Enrolled:
    """Yield a contract's part in an experiment: by the table of eligibility, then by the lot."""
    table, experiments = rules.strategy.tables.get(ELIGIBILITY), rules.strategy.experiments
    if table is None:
        return Enrolled()
    decided = table.decide(facts)
    one = experiments.named(str(decided.outputs["experiment"]))
    if one is None or not one.is_in_force(on=rules.as_of):
        return Enrolled(rows=decided.rows)
    arm = experiments.arm_of(experiment=one.id, debtor_id=str(facts["debtor_id"]), on=rules.as_of)
    known = experiments.probabilities_ppm(experiment=one.id, on=rules.as_of)
    return Enrolled(
        experiment=one.id,
        arm=arm,
        probability_ppm=known[arm],
        rows=decided.rows,
        treatment_table=experiments.treatment_table(experiment=one.id, arm=arm),
    )


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value
