"""The room's forms."""

from datetime import date
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from recoup.apps.closing.policies import pack_names, strategy_names

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
WEEKDAYS = (
    *((1, _("Mon")), (2, _("Tue")), (3, _("Wed")), (4, _("Thu"))),
    *((5, _("Fri")), (6, _("Sat")), (7, _("Sun"))),
)
PPM_OF_PERCENT = 10_000


class RunForm(forms.Form):
    """For which business date to run a night."""

    as_of = forms.DateField(label=_("Business date"), widget=_DAY)


class CatchUpForm(forms.Form):
    """Which span of business dates to catch up."""

    first_on = forms.DateField(label=_("First business date"), widget=_DAY)
    last_on = forms.DateField(label=_("Last business date"), widget=_DAY)
    working_days_only = forms.BooleanField(
        label=_("Working days of the pack's calendar only"), required=False
    )


class ScheduleForm(forms.Form):
    """When the night runs by itself, over which book."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    is_on = forms.BooleanField(label=_("Run the night by itself"), required=False)
    starts_at = forms.TimeField(
        label=_("Time of day"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    days_back = forms.TypedChoiceField(
        label=_("Business date"),
        choices=((1, _("the day before the start")), (0, _("the day of the start"))),
        coerce=int,
    )
    book = forms.CharField(label=_("Book folder"), required=False, max_length=200)
    pack = forms.ChoiceField(label=_("Pack"))
    strategy = forms.ChoiceField(label=_("Strategy"))
    max_bad = forms.DecimalField(
        label=_("Stop when more than this share of a table's rows is refused (percent)"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=7,
        decimal_places=4,
    )

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        for name, found in (("pack", pack_names()), ("strategy", strategy_names())):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(one, one) for one in found]

    def max_bad_ppm(self) -> int:
        """Yield the share in parts per million."""
        return int(self.cleaned_data["max_bad"] * PPM_OF_PERCENT)


def suggested_date(*, done: date | None, yesterday: date) -> date:
    """Yield the business date that is most likely to be run next."""
    return yesterday if done is None or done < yesterday else done
