"""An exchange that answers as Asterisk's REST interface does, for as long as a test needs it."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "recoup", "s3cret"


class Exchange:
    """The calls that the exchange has; ``refuses`` is the status it answers a wish with instead."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.channels: dict[str, str] = {}
        self.refuses = 0
        self.url = ""


@contextmanager
def exchange() -> Iterator[Exchange]:
    """Serve an exchange on a free port until the block is over."""
    found = Exchange()
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, said: object = None) -> None:
            body = json.dumps(said).encode() if said is not None else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _admitted(self) -> bool:
            if self.headers["Authorization"] == wanted:
                return True
            self._answer(401, {"message": "Authentication required"})
            return False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = urlsplit(self.path)
            if not self._admitted():
                return None
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            asked |= json.loads(body)["variables"]
            if found.refuses or url.path != "/ari/channels":
                return self._answer(found.refuses or 404, {"message": "Allocation failed"})
            if asked["channelId"] in found.channels:
                return self._answer(409, {"message": "Channel with given unique ID exists"})
            found.asked.append(asked)
            found.channels[asked["channelId"]] = "Ring"
            return self._answer(200, {"id": asked["channelId"], "state": "Ring"})

        def _channel(self) -> str:
            return urlsplit(self.path).path.removeprefix("/ari/channels/")

        def do_GET(self) -> None:
            state = found.channels.get(self._channel())
            if self._admitted():
                self._answer(200 if state else 404, {"state": state} if state else None)

        def do_DELETE(self) -> None:
            if self._admitted():
                gone = found.channels.pop(self._channel(), None)
                self._answer(204 if gone else 404)

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
