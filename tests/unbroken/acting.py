"""Programs and people that go on working while processes of the desk are killed under them."""

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep

import httpx
from tests.unbroken.desk import RunningDesk

TIMEOUT = 20
#: How often of a hundred an act that was acknowledged is sent once more.
REPEATED = 25
KINDS = ("contact", "promise", "receipt", "note", "page")
ANSWERS_AFTER = 0.02


@dataclass
class Kept:
    """What came of the acts, by their marks: kind and answer of those acknowledged; refusals."""

    acknowledged: dict[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    interrupted: int = 0
    repeated_otherwise: list[str] = field(default_factory=list)


@dataclass
class Actor:
    """One client with an own chance; acts until told to stop, each act under an own key."""

    number: int
    desk: RunningDesk
    prepared: Mapping[str, object]
    kept: Kept
    over: threading.Event
    chance: random.Random = field(init=False)
    page: httpx.Client | None = None

    def run(self) -> None:
        """Act until told to stop."""
        self.chance = random.Random(self.number)
        count = 0
        while not self.over.is_set():
            count += 1
            mark = f"act {self.number}-{count}"
            self._until_answered(mark, self.chance.choice(KINDS))

    def _until_answered(self, mark: str, kind: str) -> None:
        """Send an act, again under the same key until somebody answers it."""
        people: Mapping[str, str] = self.prepared["people"]  # type: ignore[assignment]
        debtor_id = self.chance.choice(sorted(people))
        act = self._by_page if kind == "page" else self._by_program(kind, people[debtor_id])
        answer = self._answered(lambda: act(mark, debtor_id))
        if answer is None:
            return
        if answer.status_code >= 400:
            self.kept.refused[mark] = f"{kind} {answer.status_code}: {answer.text[:300]}"
            return
        body = {} if kind == "page" else answer.json()
        self.kept.acknowledged[mark] = (kind, body)
        if self.chance.randrange(100) < REPEATED:
            again = self._answered(lambda: act(mark, debtor_id))
            if again is not None and kind != "page" and again.json() != body:
                self.kept.repeated_otherwise.append(f"{mark}: {again.text[:300]}")

    def _answered(self, send: Callable[[], httpx.Response]) -> httpx.Response | None:
        while not self.over.is_set():
            try:
                answer = send()
            except httpx.HTTPError:
                self.kept.interrupted += 1
            else:
                if answer.status_code < 500:
                    return answer
            sleep(0.1)
        return None

    def _by_program(self, kind: str, contract_id: str) -> Callable[[str, str], httpx.Response]:
        """Yield what sends an act as a program does, with its idempotency key."""
        today = self.desk.now().date()
        due_on = (today + timedelta(days=self.chance.randrange(1, 8))).isoformat()
        amount = self.chance.randrange(100, 900)

        def send(mark: str, debtor_id: str) -> httpx.Response:
            told = {"channel": "call", "party": "debtor", "note": mark}
            address, sent = {
                "contact": (f"debtors/{debtor_id}/contacts", {**told, "outcome": "no_answer"}),
                "promise": (
                    f"debtors/{debtor_id}/promises",
                    {
                        **told,
                        "contract_id": contract_id,
                        "amount_minor": amount,
                        "due_on": due_on,
                    },
                ),
                "receipt": (
                    "receipts",
                    {
                        "contract_id": contract_id,
                        "paid_on": today.isoformat(),
                        "amount_minor": amount,
                        "channel": "transfer",
                        "note": mark,
                    },
                ),
                "note": (f"cases/{debtor_id}/notes", {"text": mark}),
            }[kind]
            return httpx.post(
                f"{self.desk.address}/api/{address}",
                json=sent,
                headers={
                    "Authorization": f"Bearer {self.prepared['head']}",
                    "Idempotency-Key": f"key of {mark}",
                },
                timeout=TIMEOUT,
            )

        return send

    def _by_page(self, mark: str, debtor_id: str) -> httpx.Response:
        """Log a contact as a person does, on the page."""
        if self.page is None:
            self.page = signed_in(self.desk, self.prepared, username="head")
        answer = self.page.post(
            f"/cases/{debtor_id}/log",
            data={"where": "day", "outcome": "busy", "key": f"key of {mark}", "note": mark},
            headers={"HX-Request": "true", "X-CSRFToken": self.page.cookies["csrftoken"]},
        )
        if answer.status_code == 401:  # the session ended, a new day has begun
            self.page = None
            raise httpx.ReadError("signed out")
        return answer


def signed_in(desk: RunningDesk, prepared: Mapping[str, object], *, username: str) -> httpx.Client:
    """Yield a browser's worth of a client in which somebody has signed in."""
    client = httpx.Client(base_url=desk.address, timeout=TIMEOUT)
    page = client.get("/account/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    passwords: Mapping[str, str] = prepared["passwords"]  # type: ignore[assignment]
    answer = client.post(
        "/account/login/",
        data={
            "login": username,
            "password": passwords[username],
            "csrfmiddlewaretoken": token.group(1) if token else "",
        },
    )
    if answer.status_code != 302:
        raise httpx.ReadError(f"{username} could not sign in: {answer.status_code}")
    return client


class Hearing:
    """An address that web hooks are sent to; keeps every letter by its id."""

    def __init__(self) -> None:
        self.heard: dict[str, list[bytes]] = {}
        heard = self.heard

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                heard.setdefault(str(self.headers["webhook-id"]), []).append(body)
                sleep(ANSWERS_AFTER)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}/told"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()
