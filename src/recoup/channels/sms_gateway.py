"""What an HTTP gateway wants and says, as data: a JSON file, no code for each provider."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recoup.channels.way_out import OUTCOMES

FORMS = ("json", "form")
MEANINGS = ("accepted", "retry", "never")
ENCODINGS = ("hex", "base64")
FILLED = ("address", "body", "subject", "language", "message_id", "key")


class BadGateway(ValueError):
    """The description of a gateway cannot be used; the text says where and why."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """HMAC-SHA256 over ``over``, a pattern with {timestamp} and {body}, in a header.

    ``timestamp_header``: seconds since 1970. ``prefix`` stands before the signature in its header.
    """

    header: str
    timestamp_header: str
    over: str = "{timestamp}\n{body}"
    encoding: str = "hex"
    prefix: str = ""

    def of(self, *, secret: str, timestamp: str, body: bytes) -> str:
        """Yield the header's value."""
        before, _, after = self.over.replace("{timestamp}", timestamp).partition("{body}")
        octets = before.encode() + body + after.encode()
        digest = hmac.new(secret.encode(), octets, hashlib.sha256).digest()
        text = digest.hex() if self.encoding == "hex" else base64.b64encode(digest).decode()
        return self.prefix + text


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an answer means: with one of these statuses and, of ``field``, one of these values."""

    means: str
    status: tuple[int, ...]
    field: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Hook:
    """How the gateway tells receipts and replies. ``items``: where its list is; empty: the body.

    Names are paths with dots. What has ``text`` is a reply, the rest are receipts; ``outcomes``
    maps the gateway's words to delivered, failed, invalid or complained; others are not final.
    """

    items: str = ""
    reference: str = ""
    message_id: str = ""
    outcome: str = ""
    outcomes: Mapping[str, str]
    said: str = ""
    address: str = ""
    text: str = ""
    reply_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """An HTTP gateway for SMS. Values of ``fields`` and ``headers`` may hold {address}, {body} ...

    ``idempotency_header``: the gateway sends a message once however often it is posted under the
    same value; empty: it makes no such promise. The first of ``answers`` that fits counts; one that
    nothing describes leaves open whether the message was taken.
    """

    name: str
    url: str
    form: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]
    answers: tuple[Answer, ...]
    signature: Signature | None = None
    idempotency_header: str = ""
    reference: str = ""
    cost_minor: str = ""
    most_chars: int | None = None
    seconds_to_answer: float = 15
    hook: Hook | None = None


def read_gateway(path: Path) -> Gateway:
    """Yield the gateway that a JSON file describes. Errors: BadGateway."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        return gateway_of(tree)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as failure:
        raise BadGateway(f"{path.name}: {type(failure).__name__}: {failure}") from failure


def gateway_of(tree: Mapping[str, object]) -> Gateway:
    """Yield the gateway of a JSON object. Errors: BadGateway, TypeError, KeyError."""
    given = dict(tree)
    answers = given.pop("answers")
    signature, hook = given.pop("signature", None), given.pop("hook", None)
    if not isinstance(answers, list):
        raise BadGateway("answers: a list is wanted")
    made = Gateway(
        **{"headers": {}, **given},  # type: ignore[arg-type]
        answers=tuple(
            Answer(
                **{**one, "status": tuple(one["status"]), "values": tuple(one.get("values", ()))}
            )
            for one in answers
        ),
        signature=Signature(**signature) if isinstance(signature, dict) else None,
        hook=Hook(**hook) if isinstance(hook, dict) else None,
    )
    _check(made)
    return made


def _check(made: Gateway) -> None:
    """Errors: BadGateway."""
    wanted = [
        (made.url.startswith(("https://", "http://")), "url: http or https"),
        (made.form in FORMS, f"form: one of {', '.join(FORMS)}"),
        (any("{address}" in one for one in made.fields.values()), "fields: {address} is missing"),
        (any("{body}" in one for one in made.fields.values()), "fields: {body} is missing"),
        (all(one.means in MEANINGS for one in made.answers), f"means: {', '.join(MEANINGS)}"),
        (any(one.means == "accepted" for one in made.answers), "answers: none means accepted"),
    ]
    if made.signature:
        wanted.append((made.signature.encoding in ENCODINGS, "signature.encoding: hex, base64"))
        wanted.append(("{body}" in made.signature.over, "signature.over: {body} is missing"))
    if made.hook:
        known = all(one in OUTCOMES for one in made.hook.outcomes.values())
        wanted.append((known, f"hook.outcomes: {', '.join(OUTCOMES)}"))
        wanted.append((made.signature is not None, "hook: needs a signature"))
    for fits, said in wanted:
        if not fits:
            raise BadGateway(said)


def value_at(tree: object, path: str) -> str:
    """Yield what stands at a path with dots, as text; empty where there is nothing.

    Example:
        >>> value_at({"data": {"id": 7}}, "data.id"), value_at({}, "data.id"), value_at({}, "")
        ('7', '', '')
    """
    found = part_at(tree, path) if path else None
    return "" if found is None or isinstance(found, dict | list) else str(found)


def part_at(tree: object, path: str) -> object:
    """Yield what stands at a path with dots; None where there is nothing."""
    for name in path.split(".") if path else ():
        if isinstance(tree, dict):
            tree = tree.get(name)
        elif isinstance(tree, list) and name.isdigit() and int(name) < len(tree):
            tree = tree[int(name)]
        else:
            return None
    return tree
