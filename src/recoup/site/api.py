"""The API: every room's router under one description, with tokens and problem documents."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from recoup import __version__
from recoup.api.problems import MEDIA_TYPE, PROBLEMS, problem, unreadable
from recoup.api.tokens import TokenCard, recognise
from recoup.apps.arrangements import api as arrangements
from recoup.apps.cases import api as cases
from recoup.apps.closing import api as closing
from recoup.apps.contacts import api as contacts
from recoup.apps.ledger import api as ledger
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound
from recoup.apps.people.queries import actor_of
from recoup.apps.portfolio import api as portfolio
from recoup.kernel.refusal import Refused
from recoup.site.clock import now
from recoup.site.hooks_api import router as hooks_router
from recoup.site.plain_text import PlainJson


class TokenAuth(HttpBearer):
    """Recognises the caller by token; the actor has the duties that token and person share."""

    openapi_name = "token"

    def authenticate(self, request: HttpRequest, token: str) -> TokenCard | None:
        """Set ``request.actor`` and yield the token, or None for a stranger."""
        at: datetime = now()
        known = recognise(secret=token, at=at)
        if known is None:
            return None
        person = actor_of(staff_id=known.staff_id, at=at)
        request.at = at  # type: ignore[attr-defined]
        request.actor = limited(person, known)  # type: ignore[attr-defined]
        return known


def limited(person: Actor, token: TokenCard) -> Actor:
    """Yield the person with only those duties that the token carries."""
    kept = {name: getattr(person, name) for name in person.__dataclass_fields__}
    return Actor(**{**kept, "duties": person.duties & token.scopes})


class DeskAPI(NinjaAPI):
    """Ninja's API with problems described as problem documents in the OpenAPI description."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Yield the description; every error answer is ``application/problem+json`` in it."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        answer["content"] = {MEDIA_TYPE: next(iter(answer["content"].values()))}
        return schema


api = DeskAPI(
    title="recoup 回款",
    version=__version__,
    description="Loan collections and recovery. Amounts are integers in minor units with a "
    "currency; days are ISO dates, instants ISO 8601 with offset. Errors are problem documents "
    "(RFC 9457) in Chinese and English; `Accept-Language` chooses `detail`.",
    auth=TokenAuth(),
    parser=PlainJson(),
    urls_namespace="api",
    docs_url="/docs",
    openapi_url="/openapi.json",
    openapi_extra={"info": {"license": {"name": "Apache-2.0"}}},
)


class Me(Schema):
    """Who the token acts for, and with which duties."""

    staff_id: int
    name: str
    roles: list[str]
    duties: list[str]
    language: str


@api.get("/me", response={200: Me, **PROBLEMS}, tags=["me"], summary="Who am I")
def me(request: HttpRequest) -> dict[str, object]:
    """Tell who the token acts for."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return {
        "staff_id": actor.staff_id,
        "name": actor.name,
        "roles": sorted(actor.roles),
        "duties": sorted(actor.duties),
        "language": actor.language,
    }


api.add_router("/webhooks", hooks_router)
for room in (portfolio, ledger, arrangements, contacts, cases, closing):
    api.add_router("", room.router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, exception: Refused) -> HttpResponse:
    """Answer an expected refusal."""
    status = 409  # what fits the description and is refused conflicts with a rule or a record
    if isinstance(exception, NotFound):
        status = 404
    elif isinstance(exception, NotAllowed):
        status = 403
    return problem(status=status, zh=exception.zh, en=exception.en, rule=exception.rule)


@api.exception_handler(AuthenticationError)
def stranger(request: HttpRequest, exception: AuthenticationError) -> HttpResponse:
    """Answer a call without a live token."""
    return problem(
        status=401,
        zh="令牌缺失、已失效或已撤销；请在“我的”页面生成新的令牌。",
        en="The token is missing, expired or withdrawn; make a new one on your own page.",
    )


@api.exception_handler(ValidationError)
def misfit(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    """Answer a request that does not fit the description."""
    return unreadable(request, exception.errors)


@api.exception_handler(Http404)
def nowhere(request: HttpRequest, exception: Http404) -> HttpResponse:
    """Answer a call for something that is not there."""
    missing = NotFound()
    return problem(status=404, zh=missing.zh, en=missing.en)


@api.exception_handler(HttpError)
def failed(request: HttpRequest, exception: HttpError) -> HttpResponse:
    """Answer an error of the framework, such as a body that is no JSON."""
    status = 429 if isinstance(exception, Throttled) else exception.status_code
    return problem(
        status=status, zh=f"请求无法处理：{exception.message}", en=f"Refused: {exception.message}"
    )
