"""Refuses texts that no database keeps: the character NUL, and halves of characters."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from ninja.parser import Parser

from recoup.kernel.refusal import Refused

Respond = Callable[[HttpRequest], HttpResponse]
SENTENCE = "请求中含有无法保存的字符。 The request holds a character that cannot be kept."


class BadText(Refused):
    """A text with a character that cannot be kept."""

    def __init__(self) -> None:
        zh, en = SENTENCE.split("。 ")
        super().__init__(zh=f"{zh}。", en=en)


def is_plain(text: str) -> bool:
    """Tell whether every database can keep a text.

    >>> is_plain("李小明"), is_plain("a\\x00"), is_plain("\\ud800")
    (True, False, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


class PlainTextMiddleware:
    """Answers 400 to an address or a form with such a character."""

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on what is plain."""
        values = [request.path_info, *_values(request.GET)]
        if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
            values += _values(request.POST)
        if not all(is_plain(value) for value in values):
            return HttpResponseBadRequest(SENTENCE, content_type="text/plain; charset=utf-8")
        return self._respond(request)


def _values(given: Any) -> list[str]:
    return [text for key, texts in given.lists() for text in (key, *texts)]


class PlainJson(Parser):
    """Reads JSON bodies; one with such a character is refused before anything is done."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Yield the body. Errors: BadText; ValueError, when it is no JSON."""
        body: dict[str, Any] = json.loads(request.body)
        if not is_plain(json.dumps(body, ensure_ascii=False).replace("\\u0000", "\x00")):
            raise BadText
        return body
