"""Runs a command beside a PostgreSQL server of its own, started before and stopped after.

``python tools/with_postgres.py -- pytest -m rooms``: the command finds the server's address in
``RECOUP_DATABASE_URL``. The cluster lies in a temporary folder, listens on a free port of
127.0.0.1, and trusts who connects, so it holds nothing but test data.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

#: A server that serves tests need not survive a crash of the machine.
SETTINGS = "fsync=off synchronous_commit=off full_page_writes=off max_connections=200"


def programs() -> Path:
    """Yield the folder of the newest PostgreSQL server. Errors: SystemExit, when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    if found:
        return found[-1]
    beside = shutil.which("initdb")
    if beside is None:
        sys.exit("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    return Path(beside).parent


def free_port() -> int:
    """Yield a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _as_server(command: Sequence[str | Path], *, folder: Path) -> None:
    """Run a program of the server; as the account ``postgres`` when root calls, root may not."""
    account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account)  # type: ignore[call-overload]


@contextmanager
def postgres(*, settings: str = SETTINGS, kept: Path | None = None) -> Iterator[str]:
    """Start a server; yield its database URL; stop it.

    Its cluster lies in a temporary folder that is removed afterwards, or in ``kept``, which stays:
    there it is made at the first start, and is stopped in good order.
    """
    binaries = programs()
    folder = Path(tempfile.mkdtemp(prefix="recoup-postgres-")) if kept is None else kept
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, port = folder / "data", free_port()
    options = "".join(f"-c {setting} " for setting in settings.split())
    options += f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -p {port}"
    try:
        if not (data / "PG_VERSION").exists():
            _make_cluster(binaries, data=data, folder=folder)
        start: list[str | Path] = ["-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
        _as_server([binaries / "pg_ctl", *start], folder=folder)
        try:
            yield f"postgres://recoup@127.0.0.1:{port}/postgres"
        finally:
            mode = "immediate" if kept is None else "fast"
            _as_server([binaries / "pg_ctl", "-D", data, "-m", mode, "stop"], folder=folder)
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(binaries: Path, *, data: Path, folder: Path) -> None:
    setup: list[str | Path] = [
        "-A",
        "trust",
        "-U",
        "recoup",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-D",
        data,
    ]
    _as_server([binaries / "initdb", *setup], folder=folder)


def main(words: Sequence[str]) -> int:
    """Run the words after ``--`` beside a server; yield their exit status."""
    command = list(words[1:] if words[:1] == ["--"] else words)
    if not command:
        sys.exit("usage: with_postgres.py -- COMMAND ...")
    with postgres() as address:
        environment = {**os.environ, "RECOUP_DATABASE_URL": address}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
