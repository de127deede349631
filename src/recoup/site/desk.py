"""Starts the desk: migrations, standard roles, the web server and the worker of its jobs."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path


def prepare_django(*, data: Path | None = None) -> None:
    """Load Django with the settings of this process; ``data`` is the desk's folder, if given.

    The settings are read from the environment once, so this comes before any room is imported.
    """
    if data is not None:
        os.environ["RECOUP_DATA"] = str(data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.site.settings")
    import_module("django").setup()


def environment(*, data: Path | None) -> Mapping[str, str]:
    """Yield the environment in which web server and worker run."""
    found = dict(os.environ)
    found.setdefault("DJANGO_SETTINGS_MODULE", "recoup.site.settings")
    if data is not None:
        found["RECOUP_DATA"] = str(data.resolve())
    return found


def migrate() -> None:
    """Bring the tables of the records up to date."""
    import_module("django.core.management").call_command("migrate", interactive=False, verbosity=0)


def serve(*, host: str, port: int, threads: int, data: Path | None) -> int:
    """Run the web server and the worker until one of them ends or somebody stops us."""
    env = environment(data=data)
    web = [
        *(sys.executable, "-m", "gunicorn", "recoup.site.wsgi:application"),
        *("--bind", f"{host}:{port}", "--threads", str(threads), "--worker-class", "gthread"),
        *("--access-logfile", os.devnull, "--error-logfile", "-", "--log-level", "warning"),
    ]
    worker = [sys.executable, "-m", "django", "db_worker", "--interval", "1"]
    running = [subprocess.Popen(command, env=env) for command in (web, worker)]

    def stop(*_: object) -> None:
        for process in running:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ended = running[0].wait()
    stop()
    for process in running:
        process.wait()
    return 0 if ended in (0, -signal.SIGTERM, -signal.SIGINT) else 3
