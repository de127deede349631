"""Puts a refusal beside the form that was refused, so that nothing typed is lost."""

from django import forms

from recoup.kernel.duties import NotAllowed
from recoup.kernel.refusal import NotFound, Refused, Stale
from recoup.web.shown import speaks_chinese


def status_of(refused: Refused) -> int:
    """Yield the status that goes with a refusal shown in a form."""
    return 409 if isinstance(refused, Stale) else 422


def refuse_in(form: forms.Form, refused: Refused) -> int:
    """Show a refusal in the form; yield the status. Errors: those that no form can mend."""
    if isinstance(refused, NotAllowed | NotFound):
        raise refused
    form.add_error(None, refused.zh if speaks_chinese() else refused.en)
    return status_of(refused)
