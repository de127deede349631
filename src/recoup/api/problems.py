"""Errors of the API as problem documents (RFC 9457), in Chinese and English."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import translation
from ninja import Schema

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: ("请求无法读取", "The request cannot be read"),
    401: ("需要有效的令牌", "A valid token is needed"),
    403: ("没有此项职责", "This duty is missing"),
    404: ("没有找到", "Not found"),
    405: ("不支持的方法", "Method not allowed"),
    409: ("与规则或已有记录冲突，不予受理", "Refused: it conflicts with a rule or a record"),
    422: ("请求不符合接口说明", "The request does not fit the description"),
    429: ("请求过多", "Too many requests"),
}


class Problem(Schema):
    """A problem document: what was refused, in the caller's language and in both."""

    type: str
    title: str
    status: int
    detail: str
    detail_zh: str
    detail_en: str
    rule: str = ""
    errors: list[dict[str, Any]] = []  # noqa: RUF012


#: What any operation may answer beside its own result.
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)


def problem(
    *, status: int, zh: str, en: str, rule: str = "", errors: Sequence[Mapping[str, object]] = ()
) -> JsonResponse:
    """Yield an answer with a problem document."""
    title = TITLES.get(status, TITLES[400])
    chinese = (translation.get_language() or "").startswith("zh")
    body = {
        "type": "about:blank",
        "title": title[0 if chinese else 1],
        "status": status,
        "detail": zh if chinese else en,
        "detail_zh": zh,
        "detail_en": en,
        "rule": rule,
        "errors": [dict(error) for error in errors],
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def unreadable(request: HttpRequest, errors: Sequence[Mapping[str, Any]]) -> JsonResponse:
    """Yield the answer to a request whose parts do not fit the description."""
    found = [
        {"place": ".".join(str(part) for part in error["loc"]), "message": str(error["msg"])}
        for error in errors
    ]
    places = "、".join(one["place"] for one in found)
    return problem(
        status=422,
        zh=f"请求的这些部分不符合接口说明：{places}。",
        en=f"These parts of the request do not fit the description: {places.replace('、', ', ')}.",
        errors=found,
    )
