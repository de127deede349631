"""E-mail by SMTP, with bounces, complaints and answers read back from a mailbox.

Capabilities: any length, files, replies; bounces and complaints, no word of what did arrive.
Limits: whatever the relay sets; its answers decide. 4xx is tried again, 5xx never. Cost: a price
for each message by setting. Doubt: SMTP (RFC 5321, 4.5.3.2 and 6.1) has no name under which a
relay would know a message handed over twice, so whatever breaks between the last octet of the text
and the relay's answer is not sent again by itself.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from recoup.channels.email_reading import read_mail
from recoup.channels.mailbox import Mailbox
from recoup.channels.way_out import (
    MOST_OF_NAME,
    Capabilities,
    HandedOver,
    NotHandedOver,
    Outgoing,
    Told,
    WayOut,
)

SECURITIES = ("none", "starttls", "tls")
_LINE_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, kw_only=True)
class Relay:
    """The bank's mail server. ``security``: none, starttls or tls; never less than asked for."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    seconds_to_answer: float = 30


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes. ``bounces``: where the relay returns what it cannot deliver, the mailbox read.

    ``unsubscribe``: a further https address at which one can unsubscribe; without it by mail only.
    """

    address: str
    name: str = ""
    bounces: str = ""
    unsubscribe: str = ""

    @property
    def returns_to(self) -> str:
        """The envelope's sender."""
        return self.bounces or self.address

    @property
    def domain(self) -> str:
        """The domain that names messages."""
        return self.address.rpartition("@")[2]


def message_name(message_id: str, *, domain: str) -> str:
    """Yield the Message-ID (RFC 5322, 3.6.4) of a message of ours.

    Example:
        >>> message_name("k 1", domain="bank.example")
        '<k%201@bank.example>'
    """
    return f"<{quote(message_id, safe='').replace('.', '%2E')}@{domain}>"


def compose(message: Outgoing, *, sender: Sender, at: datetime) -> EmailMessage:
    """Yield the mail: plain text in UTF-8, its files, its Message-ID, and how to say stop.

    Errors: ValueError, when the address or the subject can stand in no header.
    """
    mail = EmailMessage(policy=SMTP)
    user, _, domain = sender.address.rpartition("@")
    mail["From"] = Address(display_name=sender.name, username=user, domain=domain)
    mail["To"] = message.address
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_name(message.message_id, domain=sender.domain)
    mail["Content-Language"] = message.language
    subject = quote(f"unsubscribe {mail['Message-ID']}")
    ways = [f"<mailto:{sender.returns_to}?subject={subject}>"]
    if sender.unsubscribe:
        ways.insert(0, f"<{sender.unsubscribe}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Unsubscribe"] = ", ".join(ways)
    mail.set_content(message.body, charset="utf-8", cte="base64")
    for one in message.attachments:
        kind, _, sub = one.media_type.partition("/")
        mail.add_attachment(one.content, maintype=kind, subtype=sub, filename=one.name)
    return mail


class Email(WayOut):
    """E-mail over one relay; ``mailbox``: where bounces and answers arrive, None: not read back."""

    channel = "email"
    #: A mail server does not like to be signed in to every few seconds.
    looks_every = 60

    def __init__(
        self,
        *,
        relay: Relay,
        sender: Sender,
        clock: Callable[[], datetime],
        mailbox: Mailbox | None = None,
        price_minor: int | None = None,
    ) -> None:
        if relay.security not in SECURITIES:
            raise ValueError(f"security '{relay.security}' is none of {', '.join(SECURITIES)}")
        self.provider = f"smtp {relay.host}"[:MOST_OF_NAME]
        self.capabilities = Capabilities(carries_files=True, takes_replies=mailbox is not None)
        self._relay, self._sender, self._clock = relay, sender, clock
        self._mailbox, self._price_minor = mailbox, price_minor

    def _hand_over(self, message: Outgoing) -> HandedOver:
        try:
            mail = compose(message, sender=self._sender, at=self._clock())
            message.address.encode("ascii")
        except ValueError as failure:
            raise NotHandedOver(f"not a mail that can be sent: {failure}", retry=False) from failure
        smtp = self._connected()
        try:
            said = self._transfer(smtp, mail, to=message.address)
        finally:
            smtp.close()
        return HandedOver(
            reference=str(mail["Message-ID"]), said=said, cost_minor=self._price_minor
        )

    def _connected(self) -> smtplib.SMTP:
        """Yield a connection that is ready to take mail. Errors: NotHandedOver."""
        relay = self._relay
        context = ssl.create_default_context()
        try:
            smtp: smtplib.SMTP
            if relay.security == "tls":
                smtp = smtplib.SMTP_SSL(
                    relay.host, relay.port, timeout=relay.seconds_to_answer, context=context
                )
            else:
                smtp = smtplib.SMTP(relay.host, relay.port, timeout=relay.seconds_to_answer)
            if relay.security == "starttls":
                smtp.starttls(context=context)
            if relay.user:
                smtp.login(relay.user, relay.password)
        except (OSError, smtplib.SMTPException) as failure:
            # Nothing has been said of the message yet. A wrong password may be put right.
            raise NotHandedOver(f"{type(failure).__name__}: {failure}", retry=True) from failure
        return smtp

    def _transfer(self, smtp: smtplib.SMTP, mail: EmailMessage, *, to: str) -> str:
        """Yield the relay's word that it has the mail.

        Errors: NotHandedOver, by its answer or before the text was sent; any other is doubt.
        """
        text = _LINE_DOT.sub(b"..", mail.as_bytes(policy=SMTP))
        try:
            smtp.ehlo_or_helo_if_needed()
            _expect(smtp.mail(self._sender.returns_to), 250)
            _expect(smtp.rcpt(to), 250, 251)
            _expect(smtp.docmd("DATA"), 354)
        except (OSError, smtplib.SMTPServerDisconnected) as failure:
            raise NotHandedOver(f"{type(failure).__name__}: {failure}", retry=True) from failure
        smtp.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        smtp.send(b".\r\n")
        said = _expect(smtp.getreply(), 250)
        # From here on the relay has the mail, whatever becomes of the connection.
        with suppress(OSError, smtplib.SMTPException):
            smtp.docmd("QUIT")
        return said

    def told(self, *, at: datetime) -> tuple[Told, ...]:
        """Yield bounces, complaints and answers that lie in the mailbox."""
        if self._mailbox is None:
            return ()
        found = (
            read_mail(one, domain=self._sender.domain, at=at) for one in self._mailbox.unread()
        )
        return tuple(one for one in found if one is not None)

    def heard(self) -> None:
        """Mark as read what ``told`` yielded."""
        if self._mailbox is not None:
            self._mailbox.mark_read()


def _expect(answer: tuple[int, bytes], *wanted: int) -> str:
    """Yield what the relay said. Errors: NotHandedOver, when it said no."""
    code, words = answer
    said = f"{code} {words.decode('utf-8', errors='replace')}"
    if code in wanted:
        return said
    if 400 <= code < 500:
        raise NotHandedOver(said, retry=True)
    if 500 <= code < 600:
        raise NotHandedOver(said, retry=False)
    raise smtplib.SMTPResponseException(code, words)
