"""The gate from beginning to end: who asks too often is told when, who says stop is left alone."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect
from standardwebhooks import Webhook
from tests.journeys.conftest import SignIn
from tests.journeys.desk import DESKTOP, IM_SECRET, PHONE, Person, ServedDesk

SEATS = [("zh", DESKTOP), ("en", PHONE)]


def press(page: Page, size: Mapping[str, int], *, key: str, button: Locator) -> None:
    """Do an act as people do it: by its key at a desk, by a finger on a phone."""
    if size is PHONE:
        button.tap()
    else:
        page.keyboard.press(key)


def ask_to_call(page: Page, size: Mapping[str, int]) -> Locator:
    """Open the form of a contact and yield the gate's answer."""
    press(page, size, key="c", button=page.locator("[data-opens=log]"))
    answer = page.locator("[data-panel=log] .rc-permit")
    expect(answer).to_be_visible()
    return answer


def case_to_call(person: Person) -> str:
    """Open the first case whose person may be called and never said stop; yield its address."""
    page = person.open("/cases/?state=open&sort=overdue")
    cases = page.locator("[data-row] a").evaluate_all("all => all.map(one => one.pathname)")
    for case in dict.fromkeys(cases):
        page = person.open(case)
        is_open = page.locator(".rc-gates > li:first-child.rc-open").count()
        if is_open and not page.locator(".rc-entry-stop_asked").count():
            return str(case)
    raise AssertionError("nobody may be called")


@pytest.mark.parametrize(("language", "size"), SEATS)
def test_collector_is_stopped_and_told_when(
    sign_in: SignIn, language: str, size: Mapping[str, int]
) -> None:
    """The fourth conversation of a day is refused: by which rule, until when, what else may be."""
    collector = sign_in("collector", language=language, size=size)
    case_to_call(collector)
    page = collector.page
    spoken = page.locator(".rc-entry-contact")
    before = spoken.count()
    for number in range(3):
        expect(ask_to_call(page, size)).to_have_class(re.compile("rc-gate-open"))
        press(page, size, key="1", button=page.locator("[data-panel=log] [value=right_party]"))
        expect(spoken).to_have_count(before + number + 1)

    answer = ask_to_call(page, size)

    expect(answer).to_have_class(re.compile("rc-gate-shut"))
    expect(answer).to_contain_text("CN-CON-04")
    expect(answer).to_contain_text("GB/T 45251")
    expect(answer).to_contain_text("2026-11-22 08:00")
    expect(answer).to_contain_text("可改用" if language == "zh" else "Instead")
    expect(answer.locator(".rc-channels")).to_contain_text("短信" if language == "zh" else "text")
    assert page.locator("[data-panel=log] .rc-dial").count() == 0, "the number stays behind"
    assert collector.serious_faults() == []
    assert collector.pixels_too_wide() <= 0


def number_of(page: Page, size: Mapping[str, int]) -> str:
    """Yield the number that the gate's permit shows, and close the form again."""
    number = ask_to_call(page, size).locator(".rc-dial").get_attribute("href")
    page.locator("[data-opens=log]").click()
    return str(number).removeprefix("tel:")


def write_back(desk: ServedDesk, page: Page, *, address: str, text: str) -> None:
    """Let the messenger post a reply of the person, signed."""
    at, body = datetime.now(tz=UTC), json.dumps({"data": [{"address": address, "text": text}]})
    name = f"reply-{address}"
    answer = page.request.post(
        f"{desk.address}/ways/im/told",
        data=body,
        headers={
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(IM_SECRET).sign(name, at, body),
        },
    )
    assert answer.json() == {"receipts": 0, "replies": 1}


@pytest.mark.parametrize(("language", "size"), SEATS)
def test_borrower_says_stop(
    sign_in: SignIn, desk: ServedDesk, language: str, size: Mapping[str, int]
) -> None:
    """By a reply, then by a call: nothing more leaves, until the person says otherwise."""
    head = sign_in("head", language=language, size=size)
    case = case_to_call(head)
    page = head.page
    send_text(page, size)
    number = number_of(page, size)
    if size is PHONE:  # from a number that we do not know: somebody says whose it is
        number = "13911112222"
    write_back(desk, page, address=number, text="停止")
    if size is PHONE:
        head.open("/contacts/replies/").locator("td a.btn").first.click()
        page.fill("input[name=debtor]:not([type=hidden])", case.removeprefix("/cases/").strip("/"))
        page.locator("section.rc-part .btn-primary").click()
        page.wait_for_url("**/contacts/reaching/**")
        assert head.serious_faults() == []
        assert head.pixels_too_wide() <= 0

    head.open(case)
    expect(page.locator(".rc-entry-stop_asked")).to_be_visible()
    expect(channel(page, "im", language)).to_have_class("rc-shut")
    expect(channel(page, "call", language)).to_have_class("rc-open")
    press(page, size, key="e", button=page.locator("a[data-key=e]"))
    page.wait_for_url("**/contacts/reaching/**")
    page.locator("#stops details.rc-add summary").click()
    page.fill("#stops .rc-add [name=words]", "请不要再联系我")
    page.locator("#stops .rc-add .btn-primary").click()

    expect(page.locator("#stops li")).to_have_count(2)
    expect(page.locator(".rc-gates .rc-open")).to_have_count(0)
    assert head.serious_faults() == []
    assert head.pixels_too_wide() <= 0
    lift = page.locator("#stops li", has_text="请不要再联系我")
    lift.locator("summary").click()
    lift.locator("[name=words]").fill("可以打电话给我")
    lift.locator(".btn-primary").click()
    expect(channel(page, "call", language)).to_have_class("rc-open")
    expect(channel(page, "im", language)).to_have_class("rc-shut")


def channel(page: Page, code: str, language: str) -> Locator:
    """Yield the gate's line of a channel."""
    words = {"im": ("即时消息", "instant message"), "call": ("电话", "call")}[code]
    word = words[0] if language == "zh" else words[1]
    return page.locator(".rc-gates > li", has=page.get_by_text(re.compile(rf"^[✓✕] {word}$"))).first


def send_text(page: Page, size: Mapping[str, int]) -> None:
    """Send the text that fits the case, as it stands, after a look at it."""
    press(page, size, key="s", button=page.locator("[data-opens=write]"))
    field = page.locator("[data-panel=write] [name=text]")
    expect(field).not_to_have_value("")
    page.locator("[data-panel=write] [hx-post$='look-at']").click()
    expect(page.locator("#write-said .rc-gate-open")).to_be_visible()
    page.locator("[data-panel=write] .btn-primary").click()
    expect(page.locator("[data-toast]").first).to_be_visible()
