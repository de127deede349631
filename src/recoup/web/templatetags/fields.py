"""Shows a form's field in one way on all pages: label, control, help, errors."""

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField

register = template.Library()


@register.inclusion_tag("web/field.html")
def field(bound: BoundField, label: str = "", help: str = "", **attributes: Any) -> dict[str, Any]:
    """Show a field; ``label`` and ``help`` replace the form's own, the rest are HTML attributes."""
    widget = bound.field.widget
    is_box = isinstance(widget, forms.CheckboxInput)
    is_many = isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect)
    if is_box:
        style = "form-check-input"
    elif is_many:
        style = "rc-ticks"
    else:
        style = "form-select" if isinstance(widget, forms.Select) else "form-control"
    given = {"class": style, "placeholder": "", **attributes}
    if bound.errors:
        given |= {"class": f"{style} is-invalid", "aria-invalid": "true"}
    help_id = f"{bound.auto_id}-help"
    if help or bound.help_text or bound.errors:
        given["aria-describedby"] = help_id
    return {
        "bound": bound,
        "label": label or bound.label,
        "help": help or bound.help_text,
        "help_id": help_id,
        "control": bound.as_widget(attrs=given),
        "is_box": is_box,
        "is_many": is_many,
    }
