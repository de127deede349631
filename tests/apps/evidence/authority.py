"""A time-stamping authority of its own: OpenSSL's, behind a small web server."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = A root of the test
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[own]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/own.pem
signer_key = {folder}/own.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """Where it listens, its certificate, and whether it answers at all."""

    address: str
    certificate: Path
    answers: bool = True


def openssl(*words: str, content: bytes = b"") -> bytes:
    """Yield what OpenSSL writes."""
    done = subprocess.run(["openssl", *words], input=content, capture_output=True, check=True)
    return done.stdout


def _certified(folder: Path, settings: Path) -> None:
    """Make a root, and the authority's own key with a certificate by that root."""

    def new(name: str, *words: str) -> None:
        made = ("-newkey", "rsa:2048", "-nodes", "-config", str(settings))
        openssl("req", *made, "-keyout", str(folder / f"{name}.key"), *words)

    new("root", "-x509", "-days", "2", "-extensions", "root", "-out", str(folder / "root.pem"))
    new("own", "-subj", "/CN=A time-stamping authority", "-out", str(folder / "own.csr"))
    openssl(
        *("x509", "-req", "-in", str(folder / "own.csr"), "-days", "2", "-CAcreateserial"),
        *("-CA", str(folder / "root.pem"), "-CAkey", str(folder / "root.key")),
        *("-extfile", str(settings), "-extensions", "own", "-out", str(folder / "own.pem")),
    )


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """Answer time-stamp queries from a free port, until the block is over."""
    settings = folder / "tsa.cnf"
    settings.write_text(SETTINGS.format(folder=folder))
    (folder / "serial").write_text("01\n")
    _certified(folder, settings)
    found = Authority(address="", certificate=folder / "root.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query.tsq").write_bytes(asked)
            said = b""
            if found.answers:
                said = openssl(
                    *("ts", "-reply", "-config", str(settings)),
                    *("-queryfile", str(folder / "query.tsq")),
                )
            self.send_response(200 if said else 503)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
