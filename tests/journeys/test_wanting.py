"""What people want of the desk, from beginning to end."""

import re

from playwright.sync_api import Page, expect
from tests.journeys.conftest import PHONE, ServedDesk, SignIn

SOON = 20_000


def token_of(page: Page, address: str, *duties: str) -> str:
    """Make a token on the page, as a person would; yield its secret."""
    page.goto(f"{address}/tokens/")
    page.fill("#token-name", "journey")
    for duty in duties:
        page.check(f"input[name=scopes][value='{duty}']")
    page.locator("form[action='/tokens/new'] button").click()
    return str(page.locator(".rc-secret").text_content())


def test_a_payment_removes_the_call(sign_in: SignIn, desk: ServedDesk) -> None:
    """The core system posts what is owed; seconds later the person is off the collector's list."""
    collector = sign_in("senior")
    page = collector.open("/my-day/")
    first = page.locator("[data-debtor]").first
    debtor = str(first.get_attribute("data-debtor"))
    secret = token_of(sign_in("senior").page, desk.address, "view portfolio", "post ledger")
    bearer = {"Authorization": f"Bearer {secret}"}
    loans = page.request.get(
        f"{desk.address}/api/debtors/{debtor}/contracts", headers=bearer
    ).json()

    for loan in loans:
        parts = ("overdue_principal_minor", "overdue_interest_minor", "overdue_fee_minor")
        owed = sum(loan[part] or 0 for part in parts)
        if owed:
            posted = page.request.post(
                f"{desk.address}/api/receipts",
                headers={**bearer, "Idempotency-Key": f"journey-{loan['contract_id']}"},
                data={
                    "contract_id": loan["contract_id"],
                    "paid_on": "2026-11-20",
                    "amount_minor": owed,
                    "channel": "counter",
                },
            )
            assert posted.status == 200, posted.text()

    def is_on_the_list() -> bool:
        page.reload()
        return page.locator(f"[data-debtor='{debtor}']").count() > 0

    for _ in range(20):
        if not is_on_the_list():
            break
        page.wait_for_timeout(500)
    assert not is_on_the_list()


def test_a_collector_books_a_promise_by_keys(sign_in: SignIn) -> None:
    collector = sign_in("collector", language="en")
    page = collector.open("/my-day/")

    page.keyboard.press("p")
    expect(page.locator("[data-panel=promise] [name=amount]")).to_be_focused(timeout=SOON)
    page.keyboard.press("Enter")

    expect(page.get_by_text("Promise booked")).to_be_visible(timeout=SOON)


def test_a_collector_reads_a_case_on_a_telephone(sign_in: SignIn) -> None:
    collector = sign_in("collector", size=PHONE)
    page = collector.open("/my-day/")
    address = page.locator("[data-debtor] a").first.get_attribute("href")

    page = collector.open(str(address))

    expect(page.locator("h1").first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1
    assert collector.serious_faults() == []


def test_a_supervisor_moves_a_portfolio_and_takes_it_back(sign_in: SignIn) -> None:
    supervisor = sign_in("head", language="en")
    page = supervisor.open("/board/")
    laden = page.locator("[data-drop]:not([data-drop=nobody])").filter(
        has=page.locator("td:nth-child(3)", has_text=re.compile(r"^[1-9]"))
    )
    laden.first.locator("a").click()
    expect(page.locator("#move input[name=debtor]").first).to_be_visible(timeout=SOON)
    moved = page.locator("#move input[name=debtor]").first.get_attribute("value")
    page.locator("#move input[name=debtor]").first.check()

    page.select_option("#an-to", "nobody")
    page.keyboard.press("Escape")
    page.locator("#move .btn-primary").click()

    expect(page.get_by_text("put back into the pool")).to_be_visible(timeout=SOON)
    assert page.locator(f"#move input[value='{moved}']").count() == 0
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"#move input[value='{moved}']")).to_be_visible(timeout=SOON)


def test_an_auditor_can_change_nothing(sign_in: SignIn, desk: ServedDesk) -> None:
    auditor = sign_in("auditor", language="en")
    page = auditor.open("/cases/")
    case = str(page.locator("[data-row] a").first.get_attribute("href"))

    for path in (case, "/cases/", "/promises/", "/ledger/", "/nights/", "/people/"):
        page = auditor.open(path)
        expect(page.get_by_text("Read only")).to_be_visible()
    token = page.locator("body").get_attribute("data-csrf")
    for act in ("note", "log", "promise", "assign", "review"):
        answer = page.request.post(
            f"{desk.address}{case}{act}",
            form={"text": "no", "outcome": "busy"},
            headers={"X-CSRFToken": str(token), "Referer": desk.address},
        )
        assert answer.status == 403, act
