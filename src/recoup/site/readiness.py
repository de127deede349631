"""Makes a web process ready before it answers: law, policy, the published night's book, pages.

The first statement of account or the first call of a day would otherwise wait seconds for what is
read once per process. It is read in the background from the moment the process starts; requests
that come meanwhile wait for it, ``/healthz`` does not. What fails here is left to the request that
needs it, which says so in its own words.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from time import monotonic
from typing import Any

log = logging.getLogger("recoup.readiness")

#: A request waits no longer for the preparation than this many seconds.
WAITS_FOR = 12.0
#: Seconds after which the process looks whether another night has been published meanwhile.
LOOKS_EVERY = 2.0
#: Seconds for which the worker of re-decisions may take to come up before nobody waits for it.
WORKER_TAKES = 8.0
#: Answered at once: whether the process lives, and files.
PASSES = ("/healthz", "/static/")

Answer = Iterable[bytes]
Application = Callable[[dict[str, Any], Callable[..., Any]], Answer]


class Prepared:
    """A WSGI application that answers once its process is prepared.

    Shape: ``prepare`` runs once, in a thread of its own; ``renew`` every few seconds after it.
    """

    def __init__(
        self,
        application: Application,
        *,
        prepare: Callable[[], None],
        renew: Callable[[], None],
    ) -> None:
        self._application = application
        self._prepare = prepare
        self._renew = renew
        self._ready = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="readiness").start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Answer:
        """Answer a request; wait for the preparation first, unless it is one of PASSES."""
        if not self._ready.is_set() and not str(environ["PATH_INFO"]).startswith(PASSES):
            self._ready.wait(WAITS_FOR)
        return self._application(environ, start_response)

    def _run(self) -> None:
        _tried(self._prepare)
        self._ready.set()
        pause = threading.Event()
        while True:
            pause.wait(LOOKS_EVERY)
            _tried(self._renew)


def _tried(act: Callable[[], None]) -> None:
    try:
        act()
    except Exception:
        log.warning("not everything could be prepared", exc_info=True)


def prepare() -> None:
    """Make this process ready for its first requests."""
    prepare_process()
    prepare_night()
    _await_worker()


def prepare_process() -> None:
    """Read what holds for the life of the process: addresses of pages, law and policy."""
    import_module("django.urls").get_resolver().url_patterns  # noqa: B018
    import_module("recoup.web.house").contact_law()


def prepare_night() -> None:
    """Read the published night's rules and open its book; cheap when that was done before."""
    policies = import_module("recoup.apps.ledger.policies")
    try:
        if import_module("recoup.apps.portfolio.queries.explained").warm_up():
            policies.rules_in_force()
    finally:
        import_module("django.db").connections.close_all()


def _await_worker() -> None:
    """Wait until persons can be decided anew, so that the first receipt changes its list at once.

    The worker says that it lives once it is warm. Without a night there is nothing to decide.
    """
    closing = import_module("recoup.apps.closing.queries")
    queue = import_module("recoup.apps.closing.redecision").REDECISIONS
    now = import_module("recoup.site.clock").now
    settings = import_module("django.conf").settings
    if settings.REDECIDE == "inline":
        return
    pause, until = threading.Event(), monotonic() + WORKER_TAKES
    try:
        while monotonic() < until and not closing.worker_works(queue=queue, at=now()):
            pause.wait(0.1)
    finally:
        import_module("django.db").connections.close_all()
