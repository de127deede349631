"""The gate before every page: who is not signed in goes to the sign-in page, but for open ones."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import ResolverMatch, reverse

from recoup.apps.people.actions import record_opening
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import Actor

Respond = Callable[[HttpRequest], HttpResponse]

#: Pages that anybody may open; nothing of a debtor is on them.
OPEN = frozenset(
    {
        *("healthz", "set_language", "way-told", "complaints:complain"),
        *("account_login", "account_logout", "account_inactive", "mfa_authenticate"),
        *("openid_connect_login", "openid_connect_callback"),
        *("socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup"),
    }
)
#: Programs do not sign in at a page: the API asks for a token itself.
OPEN_NAMESPACES = frozenset({"api"})
#: Pages of allauth that staff use; all its others answer "not found".
USED = frozenset(
    {
        *("account_change_password", "account_reauthenticate"),
        *("mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
        *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
        "mfa_download_recovery_codes",
    }
)
#: What one can still do before the password is changed or the second factor is set up.
FIRST_STEPS = OPEN | USED


class GateMiddleware:
    """Lets strangers to the open pages only, and staff on once their first steps are done."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._respond(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        words: Sequence[Any],
        names: dict[str, Any],
    ) -> HttpResponse | None:
        """Answer in the page's place, or yield None to let the page answer."""
        match = request.resolver_match
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        if match is None or is_open(match):
            return None
        if actor is None:
            idle = {"idle": "1"} if request.was_idle else {}  # type: ignore[attr-defined]
            return to_sign_in(request, **idle)
        if view.__module__.startswith("allauth.") and match.view_name not in USED:
            raise Http404
        step = first_step(request, actor) if match.view_name not in FIRST_STEPS else None
        if step is not None:
            return _sent(request, reverse(step))
        if actor.borrowed:
            record_opening(actor=actor, address=request.get_full_path(), at=request.at)  # type: ignore[attr-defined]
        return None


def is_open(match: ResolverMatch) -> bool:
    """Tell whether anybody may open a page."""
    return match.view_name in OPEN or not OPEN_NAMESPACES.isdisjoint(match.namespaces)


def to_sign_in(request: HttpRequest, **more: str) -> HttpResponse:
    """Send a stranger to the sign-in page and, signed in, back to the page that was wanted."""
    wanted = request.get_full_path()
    if getattr(request, "htmx", False):
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        wanted = f"{page.path}?{page.query}" if page.query else page.path
    elif request.method not in ("GET", "HEAD"):
        wanted = ""
    query = {"next": wanted, **more} if wanted and wanted != "/" else more
    address = reverse("account_login")
    return _sent(request, f"{address}?{urlencode(query)}" if query else address)


def first_step(request: HttpRequest, actor: Actor) -> str | None:
    """Yield the page on which this person must do something before anything else, if any."""
    staff = request.user
    if isinstance(staff, Staff) and staff.must_change_password and staff.has_usable_password():
        return "account_change_password"
    required: frozenset[str] = settings.REQUIRE_TOTP
    if "*" not in required and required.isdisjoint(actor.roles):
        return None
    if not request.session.get("has_second_factor"):
        totp = Authenticator.objects.filter(user_id=actor.staff_id, type=Authenticator.Type.TOTP)
        if not totp.exists():
            return "mfa_activate_totp"
        request.session["has_second_factor"] = True
    return None


def _sent(request: HttpRequest, address: str) -> HttpResponse:
    """Yield the way to another page: for a part of a page by htmx's header, with status 401."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
