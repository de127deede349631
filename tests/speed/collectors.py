"""Collectors at work, for locust: what fifty of them ask of the desk within some minutes.

Between two acts a collector reads, talks and types: 5 to 15 seconds, evenly drawn. A contact is:
open the next person (in the day's pane, or four times in ten the whole case page), log the outcome
of the call, and after some outcomes book a promise or write a note. After every few contacts the
day is opened anew, somebody is searched for, a case is claimed, or the list of cases is looked at.
Every request goes into the file named by ``COLLECTORS_SAMPLES``: kind, start, milliseconds, fault.
"""

import json
import os
import random
import re
from itertools import count
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task

PREPARED = json.loads(Path(os.environ["COLLECTORS_PREPARED"]).read_text(encoding="utf-8"))
SAMPLES = Path(os.environ["COLLECTORS_SAMPLES"])
HTMX = {"HX-Request": "true"}
#: Outcomes of a call and how often of a hundred; most calls reach nobody.
OUTCOMES = {"no_answer": 42, "busy": 10, "right_party": 18, "answered": 8, "refused": 7}
PROMISE_OF_HUNDRED = 15
CASE_PAGE_OF_TEN = 4
CONTACTS_PER_DAY_VIEW = 3
#: What the desk answers to a promise that the person has given before; prepared records have some.
RECORDED_BEFORE = "没有重复登记"
#: What it answers where less is owed by now than when the page was opened, and how much.
OWES_LESS = re.compile(r"多于所欠 ([0-9,]+\.[0-9]{2})")
#: The loan that the form of a promise proposes, for somebody who owes in several currencies.
_CHOSEN = re.compile(r'<option value="([^"]+)" selected')
_ALERT = re.compile(r'role="alert".*', re.DOTALL)
_TAG = re.compile(r"^[^>]*>|<[^>]*>?")
_ROW = re.compile(r'data-debtor="([^"]+)"')
_FIELD = r'name="{}"[^>]*value="([^"]*)"'
_numbers = count()
_samples: list[str] = []


@events.request.add_listener
def keep(
    *, name: str, response_time: float, exception: Exception | None, start_time: float, **_: Any
) -> None:
    """Keep a request for the figures."""
    fault = "" if exception is None else " ".join(str(exception).split())[:200]
    _samples.append(json.dumps([name, start_time, response_time, fault]))


@events.quitting.add_listener
def write(**_: Any) -> None:
    """Write all that was kept, a line each."""
    SAMPLES.write_text("\n".join(_samples) + "\n", encoding="utf-8")


class Collector(HttpUser):
    """One collector with an own login, own list and own chance."""

    wait_time = between(5, 15)

    def on_start(self) -> None:
        """Sign in as everybody does: by name and password on the page."""
        number = next(_numbers)
        own = PREPARED["collectors"][number % len(PREPARED["collectors"])]
        self.chance = random.Random(number)
        self.sought: list[str] = own["sought"]
        self.people: list[str] = []
        self.contacts = 0
        self.client.get("/account/login/", name="sign-in page")
        self.client.post(
            "/account/login/",
            {"login": own["username"], "password": own["password"]},
            headers=self._token(),
            name="sign in",
        )
        self._open_day()

    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self.client.cookies.get("csrftoken", "")}

    def _get(self, address: str, *, name: str, part: bool = False, shows: str = "") -> str:
        """Ask for a page, or with ``part`` for a part of one; a page that lacks ``shows`` fails."""
        with self.client.get(
            address,
            name=name,
            headers=HTMX if part else None,
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            if answer.status_code != 200 or shows not in answer.text:
                answer.failure(f"status {answer.status_code} at {address}")
            return str(answer.text)

    def _post(self, address: str, sent: dict[str, str], *, name: str, known: str = "") -> str:
        """Send a form; a refusal in words like ``known`` is an answer, any other one a fault."""
        with self.client.post(
            address,
            sent,
            name=name,
            headers=HTMX | self._token(),
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            if known and answer.status_code == 422 and re.search(known, answer.text):
                answer.success()
            elif answer.status_code not in (200, 204):
                alert = " ".join(_ALERT.findall(str(answer.text)))[:800]
                said = " ".join(_TAG.sub(" ", alert).split())
                answer.failure(f"status {answer.status_code} at {address}: {said}")
            return str(answer.text)

    def _open_day(self) -> None:
        page = self._get("/my-day/", name="worklist", shows='id="strip"')
        self.people = _ROW.findall(page)

    @task
    def work(self) -> None:
        """Do the next contact, and now and then what lies between contacts."""
        self._contact()
        self.contacts += 1
        if self.contacts % CONTACTS_PER_DAY_VIEW == 0:
            self.wait()
            self._open_day()
        between_contacts = self.chance.random()
        if between_contacts < 0.20:
            self.wait()
            sought = self.chance.choice(self.sought)
            self._get(f"/search/found?q={sought}", name="search", part=True)
        elif between_contacts < 0.30:
            self.wait()
            self._post("/my-day/claim", {}, name="claim next")
        elif between_contacts < 0.38:
            self.wait()
            sort = self.chance.choice(("rank", "overdue", "dpd", "contact"))
            self._get(f"/cases/?sort={sort}", name="list of cases", shows="<table")

    def _contact(self) -> None:
        if not self.people:
            self._open_day()
            return
        debtor_id = self.people.pop(0)
        whole = self.chance.randrange(10) < CASE_PAGE_OF_TEN
        if whole:
            page = self._get(f"/cases/{debtor_id}/", name="case page", shows='id="case"')
        else:
            page = self._get(
                f"/my-day/person/{debtor_id}", name="person in the day", part=True, shows="rc-pane"
            )
        self.wait()
        where = {"where": "case" if whole else "day", "part": "todo"}
        promises = self.chance.randrange(100) < PROMISE_OF_HUNDRED and _value(page, "amount")
        outcome = "promise" if promises else self._outcome()
        self._post(
            f"/cases/{debtor_id}/log",
            {**where, "key": _value(page, "key"), "outcome": outcome},
            name="log an outcome",
        )
        if promises:
            self.wait()
            sent = {one: _value(page, one) for one in ("amount", "due_on")}
            sent["contract"] = next(iter(_CHOSEN.findall(page)), "")
            self._promise(debtor_id, where | sent)
        elif outcome in ("right_party", "refused"):
            self.wait()
            text = "约定下周再联系；说明收入情况。"
            self._post(f"/cases/{debtor_id}/note", where | {"text": text}, name="write a note")

    def _promise(self, debtor_id: str, sent: dict[str, str]) -> None:
        """Book a promise; where a receipt came in meanwhile, of what is owed now."""
        known = f"{RECORDED_BEFORE}|{OWES_LESS.pattern}"
        booked = {"name": "book a promise", "known": known}
        told = self._post(f"/cases/{debtor_id}/promise", sent, **booked)
        owed = OWES_LESS.search(told)
        if owed is not None:
            self.wait()
            self._post(f"/cases/{debtor_id}/promise", sent | {"amount": owed.group(1)}, **booked)

    def _outcome(self) -> str:
        return self.chance.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]


def _value(page: str, name: str) -> str:
    found = re.search(_FIELD.format(name), page)
    return found.group(1) if found else ""
