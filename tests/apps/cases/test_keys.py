"""A whole contact by keys alone, in a browser: six keystrokes, and nothing for the mouse to do."""

import shutil
from collections.abc import Iterator
from datetime import date

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from playwright.sync_api import Page, expect, sync_playwright

from recoup.apps.arrangements.models import Promise
from recoup.apps.cases import actions
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.contacts.models import Contact
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.models import ContactPoint, Publication
from recoup.web.house import strategy

AS_OF = date(2026, 11, 20)
MOST_KEYSTROKES = 6
expect.set_options(timeout=30_000)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed"),
]


@pytest.fixture
def page(live_server, make_staff, make_debtor, make_contract, night_result, at, monkeypatch):
    """My day of a collector who has three people on the list, at ten on the business date."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    Publication.objects.create(
        as_of=AS_OF,
        published_at=at,
        result_folder=str(night_result),
        result_hash="of the keys",
        is_current=True,
    )
    staff = make_staff("collector")
    for number in range(3):
        debtor = make_debtor(f"D{number}", priority=9 - number)
        make_contract(debtor=debtor, dpd=47, overdue_principal_minor=790_000)
        ContactPoint.objects.create(
            debtor=debtor, kind="phone", value=debtor.phone, source="contract", from_night=True
        )
    with transaction.atomic():
        bring_all(Day(on=AS_OF, at=at, strategy=strategy()))
        actions.spread(actor=MACHINE, at=at)
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.save()
    yield from _opened(live_server.url, session.session_key)


def _opened(address: str, session_key: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies(
            [
                {"name": "sessionid", "value": session_key, "url": address},
                {"name": "django_language", "value": "en", "url": address},
            ]
        )
        opened = context.new_page()
        opened.goto(f"{address}/my-day/")
        yield opened
        browser.close()


def test_a_full_contact_takes_at_most_six_keystrokes(page: Page):
    pressed: list[str] = []

    def press(key: str) -> None:
        pressed.append(key)
        page.keyboard.press(key)

    press("j")  # open the second person
    expect(page.locator("[data-pane=D1]")).to_be_visible()
    press("?")  # see why
    expect(page.get_by_text("points by the strategy's table")).to_be_visible()
    press("c")  # log the call
    press("2")  # with a promise
    expect(page.locator("[data-panel=promise] [name=amount]")).to_be_focused()
    press("Enter")  # book what is owed, by the day proposed
    expect(page.get_by_text("Promise booked")).to_be_visible()
    press("j")  # next
    expect(page.locator("[data-pane=D2]")).to_be_visible()

    assert len(pressed) <= MOST_KEYSTROKES
    assert Contact.objects.get().outcome == "promise"
    promise = Promise.objects.get()
    assert (promise.debtor_id, promise.amount_minor) == ("D1", 824_011)
    assert promise.due_on == date(2026, 11, 23)


def test_a_fast_hand_loses_no_key_and_works_on_nobody_else(page: Page):
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    line = {"offline": False, "latency": 300, "downloadThroughput": -1, "uploadThroughput": -1}
    slow.send("Network.emulateNetworkConditions", line)

    for key in ("j", "c", "2", "9", "0", "Enter", "j"):  # all of it before the first answer
        page.keyboard.press(key)

    expect(page.locator("[data-pane=D2]")).to_be_visible()
    promise = Promise.objects.get()
    assert (promise.debtor_id, promise.amount_minor) == ("D1", 9_000)
    assert Contact.objects.get().debtor_id == "D1"


def test_enter_pressed_twice_books_once(page: Page):
    page.keyboard.press("p")
    expect(page.locator("[data-panel=promise] [name=amount]")).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Promise booked")).to_be_visible()
    assert Promise.objects.count() == 1
    assert page.url.endswith("/my-day/")


def test_the_day_of_a_promise_moves_by_keys(page: Page):
    page.keyboard.press("p")
    expect(page.locator("[data-panel=promise] [name=amount]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("d")
    page.keyboard.press("w")
    page.keyboard.press("ArrowDown")

    day = page.locator("[data-panel=promise] [name=due_on]")
    assert day.input_value() == "2026-11-30"
    assert page.locator("[data-panel=promise] [data-weekday]").text_content() == "Mon"


def test_a_mistaken_outcome_is_undone_by_a_key(page: Page):
    page.keyboard.press("c")
    page.keyboard.press("3")
    expect(page.get_by_text("Logged: no answer.")).to_be_visible()

    page.keyboard.press("z")

    expect(page.get_by_text("The contact was taken back.")).to_be_visible()
    assert Contact.objects.get().withdrawn_at is not None


def test_the_first_decision_needs_no_scrolling(page: Page):
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/D0/")

    ends = page.evaluate(
        "[...document.querySelectorAll('.rc-next, .rc-gates, .rc-block-owed')]"
        ".map(one => one.getBoundingClientRect().bottom)"
    )

    assert len(ends) == 3
    assert max(ends) <= 768
