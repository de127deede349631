"""Builds the channels from the settings; says which are there, and works them.

A channel without a setting is not there: its messages wait in the outbox. A setting that cannot
serve stops ``recoup serve`` with one sentence; nothing falls back to another way.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.conf import settings

from recoup.apps.contacts.actions import (
    StopWordsMissing,
    look_after_calls,
    send_due,
    take_told,
)
from recoup.channels.call_control import CallControl
from recoup.channels.calls_ari import CallsOverAri
from recoup.channels.email import Email, Relay, Sender
from recoup.channels.folder import IntoFolder
from recoup.channels.mailbox import Imap, ImapServer, Mailbox, Maildir
from recoup.channels.sms_gateway import BadGateway, read_gateway
from recoup.channels.sms_http import SmsOverHttp
from recoup.channels.sms_smpp import Smsc, SmsOverSmpp
from recoup.channels.way_out import NotHandedOver, WayOut
from recoup.channels.webhook import ByWebhook
from recoup.site.clock import now
from recoup.web.house import strategy

#: Channels that a machine can send.
SENT_BY_MACHINE = ("email", "sms", "im", "portal")
SMTP_PORTS = {"smtp": 587, "smtps": 465}
SMPP_PORTS = {"smpp": 2775, "smpps": 3550}
#: Messages that one round hands over before it looks at receipts.
ROUND = 20
log = logging.getLogger("recoup.ways")


class BadChannel(Exception):
    """A channel's settings cannot serve; the text says which and why."""


def _wall() -> datetime:
    """Yield the real time: providers hold signatures against it, whatever the desk's clock says."""
    return datetime.now(tz=UTC)


def channels_there() -> tuple[str, ...]:
    """Yield the channels that have settings."""
    return tuple(one for one in SENT_BY_MACHINE if settings.WAYS[one]["url"])


def said_of_channels() -> tuple[str, ...]:
    """Yield what to say at the start of channels that are not there."""
    missing = [one for one in SENT_BY_MACHINE if one not in channels_there()]
    if not missing:
        return ()
    names = ", ".join(missing)
    return (
        f"渠道未配置：{names}；这些渠道的消息留在待发箱（docs/howto/ways-out.zh-CN.md）。",
        f"Channels without settings: {names}; their messages wait (docs/howto/ways-out.md).",
    )


def build(channel: str) -> WayOut:
    """Yield a channel as its settings say; it connects when it is used. Errors: BadChannel."""
    given = settings.WAYS[channel]
    try:
        url = urlsplit(given["url"])
        made = BUILDERS[channel](url, given)
    except BadChannel:
        raise
    except (ValueError, KeyError, TypeError, BadGateway) as failure:
        name = f"RECOUP_{channel.upper()}_URL"
        raise BadChannel(f"{name}: {type(failure).__name__}: {failure}") from failure
    if made.capabilities.takes_replies and strategy().stop_words is None:
        made.close()
        raise BadChannel(StopWordsMissing().en)
    return made


def build_all() -> dict[str, WayOut]:
    """Yield every channel that has settings. Errors: BadChannel."""
    return {channel: build(channel) for channel in channels_there()}


@cache
def call_control() -> CallControl | None:
    """Yield the adapter of the exchange that the settings name; None without one.

    Errors: BadChannel.
    """
    given = settings.CALLS
    if not given["url"]:
        return None
    try:
        url = urlsplit(given["url"])
        schemes = {"ari+http": "http", "ari+https": "https"}
        if url.scheme not in schemes or not url.hostname or not url.username:
            raise BadChannel("RECOUP_CALLS_URL: ari+https://user@host:8089?context=...")
        options = _options(url, "context", "endpoint", "records")
        port = f":{url.port}" if url.port else ""
        return CallsOverAri(
            url=f"{schemes[url.scheme]}://{url.hostname}{port}{url.path}",
            user=unquote(url.username),
            password=unquote(url.password or "") or given["secret"],
            records=options.pop("records", "") == "yes",
            **options,
        )
    except (ValueError, TypeError) as failure:
        raise BadChannel(f"RECOUP_CALLS_URL: {type(failure).__name__}: {failure}") from failure


def _email(url: SplitResult, given: Mapping[str, Any]) -> WayOut:
    sender = _sender(given)
    if url.scheme == "folder":
        return _folder("email", url, sender)
    if url.scheme not in SMTP_PORTS or not url.hostname:
        raise BadChannel("RECOUP_EMAIL_URL: smtp://, smtps:// or folder:// is wanted")
    options = _options(url, "security")
    security = "tls" if url.scheme == "smtps" else options.get("security", "starttls")
    if url.username and security == "none":
        raise BadChannel("RECOUP_EMAIL_URL: a password is not sent without TLS")
    relay = Relay(
        host=url.hostname,
        port=url.port or SMTP_PORTS[url.scheme],
        security=security,
        user=unquote(url.username or ""),
        password=_secret(url, given),
    )
    return Email(
        relay=relay,
        sender=sender,
        clock=_wall,
        mailbox=_mailbox(given) if given["inbox"] else None,
        price_minor=given["price_minor"],
    )


def _sender(given: Mapping[str, Any]) -> Sender:
    if "@" not in given["from"]:
        raise BadChannel("RECOUP_EMAIL_FROM: the address that e-mail comes from is wanted")
    return Sender(
        address=given["from"],
        name=given["name"],
        bounces=given["bounces"],
        unsubscribe=given["unsubscribe"],
    )


def _mailbox(given: Mapping[str, Any]) -> Mailbox:
    url = urlsplit(given["inbox"])
    if url.scheme == "maildir" and url.path:
        return Maildir(Path(unquote(url.path)))
    if url.scheme not in ("imap", "imaps") or not url.hostname or not url.username:
        raise BadChannel("RECOUP_EMAIL_INBOX: imaps://user@host/folder or maildir:///folder")
    secure = url.scheme == "imaps"
    return Imap(
        ImapServer(
            host=url.hostname,
            port=url.port or (993 if secure else 143),
            secure=secure,
            user=unquote(url.username),
            password=unquote(url.password or "") or given["inbox_secret"],
            folder=unquote(url.path.strip("/")) or "INBOX",
        )
    )


def _sms(url: SplitResult, given: Mapping[str, Any]) -> WayOut:
    if url.scheme == "folder":
        return _folder("sms", url, Sender(address=""))
    if url.scheme == "gateway" and url.path:
        gateway = read_gateway(Path(unquote(url.path)))
        return SmsOverHttp(
            gateway=gateway, key=given["key"], secret=_wanted_secret("SMS", given), clock=_wall
        )
    if url.scheme not in SMPP_PORTS or not url.hostname or not url.username:
        raise BadChannel(
            "RECOUP_SMS_URL: smpp://system_id@host?source=..., gateway:///file.json or folder://"
        )
    options = _options(
        url,
        *("source", "system_type", "source_ton", "source_npi", "dest_ton", "dest_npi"),
        "unknown_number",
    )
    numbers = {name: int(value) for name, value in options.items() if name.endswith(("ton", "npi"))}
    return SmsOverSmpp(
        smsc=Smsc(
            host=url.hostname,
            port=url.port or SMPP_PORTS[url.scheme],
            secure=url.scheme == "smpps",
            system_id=unquote(url.username),
            password=_secret(url, given),
            source=options["source"],
            system_type=options.get("system_type", ""),
            unknown_number=frozenset(filter(None, options.get("unknown_number", "").split(","))),
            **numbers,
        ),
        price_minor=given["price_minor"],
    )


def _posted(channel: str) -> Callable[[SplitResult, Mapping[str, Any]], WayOut]:
    def make(url: SplitResult, given: Mapping[str, Any]) -> WayOut:
        if url.scheme == "folder":
            return _folder(channel, url, Sender(address=""))
        if url.scheme not in ("https", "http") or not url.hostname:
            raise BadChannel(f"RECOUP_{channel.upper()}_URL: an https address is wanted")
        secret = _wanted_secret(channel.upper(), given)
        return ByWebhook(channel=channel, url=given["url"], secret=secret, clock=_wall)

    return make


BUILDERS: dict[str, Callable[[SplitResult, Mapping[str, Any]], WayOut]] = {
    "email": _email,
    "sms": _sms,
    "im": _posted("im"),
    "portal": _posted("portal"),
}


def _folder(channel: str, url: SplitResult, sender: Sender) -> WayOut:
    if not url.path:
        raise BadChannel(f"RECOUP_{channel.upper()}_URL: folder:///path is wanted")
    return IntoFolder(channel=channel, folder=Path(unquote(url.path)), sender=sender, clock=now)


def _options(url: SplitResult, *known: str) -> dict[str, str]:
    given = {name: values[-1] for name, values in parse_qs(url.query).items()}
    for name in given:
        if name not in known:
            raise BadChannel(f"{url.scheme}: '{name}' is none of {', '.join(known)}")
    return given


def _secret(url: SplitResult, given: Mapping[str, Any]) -> str:
    return unquote(url.password or "") or str(given["secret"])


def _wanted_secret(name: str, given: Mapping[str, Any]) -> str:
    if not given["secret"]:
        raise BadChannel(f"RECOUP_{name}_SECRET or RECOUP_{name}_SECRET_FILE is wanted")
    return str(given["secret"])


@dataclass
class Worked:
    """One channel at work: sends what is due, then takes what its provider tells."""

    way: WayOut
    over: threading.Event
    _looks_at: float = 0

    def round(self) -> None:
        """Look once. Each message is judged at the moment of its own sending."""
        for _ in range(ROUND):
            passed = send_due(ways={self.way.channel: self.way}, at=now(), most=1)
            if self.over.is_set() or not (passed.sent or passed.stopped or passed.failed):
                break
        if monotonic() < self._looks_at:
            return
        self._looks_at = monotonic() + self.way.looks_every
        try:
            at = now()
            told = self.way.told(at=at)
        except (NotHandedOver, OSError) as failure:
            log.warning("%s: nothing could be read back: %s", self.way.provider, failure)
            return
        take_told(channel=self.way.channel, provider=self.way.provider, told=told, at=at)
        if told:
            self.way.heard()


def look_after_own_calls() -> None:
    """Note what became of calls under way, where an exchange is connected."""
    control = call_control()
    if control is not None:
        look_after_calls(control=control, at=now())
