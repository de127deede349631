"""As much of an IMAP server (RFC 3501) as a mailbox that is read needs."""

import re
import socketserver
import threading


class ImapPeer:
    """A server with one folder; ``seen``: uids with the flag Seen."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.seen: set[int] = set()
        peer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                for line in self.rfile:
                    tag, _, words = line.decode().strip().partition(" ")
                    for answer in peer.answers(words):
                        self.wfile.write(answer + b"\r\n")
                    ok = not words.startswith("LOGIN") or '"secret"' in words
                    self.wfile.write(f"{tag} {'OK' if ok else 'NO'} done\r\n".encode())
                    if words == "LOGOUT":
                        return

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def answers(self, words: str) -> list[bytes]:
        """Yield the lines before the final one."""
        uids = [int(one) for one in re.findall(r"\d+", words)]
        if words.startswith("CAPABILITY"):
            return [b"* CAPABILITY IMAP4rev1"]
        if words.startswith("SELECT"):
            return [f"* {len(self.mails)} EXISTS".encode()]
        if words.startswith("UID SEARCH"):
            fresh = [n for n in range(1, len(self.mails) + 1) if n not in self.seen]
            return [("* SEARCH " + " ".join(map(str, fresh))).encode()]
        if words.startswith("UID FETCH"):
            mail = self.mails[uids[0] - 1].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            head = f"* {uids[0]} FETCH (UID {uids[0]} BODY[] {{{len(mail)}}}\r\n".encode()
            return [head + mail + b")"]
        if words.startswith("UID STORE"):
            self.seen.update(uids)
        return [b"* BYE"] if words == "LOGOUT" else []

    def __enter__(self) -> "ImapPeer":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)
