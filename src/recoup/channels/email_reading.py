"""What a mail to the bank says: a bounce (RFC 3464), a complaint (RFC 5965), or an answer."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_string
from email.message import EmailMessage, Message
from email.utils import parseaddr, parsedate_to_datetime
from urllib.parse import unquote

from recoup.channels.way_out import Receipt, Reply, Told

#: Enhanced status codes (RFC 3463; 5.1.10 is RFC 7505): there is no such mailbox or domain.
NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
#: What an Action field makes of a message; the others (delayed, relayed, expanded) settle nothing.
ACTIONS = {"failed": "failed", "delivered": "delivered"}
_NAME = re.compile(r"<([^<>@\s]+)@([^<>@\s]+)>")
_QUOTE = re.compile(
    r"(?m)^(>.*|-{2,}\s*(Original Message|原始邮件|Forwarded message).*|"
    r"On .{4,120} wrote:|在.{4,120}写道[:：]|发件人[:：].*|From: .*)$"
)
MOST_LETTERS = 4000


def read_mail(mail: EmailMessage, *, domain: str, at: datetime) -> Told | None:
    """Yield what a mail tells; None for what tells nothing: an out-of-office note, a delay.

    Shape: ``domain`` is the one of our Message-IDs; ``at`` the instant where the mail has none.
    """
    kind = mail.get_content_type()
    report = str(mail.get_param("report-type") or "").casefold()
    if kind == "multipart/report" and report == "delivery-status":
        return _bounce(mail, domain=domain, at=at)
    if kind == "multipart/report" and report == "feedback-report":
        return _complaint(mail, domain=domain, at=at)
    return _answer(mail, domain=domain, at=at)


def _bounce(mail: EmailMessage, *, domain: str, at: datetime) -> Receipt | None:
    for block in _blocks(mail, "message/delivery-status"):
        action = ACTIONS.get(str(block.get("Action", "")).strip().casefold())
        ours = _own(_original(mail), domain=domain)
        if action is None or ours is None:
            continue
        status = str(block.get("Status", "")).split(" ")[0].strip()
        said = str(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
        if action == "failed" and status in NO_SUCH_ADDRESS:
            action = "invalid"
        return Receipt(
            reference=ours[0],
            message_id=ours[1],
            outcome=action,
            at=_when(mail, at),
            said=" ".join(f"{status} {said}".split())[:300],
        )
    return None


def _complaint(mail: EmailMessage, *, domain: str, at: datetime) -> Receipt | None:
    kinds = [
        str(block.get("Feedback-Type", "")).strip().casefold()
        for block in _blocks(mail, "message/feedback-report")
    ]
    ours = _own(_original(mail), domain=domain)
    if ours is None or not kinds or kinds[0] not in ("abuse", "opt-out", "fraud", "other"):
        return None
    return Receipt(
        reference=ours[0],
        message_id=ours[1],
        outcome="complained",
        at=_when(mail, at),
        said=kinds[0],
    )


def _blocks(mail: EmailMessage, kind: str) -> Iterator[Message]:
    """Yield the groups of fields of a report's machine-readable part."""
    for part in mail.walk():
        if part.get_content_type() != kind:
            continue
        inner = part.get_payload()
        if isinstance(inner, list):
            yield from (one for one in inner if isinstance(one, Message))
            continue
        octets = part.get_payload(decode=True)
        if isinstance(octets, bytes):
            yield message_from_string(octets.decode("utf-8", errors="replace"))


def _original(mail: EmailMessage) -> Message | None:
    """Yield the header of the mail that a report is about, as it brings it along."""
    for part in mail.walk():
        kind = part.get_content_type()
        inner = part.get_payload()
        if kind == "message/rfc822" and isinstance(inner, list) and inner:
            return inner[0] if isinstance(inner[0], Message) else None
        if kind == "text/rfc822-headers":
            octets = part.get_payload(decode=True)
            if isinstance(octets, bytes):
                return message_from_string(octets.decode("utf-8", errors="replace"))
    return None


def _own(original: Message | None, *, domain: str) -> tuple[str, str] | None:
    """Yield Message-ID and our own id of a mail of ours; None for anybody else's."""
    return _named(str(original.get("Message-ID", "")), domain=domain) if original else None


def _named(text: str, *, domain: str) -> tuple[str, str] | None:
    for name, host in _NAME.findall(text):
        if host.casefold() == domain.casefold():
            return f"<{name}@{host}>", unquote(name)
    return None


def _answer(mail: EmailMessage, *, domain: str, at: datetime) -> Reply | None:
    automatic = str(mail.get("Auto-Submitted", "no")).strip().casefold() != "no"
    address = parseaddr(str(mail.get("From", "")))[1]
    if automatic or "@" not in address or str(mail.get("Return-Path", "")).strip() == "<>":
        return None
    named = " ".join(str(mail.get(one, "")) for one in ("In-Reply-To", "References", "Subject"))
    ours = _named(named, domain=domain) or ("", "")
    return Reply(
        address=address,
        text=_said(mail)[:MOST_LETTERS],
        at=_when(mail, at),
        reference=ours[0],
        message_id=ours[1],
        reply_id=str(mail.get("Message-ID", "")).strip(),
    )


def _said(mail: EmailMessage) -> str:
    """Yield the person's own words: the text above the quoted mail, else the subject."""
    part = mail.get_body(preferencelist=("plain", "html"))
    text = part.get_content() if part is not None else ""
    if not isinstance(text, str):
        text = ""
    if part is not None and part.get_content_type() == "text/html":
        text = re.sub(r"<[^>]*>", " ", re.sub(r"(?i)<br\s*/?>|</p>|</div>", "\n", text))
    quoted = _QUOTE.search(text)
    own = (text[: quoted.start()] if quoted else text).strip()
    return own or str(mail.get("Subject", "")).strip()


def _when(mail: EmailMessage, at: datetime) -> datetime:
    """Yield when the mail was written, where it says so and that is not in the future."""
    try:
        written = parsedate_to_datetime(str(mail.get("Date", "")))
    except (TypeError, ValueError):
        return at
    if written.tzinfo is None:
        written = written.replace(tzinfo=UTC)
    return min(written, at)
