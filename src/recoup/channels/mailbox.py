"""A mailbox that is read: over IMAP, or as a Maildir that the bank's mail server fills.

Mail is yielded again and again until it is marked as read, and it is never removed.
"""

import imaplib
import mailbox
import ssl
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

#: Mails that one look takes at most.
BATCH = 100


class Mailbox(ABC):
    """Where mail to the bank arrives."""

    @abstractmethod
    def unread(self) -> tuple[EmailMessage, ...]:
        """Yield the oldest mails that nobody has read, at most a batch. Errors: OSError."""

    @abstractmethod
    def mark_read(self) -> None:
        """Mark as read what ``unread`` yielded last. Errors: OSError."""


def _parsed(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=default)


class Maildir(Mailbox):
    """A Maildir on this machine."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, factory=None, create=True)
        self._yielded: list[str] = []

    def unread(self) -> tuple[EmailMessage, ...]:
        """Yield the mails without the flag S, oldest name first."""
        fresh = [key for key in sorted(self._box.keys()) if "S" not in self._flags(key)]
        self._yielded = fresh[:BATCH]
        return tuple(_parsed(self._box.get_bytes(key)) for key in self._yielded)

    def _flags(self, key: str) -> str:
        return self._box.get_message(key).get_flags()

    def mark_read(self) -> None:
        """Set the flag S and move to ``cur``."""
        for key in self._yielded:
            mail = self._box.get_message(key)
            mail.add_flag("S")
            mail.set_subdir("cur")
            self._box[key] = mail
        self._yielded = []


@dataclass(frozen=True, kw_only=True)
class ImapServer:
    """Where a mailbox lies. ``secure``: TLS from the first octet."""

    host: str
    port: int = 993
    secure: bool = True
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    seconds_to_answer: float = 30


class Imap(Mailbox):
    """A folder of an IMAP server (RFC 3501)."""

    def __init__(self, server: ImapServer) -> None:
        self._server = server
        self._yielded: list[bytes] = []

    def _opened(self) -> imaplib.IMAP4:
        server = self._server
        box: imaplib.IMAP4
        if server.secure:
            box = imaplib.IMAP4_SSL(
                server.host,
                server.port,
                ssl_context=ssl.create_default_context(),
                timeout=server.seconds_to_answer,
            )
        else:
            box = imaplib.IMAP4(server.host, server.port, timeout=server.seconds_to_answer)
        try:
            box.login(server.user, server.password)
            answer, words = box.select(f'"{server.folder}"')
            _expect_ok(answer, words)
        except (imaplib.IMAP4.error, OSError) as failure:
            box.shutdown()
            raise OSError(f"IMAP {server.host}: {failure}") from failure
        return box

    def unread(self) -> tuple[EmailMessage, ...]:
        """Yield the mails without the flag Seen; reading them does not set it."""
        box = self._opened()
        found = []
        try:
            answer, words = box.uid("SEARCH", "UNSEEN")
            _expect_ok(answer, words)
            self._yielded = (words[0] or b"").split()[:BATCH]
            for uid in self._yielded:
                answer, parts = box.uid("FETCH", uid.decode(), "(BODY.PEEK[])")
                _expect_ok(answer, parts)
                found += [_parsed(part[1]) for part in parts if isinstance(part, tuple)]
        except imaplib.IMAP4.error as failure:
            raise OSError(f"IMAP {self._server.host}: {failure}") from failure
        finally:
            _left(box)
        return tuple(found)

    def mark_read(self) -> None:
        """Set the flag Seen."""
        if not self._yielded:
            return
        box = self._opened()
        try:
            uids = b",".join(self._yielded).decode()
            answer, words = box.uid("STORE", uids, "+FLAGS.SILENT", r"(\Seen)")
            _expect_ok(answer, words)
            self._yielded = []
        except imaplib.IMAP4.error as failure:
            raise OSError(f"IMAP {self._server.host}: {failure}") from failure
        finally:
            _left(box)


def _expect_ok(answer: str, words: object) -> None:
    if answer != "OK":
        raise imaplib.IMAP4.error(f"{answer} {words!r}")


def _left(box: imaplib.IMAP4) -> None:
    try:
        box.logout()
    except (imaplib.IMAP4.error, OSError):
        box.shutdown()
