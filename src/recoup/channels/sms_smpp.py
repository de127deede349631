"""SMS by SMPP 3.4 over one bind as transceiver, with delivery receipts and replies.

Capabilities: 20 parts at most; the default alphabet where the text fits into it, else UCS-2; a long
text in parts that the telephone puts together; receipts; replies. Limits: the SMSC's; where it says
"throttled" the rest waits. Cost: a price for each part by setting. Receipts: asked for with the
last part, which arrives last; the telephone shows a text when all of its parts are there.
Doubt: SMPP has no name under which an SMSC would know a message submitted twice, so whatever breaks
between submit_sm and its answer, or after the first of several parts, is not sent again by itself.
"""

import re
import select
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, sleep
from typing import Any

from smpplib import client, consts, exceptions, smpp

from recoup.channels.sms_text import MOST_PARTS, Parts, TextTooLong, parts_of, text_of
from recoup.channels.way_out import (
    MOST_OF_NAME,
    Capabilities,
    HandedOver,
    NotHandedOver,
    Outgoing,
    Receipt,
    Reply,
    Told,
    WayOut,
)

#: command_status of answers after which the same message may be taken later.
LATER = frozenset(
    {
        consts.SMPP_ESME_RTHROTTLED,
        consts.SMPP_ESME_RMSGQFUL,
        consts.SMPP_ESME_RSYSERR,
        consts.SMPP_ESME_RX_T_APPN,
    }
)
#: Tries of a further part of a text whose first part the SMSC has taken, and the waits between.
PART_WAITS = (0.5, 1.0, 2.0)
#: message_state and stat of a receipt; the others are not final.
STATES = {2: "delivered", 3: "failed", 4: "failed", 5: "failed", 8: "failed"}
STATS = {
    "DELIVRD": "delivered",
    "EXPIRED": "failed",
    "DELETED": "failed",
    "UNDELIV": "failed",
    "REJECTD": "failed",
}
_STAT = re.compile(r"\bid:(?P<id>\S+)|\bstat:(?P<stat>\w+)|\berr:(?P<err>\w+)", re.IGNORECASE)
#: esm_class (3.4, 5.2.12): the bits that say what a message is, a receipt, a user data header.
_KIND, _RECEIPT = 0x3C, 0x04
_HAS_HEADER = 0x40
MOST_TOLD = 500


class PartlyTaken(Exception):
    """The SMSC took the first parts of a text and not the rest: not known what the person sees."""


@dataclass(frozen=True, kw_only=True)
class Smsc:
    """The operator's message centre. ``source``: the number that messages come from.

    ``ton`` and ``npi`` of 3.4, 5.2.5 and 5.2.6. ``unknown_number``: codes of its ``err`` field
    which say that a number is not in service; operators differ.
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    source: str
    secure: bool = False
    system_type: str = ""
    source_ton: int = 0
    source_npi: int = 0
    dest_ton: int = 0
    dest_npi: int = 1
    unknown_number: frozenset[str] = frozenset()
    seconds_to_answer: float = 10
    seconds_idle: float = 30


class _Client(client.Client):  # type: ignore[misc]
    """The library's client; a delivery is answered only once it is on record here."""

    def has_input(self, *, seconds: float) -> bool:
        """Wait so long at most for something to read."""
        pending = getattr(self._socket, "pending", lambda: 0)()
        return bool(pending or select.select([self._socket], [], [], max(seconds, 0))[0])

    def _message_received(self, pdu: Any) -> None:
        self.message_received_handler(pdu=pdu)

    def confirm(self, pdu: Any) -> None:
        """Tell the SMSC that a delivery need not be told again."""
        answer = smpp.make_pdu("deliver_sm_resp", client=self, status=consts.SMPP_ESME_ROK)
        answer.sequence = pdu.sequence
        self.send_pdu(answer)


class SmsOverSmpp(WayOut):
    """SMS over one SMSC. Used by one thread."""

    channel = "sms"
    capabilities = Capabilities(most_chars=MOST_PARTS * 67, tells_delivery=True, takes_replies=True)

    def __init__(self, *, smsc: Smsc, price_minor: int | None = None) -> None:
        self.provider = f"smpp {smsc.host}"[:MOST_OF_NAME]
        self._smsc, self._price_minor = smsc, price_minor
        self._client: _Client | None = None
        self._answers: dict[int, Any] = {}
        self._deliveries: list[Any] = []
        self._yielded: list[Any] = []
        self._heard_at = monotonic()

    def _hand_over(self, message: Outgoing) -> HandedOver:
        try:
            parts = parts_of(message.body, message_id=message.message_id)
        except TextTooLong as failure:
            raise NotHandedOver(str(failure), retry=False) from failure
        number = re.sub(r"[^\d]", "", message.address)
        if not number:
            raise NotHandedOver("no telephone number", retry=False)
        self._bound()
        names = []
        for place in range(len(parts.parts)):
            names.append(self._submit(parts, place, number=number))
        price = self._price_minor
        return HandedOver(
            reference=names[-1],
            said=f"{len(names)} × {'UCS-2' if parts.coding else 'GSM-7'}",
            cost_minor=None if price is None else price * len(names),
        )

    def _submit(self, parts: Parts, place: int, *, number: str) -> str:
        """Yield the SMSC's name for one part. Errors: NotHandedOver, for the first; PartlyTaken."""
        last = place == len(parts.parts) - 1
        for wait in (*PART_WAITS, None):
            status, name = self._answer_to(parts, place, number=number, receipt=last)
            if status == consts.SMPP_ESME_ROK:
                return name
            said = f"{status:#010x} {consts.DESCRIPTIONS.get(status, 'refused')}"
            if place == 0:
                raise NotHandedOver(said, retry=status in LATER)
            if wait is None or status not in LATER:
                break
            sleep(wait)
        raise PartlyTaken(f"{place} of {len(parts.parts)} parts were taken; then {said}")

    def _answer_to(
        self, parts: Parts, place: int, *, number: str, receipt: bool
    ) -> tuple[int, str]:
        """Yield status and name of the answer to one submit_sm. Errors: ConnectionError, doubt."""
        link, smsc = self._bound(), self._smsc
        pdu = smpp.make_pdu(
            "submit_sm",
            client=link,
            source_addr_ton=smsc.source_ton,
            source_addr_npi=smsc.source_npi,
            source_addr=smsc.source,
            dest_addr_ton=smsc.dest_ton,
            dest_addr_npi=smsc.dest_npi,
            destination_addr=number,
            esm_class=_HAS_HEADER if parts.has_headers else 0,
            data_coding=parts.coding,
            registered_delivery=int(receipt),
            short_message=parts.parts[place],
        )
        until = monotonic() + smsc.seconds_to_answer
        try:
            link.send_pdu(pdu)
            while pdu.sequence not in self._answers:
                if monotonic() > until:
                    raise TimeoutError("the SMSC did not answer submit_sm")
                self._read(link, seconds=until - monotonic())
        except (OSError, exceptions.ConnectionError, exceptions.PDUError) as failure:
            self._drop()
            raise ConnectionError(f"lost after submit_sm: {failure!r}") from failure
        answer = self._answers.pop(pdu.sequence)
        return int(answer.status), str(_text(getattr(answer, "message_id", "") or ""))

    def _bound(self) -> _Client:
        """Yield the connection, bound. Errors: NotHandedOver, when there is none to be had."""
        if self._client is not None:
            return self._client
        smsc = self._smsc
        link = _Client(
            smsc.host,
            smsc.port,
            timeout=smsc.seconds_to_answer,
            ssl_context=ssl.create_default_context() if smsc.secure else None,
            allow_unknown_opt_params=True,
        )
        link.set_message_received_handler(self._take_delivery)
        link.set_message_sent_handler(self._take_answer)
        link.set_error_pdu_handler(self._take_answer)
        try:
            link.connect()
            link.bind_transceiver(
                system_id=smsc.system_id,
                password=smsc.password,
                system_type=smsc.system_type,
                interface_version=consts.SMPP_VERSION_34,
            )
        except (OSError, exceptions.ConnectionError, exceptions.PDUError) as failure:
            _hang_up(link)
            said = f"no bind at {smsc.host}:{smsc.port}: {failure or type(failure).__name__}"
            raise NotHandedOver(said, retry=True) from failure
        self._client, self._heard_at = link, monotonic()
        return link

    def _take_answer(self, pdu: Any) -> None:
        if pdu.command in ("submit_sm_resp", "generic_nack"):
            self._answers[pdu.sequence] = pdu

    def _take_delivery(self, pdu: Any) -> None:
        self._deliveries.append(pdu)

    def _read(self, link: _Client, *, seconds: float) -> bool:
        """Read what comes within so many seconds; False where nothing did."""
        if not link.has_input(seconds=seconds):
            return False
        link.read_once(auto_send_enquire_link=False)
        self._heard_at = monotonic()
        return True

    def _drop(self) -> None:
        """Let go of a connection that does not serve; the SMSC tells again what was not heard."""
        if self._client is not None:
            _hang_up(self._client)
        self._client = None
        self._answers.clear()
        self._deliveries.clear()
        self._yielded.clear()

    def told(self, *, at: datetime) -> tuple[Told, ...]:
        """Yield receipts and replies that the SMSC has delivered.

        Errors: NotHandedOver, when there is no connection; ConnectionError, when it is lost.
        """
        link = self._bound()
        try:
            while len(self._deliveries) < MOST_TOLD and self._read(link, seconds=0):
                pass
            if monotonic() - self._heard_at > self._smsc.seconds_idle:
                link.send_pdu(smpp.make_pdu("enquire_link", client=link))
                if not self._read(link, seconds=self._smsc.seconds_to_answer):
                    raise TimeoutError("the SMSC did not answer enquire_link")
        except (OSError, exceptions.ConnectionError, exceptions.PDUError) as failure:
            self._drop()
            raise ConnectionError(f"lost: {failure!r}") from failure
        self._yielded = list(self._deliveries)
        return tuple(self._read_deliveries(at))

    def _read_deliveries(self, at: datetime) -> Iterator[Told]:
        """Yield what deliveries say; parts of one text are put together, in their order."""
        texts: dict[tuple[str, bytes], list[tuple[int, str]]] = {}
        for pdu in self._deliveries:
            if (pdu.esm_class or 0) & _KIND == _RECEIPT:
                found = self._receipt(pdu, at)
                if found is not None:
                    yield found
                continue
            octets = bytes(pdu.short_message or getattr(pdu, "message_payload", None) or b"")
            header = octets[: octets[0] + 1] if (pdu.esm_class or 0) & _HAS_HEADER else b""
            place, group = 0, str(pdu.sequence).encode()
            if header[1:3] == b"\x00\x03" and len(header) >= 6:
                place, group = header[5], header[3:5]
            text = text_of(octets[len(header) :], coding=pdu.data_coding or 0)
            texts.setdefault((_text(pdu.source_addr), group), []).append((place, text))
        for (address, _), pieces in texts.items():
            yield Reply(address=address, text="".join(text for _, text in sorted(pieces)), at=at)

    def _receipt(self, pdu: Any, at: datetime) -> Receipt | None:
        """Yield what a delivery receipt says (3.4, 5.3.2.12, 5.3.2.35, Appendix B)."""
        words = text_of(bytes(pdu.short_message or b""), coding=pdu.data_coding or 0)
        said = {
            name: value
            for found in _STAT.finditer(words)
            for name, value in found.groupdict().items()
            if value
        }
        name = _text(getattr(pdu, "receipted_message_id", None) or said.get("id", ""))
        state = getattr(pdu, "message_state", None)
        outcome = STATES.get(state or 0) or STATS.get(said.get("stat", "").upper())
        if not name or outcome is None:
            return None
        if outcome == "failed" and said.get("err", "") in self._smsc.unknown_number:
            outcome = "invalid"
        told = f"{said.get('stat', '')} {said.get('err', '')}".strip()
        return Receipt(reference=name, outcome=outcome, at=at, said=told)

    def heard(self) -> None:
        """Answer the deliveries that ``told`` yielded last."""
        link = self._client
        if link is None:
            return
        try:
            for pdu in self._yielded:
                link.confirm(pdu)
        except (OSError, exceptions.ConnectionError) as failure:
            self._drop()
            raise ConnectionError(f"lost: {failure!r}") from failure
        self._deliveries = [one for one in self._deliveries if one not in self._yielded]
        self._yielded = []

    def close(self) -> None:
        """Unbind."""
        if self._client is not None:
            with suppress(OSError, exceptions.ConnectionError, exceptions.PDUError):
                self._client.unbind()
        self._drop()


def _hang_up(link: _Client) -> None:
    with suppress(OSError):
        link.disconnect()


def _text(octets: bytes | str) -> str:
    return octets.decode("ascii", errors="replace") if isinstance(octets, bytes) else octets
