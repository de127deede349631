"""The contact rules of a pack as the kernel judges them: values in, kernel rules out.

A rule of kind ``contact`` names its ``clauses`` and gives the values that they need. A clause that
is unknown, a value that is missing and a value that no clause reads are refused with a sentence.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import time
from types import MappingProxyType

from recoup.kernel.contact_calls import CallsPerDebt
from recoup.kernel.contact_case import LAW, ContactRule, RuleHead, Scope
from recoup.kernel.contact_facts import (
    CHANNELS,
    DIRECTIONS,
    HOLD_KINDS,
    INSTITUTIONS,
    KINDS,
    NUMBER_SOURCES,
    PARTIES,
    PLACES,
    PURPOSES,
    VOICE,
)
from recoup.kernel.contact_known import Sentence
from recoup.kernel.contact_limits import COUNTS, PER, Cap, QuietHours
from recoup.kernel.contact_people import DebtInformation, NumberSource, Parties, Stop, ThirdPerson
from recoup.kernel.contact_states import STATES, Duty, HoldStops, StateStops
from recoup.policy.bilingual import Bilingual
from recoup.policy.pack import Pack
from recoup.policy.rules import Frozen, RuleVersion

CONTACT = "contact"
RESTORE = frozenset({"restore_contact"})


class UnreadableClause(ValueError):
    """A contact rule of a pack cannot be applied as written; ``sentence`` says why."""

    def __init__(self, *, rule_id: str, sentence: Bilingual) -> None:
        super().__init__(f"{rule_id}: {sentence.zh} / {sentence.en}")
        self.rule_id = rule_id
        self.sentence = sentence


def contact_rules(*, pack: Pack) -> tuple[ContactRule, ...]:
    """Yield the kernel rules of every version of every contact rule that the pack enforces.

    Errors: UnreadableClause.
    """
    return tuple(
        clause
        for rule in sorted(pack.rules.values(), key=lambda one: one.id)
        if rule.kind == CONTACT
        for version in rule.versions
        if version.enforced
        for clause in clauses_of(version=version)
    )


def clauses_of(*, version: RuleVersion) -> tuple[ContactRule, ...]:
    """Yield the kernel rules of one version of a contact rule. Errors: UnreadableClause."""
    values = _Values(version)
    head = RuleHead(
        id=version.rule_id,
        origin=LAW,
        source=_citation(version),
        sentence=Sentence(zh=version.sentence.zh, en=version.sentence.en),
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        confidence=version.confidence,
    )
    scope = Scope(
        purposes=values.optional_codes("purposes", PURPOSES),
        channels=values.optional_codes("channels", CHANNELS),
        parties=values.optional_codes("parties", PARTIES),
        products=values.optional_codes("products", None),
        institutions=values.optional_codes("institutions", INSTITUTIONS),
        kinds=values.optional_codes("debtor_kinds", KINDS),
        interactive=values.optional_truth("interactive"),
        places=values.optional_codes("places", PLACES),
    )
    built = [
        clause
        for name in values.listed("clauses")
        for clause in values.builder(name)(head, scope, values)
    ]
    values.finish()
    return tuple(built)


def _citation(version: RuleVersion) -> str:
    named = "; ".join(source.citation(language="zh") for source in version.sources)
    return f"{named} {version.article}".strip()


class _Values:
    """The values of one version; remembers which were read, so that the rest is refused."""

    def __init__(self, version: RuleVersion) -> None:
        self.version = version
        self.read: set[str] = set()

    def refuse(self, *, zh: str, en: str) -> UnreadableClause:
        return UnreadableClause(rule_id=self.version.rule_id, sentence=Bilingual(zh=zh, en=en))

    def builder(self, name: str) -> "Builder":
        if name not in BUILDERS:
            known = ", ".join(BUILDERS)
            raise self.refuse(
                zh=f"不认识的触达条款“{name}”；可用：{known}。",
                en=f"Unknown contact clause '{name}'; the clauses known are: {known}.",
            )
        return BUILDERS[name]

    def finish(self) -> None:
        unread = sorted(set(self.version.values) - self.read)
        if unread:
            raise self.refuse(
                zh=f"数值“{unread[0]}”没有任何条款使用。",
                en=f"No clause reads the value '{unread[0]}'.",
            )

    def raw(self, name: str, unit: str) -> Frozen:
        self.read.add(name)
        value = self.version.values.get(name)
        if value is None:
            raise self.refuse(
                zh=f"条款缺少数值“{name}”。", en=f"A clause lacks its value '{name}'."
            )
        if value.unit != unit:
            raise self.refuse(
                zh=f"数值“{name}”的单位应为 {unit}。",
                en=f"The value '{name}' must have the unit {unit}.",
            )
        return value.value

    def listed(self, name: str) -> tuple[str, ...]:
        value = self.raw(name, "list")
        return tuple(str(one) for one in value) if isinstance(value, tuple) else ()

    def codes(self, name: str, known: Iterable[str] | None) -> frozenset[str]:
        found = frozenset(self.listed(name))
        strange = sorted(found - frozenset(known)) if known is not None else []
        if strange:
            raise self.refuse(
                zh=f"数值“{name}”中有不认识的代码“{strange[0]}”。",
                en=f"The value '{name}' has the unknown code '{strange[0]}'.",
            )
        return found

    def optional_codes(self, name: str, known: Iterable[str] | None) -> frozenset[str] | None:
        return self.codes(name, known) if name in self.version.values else None

    def code(self, name: str, known: Iterable[str]) -> str:
        value = str(self.raw(name, "code"))
        if value not in known:
            raise self.refuse(
                zh=f"数值“{name}”的代码“{value}”不认识。",
                en=f"The value '{name}' has the unknown code '{value}'.",
            )
        return value

    def truth(self, name: str) -> bool:
        return bool(self.raw(name, "boolean"))

    def optional_truth(self, name: str) -> bool | None:
        return self.truth(name) if name in self.version.values else None

    def whole(self, name: str, unit: str) -> int:
        value = self.raw(name, unit)
        if not isinstance(value, int):
            raise self.refuse(zh=f"“{name}”应为整数。", en=f"'{name}' must be a whole number.")
        return value

    def hour(self, name: str) -> time:
        text = str(self.raw(name, "local_time"))
        return time(0) if text == "24:00" else time.fromisoformat(text)


Builder = Callable[[RuleHead, Scope, _Values], tuple[ContactRule, ...]]


def _quiet_hours(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    rule = QuietHours(
        head=head,
        scope=scope,
        begins=values.hour("quiet_from"),
        ends=values.hour("quiet_until"),
        agreement_lifts=values.truth("agreed_hours_lift"),
        consent_lifts=values.truth("consent_lifts"),
        only_agreed=values.optional_truth("only_agreed_hours") or False,
    )
    if rule.begins == rule.ends:
        raise values.refuse(zh="静默时段的起点与终点相同。", en="Quiet hours end where they begin.")
    return (rule,)


def _cap(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    directions = values.optional_codes("counted_directions", DIRECTIONS)
    return (
        Cap(
            head=head,
            scope=scope,
            channels=values.codes("counted_channels", CHANNELS),
            counts=values.code("counts", COUNTS),
            per=values.code("per", PER),
            at_most=values.whole("at_most", "count"),
            days=values.whole("days", "days"),
            directions=directions if directions is not None else frozenset({"out"}),
        ),
    )


def _calls_per_debt(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    voice = VOICE if scope.channels is None else VOICE & scope.channels
    return (
        CallsPerDebt(
            head=head,
            scope=replace(scope, channels=voice),
            at_most=values.whole("calls_at_most", "count"),
            days=values.whole("calls_days", "days"),
            days_from_conversation=values.whole("days_from_conversation", "days"),
            days_of_consent=values.whole("days_of_consent", "days"),
        ),
    )


def _parties(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    return (
        Parties(
            head=head,
            scope=scope,
            allowed=values.codes("allowed_parties", PARTIES),
            offer_lifts=values.truth("offer_to_pay_lifts"),
        ),
    )


def _third_person(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    return (
        ThirdPerson(
            head=head,
            scope=scope,
            third=values.codes("third_parties", PARTIES),
            related=values.optional_codes("related_parties", PARTIES) or frozenset(),
            dials=values.whole("failed_dials", "count"),
            days=values.whole("failed_days", "days"),
            invalid_number=values.truth("invalid_number"),
            after_death=values.truth("after_death"),
        ),
    )


def _debt_information(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    lifts = values.truth("offer_to_pay_lifts")
    told = values.codes("nothing_said_to", PARTIES)
    built = [DebtInformation(head=head, scope=_among(scope, told), offer_lifts=lifts)]
    restoring = values.optional_codes("nothing_said_when_restoring_to", PARTIES)
    if restoring:
        narrow = _among(scope, restoring, purposes=RESTORE)
        built.append(DebtInformation(head=head, scope=narrow, offer_lifts=lifts))
    return tuple(built)


def _stop_request(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    parties = values.codes("stop_parties", PARTIES)
    by_channel = values.truth("stop_by_channel")
    return (Stop(head=head, scope=_among(scope, parties), by_channel=by_channel),)


def _number_source(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    allowed = values.codes("number_sources", NUMBER_SOURCES)
    return (NumberSource(head=head, scope=scope, allowed=allowed),)


def _hold(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    return (HoldStops(head=head, scope=scope, kinds=values.codes("holds", HOLD_KINDS)),)


def _state(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    states = sorted(values.codes("states", STATES))
    return tuple(StateStops(head=head, scope=scope, state=state) for state in states)


def _duty(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    return (Duty(head=head, scope=scope),)


def _recordings(head: RuleHead, scope: Scope, values: _Values) -> tuple[ContactRule, ...]:
    """Conversations are recorded and kept: a duty here; how long, retention rules look up."""
    values.whole("kept", "months")
    return (Duty(head=head, scope=scope),)


def _among(
    scope: Scope, parties: frozenset[str], *, purposes: frozenset[str] | None = None
) -> Scope:
    """The same scope, for these parties only (and, where given, these purposes)."""
    return Scope(
        purposes=scope.purposes if purposes is None else purposes,
        channels=scope.channels,
        parties=parties if scope.parties is None else parties & scope.parties,
        products=scope.products,
        institutions=scope.institutions,
        kinds=scope.kinds,
        interactive=scope.interactive,
        places=scope.places,
    )


BUILDERS: Mapping[str, Builder] = MappingProxyType(
    {
        "quiet_hours": _quiet_hours,
        "cap": _cap,
        "calls_per_debt": _calls_per_debt,
        "parties": _parties,
        "third_person": _third_person,
        "debt_information": _debt_information,
        "stop_request": _stop_request,
        "number_source": _number_source,
        "hold": _hold,
        "state": _state,
        "duty": _duty,
        "recordings": _recordings,
    }
)
