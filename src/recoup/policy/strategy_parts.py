"""What a strategy is made of besides its decision tables: frozen values."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType

from recoup.policy.bilingual import Bilingual

PPM = 1_000_000
CHANNELS = ("call", "ai_call", "sms", "email", "letter", "visit", "im", "portal")
HOLD_KINDS = (
    *("dispute", "complaint", "hardship", "vulnerable", "legal", "attorney"),
    *("deceased", "bankruptcy", "do_not_contact", "plan_active"),
)
#: What people complain of.
COMPLAINT_CATEGORIES = (
    *("too_often", "hours", "words", "third_party", "privacy", "visit"),
    *("not_owed", "amount", "fees", "hardship_refused", "credit_report"),
    *("agency", "service", "other"),
)
TREATMENTS = (
    *("pre_due_reminder", "soft_message", "call", "senior_call", "visit", "demand_letter"),
    *("legal_review", "agency", "hardship_care", "no_action", "check_data"),
)
PURPOSES = ("collect", "notice", "service", "restore_contact")
ROLES = ("maker", "checker")


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who made or checked the strategy, when, and the SHA-256 of what was signed.

    Without ``content`` the signature holds for whatever the folder has.
    """

    role: str
    name: str
    on: date
    content: str | None = None


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A range of days past due, both ends included; ``to_dpd`` None has no end."""

    name: str
    from_dpd: int
    to_dpd: int | None


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most so many contacts with a person over these channels in so many days."""

    id: str
    channels: tuple[str, ...]
    at_most: int
    days: int
    sentence: Bilingual


@dataclass(frozen=True, kw_only=True)
class StopWords:
    """Words of a reply that ask us to stop: as the ``whole`` reply, or ``anywhere`` in it."""

    whole: tuple[str, ...]
    anywhere: tuple[str, ...]

    def found_in(self, text: str) -> str:
        """Yield the word that a reply has; empty where it has none.

        Width, case, spaces and punctuation do not count.

        Example:
            >>> words = StopWords(whole=("T", "TD"), anywhere=("退订", "do not contact"))
            >>> words.found_in("“Ｔd”。"), words.found_in("我要退订！"), words.found_in("Today")
            ('TD', '退订', '')
            >>> words.found_in("Please DO NOT  contact me")
            'do not contact'
        """
        said = _bare(text)
        for word in self.whole:
            if said == _bare(word):
                return word
        return next((word for word in self.anywhere if _bare(word) in said), "")


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Local hours [begins, ends) in which these channels are not used."""

    id: str
    channels: tuple[str, ...]
    begins: time
    ends: time
    sentence: Bilingual


@dataclass(frozen=True, kw_only=True)
class NumberSources:
    """Over these channels only numbers and addresses that came to the bank in these ways."""

    id: str
    channels: tuple[str, ...]
    allowed: tuple[str, ...]
    sentence: Bilingual


@dataclass(frozen=True, kw_only=True)
class Hold:
    """What a hold blocks while it is in force.

    ``blocks_channels``: no contact over these. ``blocks_treatments``: these are not chosen.
    ``own_channel_only``: where the hold names a channel, only that channel is blocked.
    ``lets_pass``: purposes of a contact that the block of channels does not stop.
    ``stops_collection``: no contact to collect at all, over whatever channel.
    """

    id: str
    kind: str
    blocks_channels: tuple[str, ...]
    blocks_treatments: tuple[str, ...]
    own_channel_only: bool
    sentence: Bilingual
    lets_pass: tuple[str, ...] = ()
    stops_collection: bool = False


@dataclass(frozen=True, kw_only=True)
class TeamCapacity:
    """How many lines a team works off a day, in all and of each treatment."""

    lines_per_day: int
    treatments: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The capacity of each team; a team not named has the default."""

    default: TeamCapacity
    teams: Mapping[str, TeamCapacity]

    def of(self, *, team: str | None) -> TeamCapacity:
        """Yield the capacity of a team."""
        return self.teams.get(team or "", self.default)


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """When a promise still counts as kept: days after its day, and the part that may be short."""

    days: int
    ppm: int


@dataclass(frozen=True, kw_only=True)
class CasePolicy:
    """When a person's case is opened and closed, and who gets it.

    ``treatments`` need a person's hands. A case is opened for one of them from ``open_from_dpd``
    days past due and ``open_from_overdue_minor`` overdue on (what is not known stands in no way),
    in ``segments`` only, where any are named; it is closed once nothing has been overdue for
    ``close_after_clear_days`` days. ``spread``: the night gives new cases to collectors by skill,
    language, load and conflict of interest; else collectors claim them. ``target_promised_minor``
    is what a collector is asked to have promised in a day; 0 asks for nothing.
    """

    open_from_dpd: int = 1
    open_from_overdue_minor: int = 0
    treatments: tuple[str, ...] = (
        *("call", "senior_call", "visit", "demand_letter"),
        *("legal_review", "agency", "hardship_care"),
    )
    segments: tuple[str, ...] = ()
    close_after_clear_days: int = 1
    spread: bool = True
    target_promised_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class ComplaintPolicy:
    """What the bank does about complaints beyond the law.

    ``holds``: kinds of holds that stand while one is open; ``holds_by_category`` adds to them.
    ``warn_days``: so long before the last day it shows as soon due. ``senior_days``: overdue for
    so long, it goes on to whoever approves. ``similar_days``: how far back similar ones are looked
    for. ``contact_days``: contacts of so long before it are offered for linking.
    """

    holds: tuple[str, ...] = ("complaint",)
    holds_by_category: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    warn_days: int = 3
    senior_days: int = 7
    similar_days: int = 180
    contact_days: int = 30

    def holds_for(self, category: str) -> tuple[str, ...]:
        """Yield the kinds of holds that a complaint of a category sets, each once."""
        more = self.holds_by_category.get(category, ())
        return tuple(dict.fromkeys((*self.holds, *more)))
