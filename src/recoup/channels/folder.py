"""Messages into a folder, for demonstrations: a file each, to look at. They reach nobody.

E-mail becomes an ``.eml`` file just as the relay would get it, everything else a ``.txt`` file. The
file is named by the message's id, so that a message handed over twice is there once.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from email.policy import SMTP
from pathlib import Path

from recoup.channels.email import Sender, compose
from recoup.channels.sms_text import parts_of
from recoup.channels.way_out import (
    MOST_OF_NAME,
    Capabilities,
    HandedOver,
    NotHandedOver,
    Outgoing,
    WayOut,
)


class IntoFolder(WayOut):
    """A channel of the demonstration bank."""

    capabilities = Capabilities(carries_files=True, resends_safely=True)

    def __init__(
        self, *, channel: str, folder: Path, sender: Sender, clock: Callable[[], datetime]
    ) -> None:
        self.channel = channel
        self.provider = f"demo folder {folder.name}"[:MOST_OF_NAME]
        self._folder, self._sender, self._clock = folder, sender, clock

    def _hand_over(self, message: Outgoing) -> HandedOver:
        name = hashlib.sha256(message.message_id.encode()).hexdigest()[:16]
        at = self._clock()
        try:
            if self.channel == "email":
                name += ".eml"
                content = compose(message, sender=self._sender, at=at).as_bytes(policy=SMTP)
            else:
                name += ".txt"
                content = self._sheet(message, at=at).encode()
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = self._folder / f".{name}"
            unfinished.write_bytes(content)
            unfinished.replace(self._folder / name)
        except (OSError, ValueError) as failure:
            retry = isinstance(failure, OSError)
            raise NotHandedOver(f"{type(failure).__name__}: {failure}", retry=retry) from failure
        return HandedOver(reference=name, said="demo")

    def _sheet(self, message: Outgoing, *, at: datetime) -> str:
        """Yield what the file shows. Errors: TextTooLong, for SMS."""
        lines = [f"To: {message.address}", f"Date: {at.isoformat()}", f"Id: {message.message_id}"]
        if self.channel == "sms":
            parts = parts_of(message.body, message_id=message.message_id)
            coding = "UCS-2" if parts.coding else "GSM-7"
            lines.append(f"Parts: {len(parts.parts)} ({coding})")
        return "\n".join([*lines, "", message.body, ""])
