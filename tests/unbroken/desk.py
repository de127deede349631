"""The desk as it really runs, in processes that can be killed one by one."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import httpx

STARTS_WITHIN = 240
#: Which child of the desk each is, by a word of its command line; the desk itself is no child.
VICTIMS = {
    "web": "gunicorn",
    "jobs": "recoup.site.working default",
    "nights": "recoup.site.working nights",
    "redecisions": "recoup.site.working redecisions",
}


@dataclass
class RunningDesk:
    """``recoup serve`` on a prepared folder; ``clock`` is what the desk's clock showed at start."""

    settings: Mapping[str, str]
    data: Path
    port: int
    clock: datetime
    killed: list[str] = field(default_factory=list)
    _began: float = 0.0
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Where the desk answers."""
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> datetime:
        """Yield what the desk's clock shows."""
        return self.clock + timedelta(seconds=monotonic() - self._began)

    def environment(self) -> dict[str, str]:
        """Yield the environment of the desk, or of a process beside it."""
        return {**self.settings, "RECOUP_CLOCK": self.now().isoformat()}

    def start(self, *, later: timedelta = timedelta(0)) -> None:
        """Start the desk, its clock put on by ``later``; wait until it answers."""
        self.clock = (self.now() if self._began else self.clock) + later
        self._began = monotonic()
        until = self._began + STARTS_WITHIN
        command = [sys.executable, "-m", "recoup.site.cli", "serve", "--port", str(self.port)]
        while monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                # Who was served by a desk that was killed may hold its port for a moment.
                self._process = subprocess.Popen(
                    [*command, "--data", str(self.data)],
                    env=self.environment(),
                    stdout=subprocess.DEVNULL,
                )
            if self._answers():
                return
            sleep(0.2)
        raise TimeoutError("the desk does not start")

    def _answers(self) -> bool:
        try:
            healthy = httpx.get(f"{self.address}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False
        return healthy and bool(children(self._pid()))

    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self, victim: str) -> bool:
        """Kill a process with SIGKILL; False where it is not there at this moment.

        ``web``, ``jobs``, ``nights``, ``redecisions``: the child of that name; ``web worker``: one
        of the processes that answer; ``desk``: the desk itself, which is not started again.
        """
        if victim == "desk":
            assert self._process is not None
            self._process.kill()
            self._process.wait()
            self.killed.append(victim)
            return True
        found = self._found("web" if victim == "web worker" else victim)
        if victim == "web worker":
            found = [one for pid in found for one in children(pid)][:1]
        for pid in found:
            os.kill(pid, signal.SIGKILL)
            self.killed.append(victim)
        return bool(found)

    def _found(self, victim: str) -> list[int]:
        wanted = VICTIMS[victim]
        return [pid for pid in children(self._pid()) if wanted in _command(pid)]

    def stop(self) -> None:
        """Stop the desk in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def children(pid: int) -> list[int]:
    """Yield the processes that a process has started and that still run."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(one) for one in text.split()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
