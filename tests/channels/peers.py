"""Real peers for the channels: an SMTP server, an SMSC and an HTTP server of other projects."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[2]
SMPP = ROOT / "node_modules" / "smpp"


def why_no_smsc() -> str:
    """Say why no SMSC can be started here; empty where it can."""
    if shutil.which("node") is None:
        return "node is not installed; `make setup` installs it"
    return "" if SMPP.exists() else "the npm package smpp is not there; `make setup` fetches it"


class Smsc:
    """The SMSC of smsc.cjs."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("smsc.cjs")
        self._process = subprocess.Popen(
            ["node", str(script), str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.events: list[dict] = []
        self._queue: Queue[dict] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.next("listening")["port"])

    def _read(self) -> None:
        for line in self._process.stdout:
            event = json.loads(line)
            self.events.append(event)
            self._queue.put(event)

    def next(self, kind: str, *, seconds: float = 10) -> dict:
        """Wait for the next event of a kind."""
        while True:
            event = self._queue.get(timeout=seconds)
            if event["event"] == kind:
                return event

    def tell(self, **wish: object) -> None:
        """Have it do something."""
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        self.next("done")

    def of(self, kind: str) -> list[dict]:
        """Yield every event of a kind up to now: what it has written before it answers here."""
        self.tell()
        return [one for one in self.events if one["event"] == kind]

    def close(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._reader.join(timeout=10)
        self._process.stdout.close()


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A request as it came."""

    headers: Mapping[str, str]
    body: bytes


class HttpPeer:
    """An HTTP server; ``answer`` makes status and body of each request, or None: hangs up."""

    def __init__(self, answer: Callable[[Posted], tuple[int, str] | None]) -> None:
        self.got: list[Posted] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", 0))
                posted = Posted(
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
                peer.got.append(posted)
                said = answer(posted)
                if said is None:
                    self.close_connection = True
                    return
                content = said[1].encode()
                self.send_response(said[0])
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/send"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


class MailHandler:
    """What the SMTP server of aiosmtpd does with mail; ``answer`` None: hangs up after the text."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.returns_to: list[str] = []
        self.answer: str | None = "250 OK queued as 1"
        self.to_recipient = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        """Answer RCPT TO."""
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        """Answer the end of DATA."""
        self.got.append(envelope.content)
        self.returns_to.append(envelope.mail_from)
        if self.answer is None:
            server.transport.abort()
            return "250 never sent"
        return self.answer
