"""Names of roles in the page's language."""

from django import template

from recoup.apps.people.models import Role
from recoup.web.shown import speaks_chinese

register = template.Library()


@register.filter
def role_name(role: Role) -> str:
    """Show a role's name in the page's language."""
    return role.name_zh if speaks_chinese() else role.name_en
