"""The address of another page of a list, with the filter kept."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def page_query(context: dict[str, Any], number: object, name: str = "page") -> str:
    """Yield the query of this page with another page number."""
    query = context["request"].GET.copy()
    query[name] = str(number)
    encoded: str = query.urlencode()
    return encoded
