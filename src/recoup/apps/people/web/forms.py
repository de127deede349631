"""The room's forms: they read what was typed; the rules are in the actions."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from recoup.apps.people.actions import StaffFields
from recoup.apps.people.models import Branch, Role, Scope, Staff, Team
from recoup.web.shown import speaks_chinese
from recoup.web.words import WORDS, word_of


class DayInput(forms.DateInput):
    """A day, by the browser's own calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class Codes(forms.MultipleChoiceField):
    """Codes to tick; those that somebody has already are offered even if nobody knows a word."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, kind: str, held: Iterable[str] = ()) -> None:
        """Offer the codes of a kind of words, and those held."""
        codes = [*WORDS.get(kind, {}), *(code for code in held if code not in WORDS.get(kind, {}))]
        self.choices = [(code, word_of(kind=kind, code=code)) for code in codes]


def role_name(role: Role) -> str:
    """Yield a role's name in the page's language."""
    return role.name_zh if speaks_chinese() else role.name_en


class StaffForm(forms.Form):
    """One member of staff."""

    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    username = forms.CharField(label=_("Sign-in name"), max_length=150)
    display_name = forms.CharField(label=_("Full name"), max_length=80)
    staff_number = forms.CharField(label=_("Staff number"), max_length=40)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language of the pages"), choices=settings.LANGUAGES)
    branch = forms.ChoiceField(label=_("Branch"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple
    )
    skills = Codes(label=_("Skills"), required=False)
    spoken = Codes(label=_("Languages spoken"), required=False)
    case_capacity = forms.IntegerField(
        label=_("Most open cases"), min_value=0, max_value=10_000, initial=150
    )
    conflicts = forms.CharField(
        label=_("Conflicts of interest"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Debtors this person must not handle (relatives, own business): one key a line."
        ),
    )
    is_active = forms.BooleanField(label=_("Works here"), required=False, initial=True)

    def __init__(self, *words: Any, held: Staff | None = None, **more: Any) -> None:
        super().__init__(*words, **more)
        places = [("", "—")]
        self.fields["branch"].choices = places + [  # type: ignore[attr-defined]
            (branch.code, f"{branch} ({branch.code})") for branch in Branch.objects.all()
        ]
        self.fields["team"].choices = places + [  # type: ignore[attr-defined]
            (team.code, f"{team} ({team.code})") for team in Team.objects.all()
        ]
        self.fields["roles"].choices = [  # type: ignore[attr-defined]
            (role.code, role_name(role)) for role in Role.objects.all()
        ]
        self.fields["skills"].offer("skill", held.skills if held else ())  # type: ignore[attr-defined]
        self.fields["spoken"].offer("language", held.spoken if held else ())  # type: ignore[attr-defined]

    def fields_of_staff(self) -> StaffFields:
        """Yield what was typed, for the actions."""
        data = self.cleaned_data
        return StaffFields(
            username=data["username"],
            display_name=data["display_name"],
            staff_number=data["staff_number"],
            email=data["email"],
            language=data["language"],
            branch=data["branch"],
            team=data["team"],
            roles=frozenset(data["roles"]),
            skills=tuple(data["skills"]),
            spoken=tuple(data["spoken"]),
            case_capacity=data["case_capacity"],
            conflicts=tuple(
                line.strip() for line in data["conflicts"].splitlines() if line.strip()
            ),
            is_active=data["is_active"],
        )


def typed(staff: Staff) -> dict[str, Any]:
    """Yield what the form of a member of staff shows at first."""
    return {
        "version": staff.version,
        "username": staff.username,
        "display_name": staff.display_name,
        "staff_number": staff.staff_number,
        "email": staff.email,
        "language": staff.language,
        "branch": staff.branch.code if staff.branch else "",
        "team": staff.team.code if staff.team else "",
        "roles": [role.code for role in staff.roles.all()],
        "skills": staff.skills,
        "spoken": staff.spoken,
        "case_capacity": staff.case_capacity,
        "conflicts": "\n".join(staff.conflicts),
        "is_active": staff.is_active,
    }


class NewStaffForm(StaffForm):
    """A new member of staff, with an initial password and one scope."""

    password = forms.CharField(
        label=_("Initial password"),
        required=False,
        max_length=200,
        help_text=_("To be changed at the first sign-in. Empty: signs in at the bank's page only."),
    )
    scope = forms.ChoiceField(
        label=_("Sees the debtors of"),
        choices=[
            ("", _("the own portfolio only")),
            ("team", _("the own team")),
            ("branch", _("the own branch")),
            ("bank", _("the whole bank")),
        ],
        required=False,
    )

    def scopes(self) -> tuple[tuple[str, str], ...]:
        """Yield the scopes to begin with."""
        kind = self.cleaned_data["scope"]
        values = {"bank": "", **{key: self.cleaned_data[key] for key in ("team", "branch")}}
        return ((kind, values[kind]),) if kind and (kind == "bank" or values[kind]) else ()


class ScopeForm(forms.Form):
    """A scope to give."""

    kind = forms.ChoiceField(label=_("Drawn by"), choices=Scope.Kind.choices)
    value = forms.CharField(
        label=_("Which"),
        required=False,
        max_length=64,
        help_text=_("Code of the branch, team or product; staff number for a portfolio."),
    )
    until = forms.DateField(label=_("Last day"), required=False, widget=DayInput)

    def ends_at(self) -> datetime | None:
        """Yield when the scope ends: after its last day."""
        last = self.cleaned_data["until"]
        return _after(last) if last else None

    def value_kept(self) -> str:
        """Yield the value as it is kept: for a portfolio the key behind a staff number."""
        value: str = self.cleaned_data["value"].strip()
        if self.cleaned_data["kind"] == Scope.Kind.PORTFOLIO:
            found = Staff.objects.filter(staff_number=value).first()
            return str(found.pk) if found else ""
        return "" if self.cleaned_data["kind"] == Scope.Kind.BANK else value


class AbsenceForm(forms.Form):
    """Days away; the last day is the last one away."""

    from_on = forms.DateField(label=_("First day away"), widget=DayInput)
    last_on = forms.DateField(label=_("Last day away"), widget=DayInput)
    stand_in = forms.TypedChoiceField(
        label=_("Who stands in"), coerce=int, empty_value=None, required=False
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *words: Any, colleagues: Iterable[Staff] = (), **more: Any) -> None:
        super().__init__(*words, **more)
        self.fields["stand_in"].choices = [("", _("nobody")), *_offered(colleagues)]  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """A portfolio to hand over."""

    taker = forms.TypedChoiceField(label=_("To whom"), coerce=int, empty_value=None)
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What your colleague should know: who expects a call, what is promised."),
    )
    accept_on = forms.DateField(label=_("To be accepted by"), widget=DayInput)
    last_on = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DayInput,
        help_text=_("Empty: until it is returned."),
    )

    def __init__(self, *words: Any, colleagues: Iterable[Staff] = (), **more: Any) -> None:
        super().__init__(*words, **more)
        self.fields["taker"].choices = [("", "—"), *_offered(colleagues)]  # type: ignore[attr-defined]

    def accept_by(self) -> datetime:
        """Yield the end of the day by which the offer is to be accepted."""
        return _after(self.cleaned_data["accept_on"])

    def ends_at(self) -> datetime | None:
        """Yield when the hand-over ends: after its last day."""
        last = self.cleaned_data["last_on"]
        return _after(last) if last else None


class BranchForm(forms.Form):
    """A branch."""

    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    code = forms.CharField(label=_("Code"), max_length=64, help_text=_("As the book writes it."))
    name = forms.CharField(label=_("Name"), required=False, max_length=120)


class TeamForm(BranchForm):
    """A team."""

    branch = forms.ChoiceField(label=_("Branch"), required=False)

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self.fields["branch"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((branch.code, f"{branch} ({branch.code})") for branch in Branch.objects.all()),
        ]


class RoleForm(forms.Form):
    """A role's names and authority."""

    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    code = forms.SlugField(label=_("Code"), max_length=40)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60)
    approves_up_to = forms.DecimalField(
        label=_("Approves up to"),
        min_value=0,
        max_digits=16,
        decimal_places=2,
        initial=0,
        help_text=_("The largest amount that a member may approve, in yuan."),
    )


def _offered(colleagues: Iterable[Staff]) -> list[tuple[int, str]]:
    return [(one.pk, f"{one} ({one.staff_number})") for one in colleagues]


def _after(last: Any) -> datetime:
    """Yield the instant at which a day is over, in the house's zone."""
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(settings.TIME_ZONE))
