"""Starts the desk: migrations, then the web server and the workers, and keeps them running.

Each child is a process of its own that may die at any moment: what was acknowledged lies in the
database by then, and the child is started again. SIGTERM and Ctrl-C stop all of them in order.
"""

import ctypes
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import monotonic

DONE, WRONG_CALL, REFUSED = 0, 2, 3
#: Seconds after which a child that does not stop is killed; a web request may take some.
PATIENCE = 20
#: A child that lived shorter than this many seconds did not really start.
SHORT_LIFE = 10
MOST_FALSE_STARTS = 5
LONGEST_WAIT = 30
_DIE_WITH_PARENT = 1


class PortTaken(Exception):
    """Another program listens on the port."""

    def __init__(self, *, host: str, port: int, why: str) -> None:
        self.zh = (
            f"无法在 {host}:{port} 监听（{why}）；请用 --port 换一个端口，或先停止占用它的程序。"
        )
        self.en = (
            f"{host}:{port} cannot be listened on ({why}); choose another with --port, or stop the "
            "program that holds it."
        )
        super().__init__(self.en)


def prepare_django(*, data: Path | None = None) -> None:
    """Load Django with the settings of this process; ``data`` is the desk's folder, if given.

    The settings are read from the environment once, so this comes before any room is imported.
    """
    if data is not None:
        os.environ["RECOUP_DATA"] = str(data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.site.settings")
    if os.environ.get("RECOUP_CLOCK"):
        # A demonstration clock begins here, for this process and for those that it starts.
        os.environ.setdefault("RECOUP_CLOCK_SINCE", datetime.now(tz=UTC).isoformat())
    import_module("django").setup()
    settings = import_module("django.conf").settings
    for folder in (settings.STATIC_ROOT, settings.KEPT_FILES, settings.NIGHTS):
        Path(folder).mkdir(parents=True, exist_ok=True)


def environment(*, data: Path | None) -> Mapping[str, str]:
    """Yield the environment in which web server and workers run."""
    found = dict(os.environ)
    found.setdefault("DJANGO_SETTINGS_MODULE", "recoup.site.settings")
    if data is not None:
        found["RECOUP_DATA"] = str(data.resolve())
    return found


def migrate() -> None:
    """Bring the tables of the records up to date."""
    import_module("django.core.management").call_command("migrate", interactive=False, verbosity=0)


def listen(*, host: str, port: int) -> socket.socket:
    """Yield a socket that listens; the web server inherits it, however often it is started.

    While the web server is being started again, who connects waits and is not turned away.
    Errors: PortTaken.
    """
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(256)
    except (OSError, OverflowError) as failure:
        found.close()
        why = getattr(failure, "strerror", None) or str(failure)
        raise PortTaken(host=host, port=port, why=why) from failure
    return found


def warnings_for(*, host: str, https: bool) -> tuple[str, ...]:
    """Yield what to say before serving beyond this machine."""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if local or https:
        return ()
    return (
        f"注意：{host} 对其他机器开放，而 RECOUP_HTTPS 未设置：密码和债务人资料会以明文传输。"
        "请在反向代理后使用 HTTPS，并设置 RECOUP_HTTPS=1、RECOUP_HOSTS、RECOUP_ORIGINS。",
        f"Note: {host} is open to other machines and RECOUP_HTTPS is not set: passwords and "
        "debtors' data travel unencrypted. Put HTTPS in front and set RECOUP_HTTPS=1, "
        "RECOUP_HOSTS and RECOUP_ORIGINS (docs/howto/run-the-desk.md).",
    )


@dataclass
class Child:
    """One process that is to run, and how its starts went.

    Shape: ``has_lived`` once it ran for a while; then it is started again for ever, later and later
    while it keeps ending (the database may be away for an hour).
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    keeps: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    false_starts: int = 0
    has_lived: bool = False
    starts_at: float = 0.0

    def start(self) -> None:
        """Start the process."""
        self.began = monotonic()
        # In a session of its own: Ctrl-C reaches the desk, which stops its children in order.
        self.process = subprocess.Popen(
            self.command,
            env=self.env,
            pass_fds=self.keeps,
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )

    def look(self) -> None:
        """Start again what has ended, later and later while it keeps ending at once."""
        if self.process is None:
            if monotonic() >= self.starts_at:
                self.start()
            return
        if self.process.poll() is None:
            return
        killed = self.process.returncode < 0
        self.has_lived |= monotonic() - self.began >= SHORT_LIFE
        # Whoever was killed started well; who ends by itself at once may do so again and again.
        began_well = killed or monotonic() - self.began >= SHORT_LIFE
        self.false_starts = 0 if began_well else self.false_starts + 1
        wait = min(LONGEST_WAIT, 2 ** min(self.false_starts, 5) - 1)
        print(
            f"recoup: {self.name} ended ({self.process.returncode}); starting it again"
            + (f" in {wait} s" if wait else ""),
            file=sys.stderr,
            flush=True,
        )
        self.process, self.starts_at = None, monotonic() + wait


def _die_with_parent() -> Callable[[], None] | None:
    """Yield what makes a child end when the desk itself is killed; Linux knows how."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_DIE_WITH_PARENT, signal.SIGTERM)


@dataclass
class Desk:
    """The web server and the workers, watched until somebody stops them."""

    listening: socket.socket
    workers: int
    threads: int
    data: Path | None
    every_second: Callable[[], None] = field(default=lambda: None)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Serve until stopped; yield 0, or 3 when a child cannot be started at all."""
        signal.signal(signal.SIGTERM, lambda *_: self._stopping.set())
        signal.signal(signal.SIGINT, lambda *_: self._stopping.set())
        children = self._children()
        failed: Child | None = None
        while failed is None and not self._stopping.is_set():
            for child in children:
                child.look()
                if child.false_starts >= MOST_FALSE_STARTS and not child.has_lived:
                    failed = child
            self.every_second()
            self._stopping.wait(1)
        _stop(children)
        if failed is None:
            return DONE
        print(
            f"{failed.name} 无法启动，请查看上面的错误信息。\n"
            f"{failed.name} does not start; see its error above.",
            file=sys.stderr,
        )
        return REFUSED

    def _children(self) -> tuple[Child, ...]:
        env = environment(data=self.data)
        web = [
            *(sys.executable, "-m", "gunicorn", "recoup.site.wsgi:application"),
            *("--bind", f"fd://{self.listening.fileno()}", "--worker-class", "gthread"),
            *("--workers", str(self.workers), "--threads", str(self.threads)),
            *("--timeout", "60", "--graceful-timeout", "10", "--no-control-socket"),
            *("--access-logfile", os.devnull, "--error-logfile", "-", "--log-level", "warning"),
        ]
        worker = [sys.executable, "-m", "recoup.site.working"]
        return (
            Child(name="web", command=web, env=env, keeps=(self.listening.fileno(),)),
            Child(name="jobs", command=[*worker, "default"], env=env),
            Child(name="nights", command=[*worker, "nights"], env=env),
            Child(name="redecisions", command=[*worker, "redecisions"], env=env),
        )


def _stop(children: Sequence[Child]) -> None:
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    until = monotonic() + PATIENCE
    for process in running:
        try:
            process.wait(timeout=max(0.1, until - monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
