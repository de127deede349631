"""Somebody complains: everything that collects from the person stops until there is an answer."""

import re
from collections.abc import Callable

from playwright.sync_api import APIResponse, Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.desk import PHONE, Person

STOPPED = "被闸口拦下"
WAITING = "等待发出"
TRIES = 40
PAUSE_MS = 250


def until(page: Page, is_so: Callable[[], bool]) -> bool:
    """Look at a page again and again until something is so, for some seconds."""
    for _ in range(TRIES):
        if is_so():
            return True
        page.wait_for_timeout(PAUSE_MS)
        page.reload()
    return is_so()


def posted(person: Person, path: str, **form: str) -> APIResponse:
    """Send a form as the page open now would."""
    token = str(person.page.locator("body").get_attribute("data-csrf"))
    return person.page.request.post(
        f"{person.address}{path}",
        form=form,
        headers={"X-CSRFToken": token, "Referer": person.address},
    )


def listed(collector: Person) -> list[str]:
    """Yield the people of the day, the first first."""
    page = collector.open("/my-day/")
    found = page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.dataset.debtor)")
    return [str(one) for one in found]


def somebody_to_call(collector: Person) -> str:
    """Open the day at the first person who may be called now; yield who that is."""
    for debtor in listed(collector):
        page = collector.open(f"/my-day/?person={debtor}")
        if page.locator(".rc-gate-open").count():
            return debtor
    page = collector.page
    raise AssertionError(f"nobody of the day may be called: {page.locator('#pane').inner_text()}")


def written(collector: Person, debtor: str) -> APIResponse:
    """Write a text message that may always be written."""
    return posted(
        collector,
        f"/cases/{debtor}/write",
        text="您好，请与我们联系。",
        channel="sms",
        purpose="service",
    )


def just_after_a_round(collector: Person, compliance: Person, *, but: str) -> None:
    """Wait until the messages that waited have left: the next ones wait for some seconds."""
    others = (one for one in reversed(listed(collector)) if one != but)
    assert any(written(collector, one).ok for one in others), "nobody else can be written to"
    page = compliance.open("/contacts/messages/")
    assert until(page, lambda: texts(page, WAITING) == 0)


def texts(page: Page, state: str) -> int:
    """Yield how many text messages the list of channels has in a state."""
    column = page.locator("thead").first.locator("th").all_inner_texts().index(state)
    row = page.locator("tbody").first.locator("tr", has_text="短信")
    return int(row.locator("td").nth(column).inner_text())


def test_complaint_freezes_everything(sign_in: SignIn) -> None:
    compliance = sign_in("compliance")
    before = texts(compliance.open("/contacts/messages/"), STOPPED)
    collector = sign_in("senior")
    debtor = somebody_to_call(collector)
    page = collector.page
    page.keyboard.press("c")
    decision = page.locator("[data-panel=log] input[name=decision]").first
    expect(decision).to_be_attached()
    permit = str(decision.get_attribute("value"))

    just_after_a_round(collector, compliance, but=debtor)
    # From the case, by its key: the person is known already.
    page = collector.open(f"/cases/{debtor}/")
    page.keyboard.press("f")
    page.wait_for_url("**/complaints/new?debtor=*")
    page.select_option("#category", "too_often")
    page.fill("#words", "一天打了八个电话，请不要再打。")
    assert collector.serious_faults() == []
    wrote = written(collector, debtor)
    assert wrote.ok, wrote.text()
    page.locator("main .btn-primary").click()
    page.wait_for_url(re.compile(r"/complaints/TS\d{8}-\d+/$"))
    number = str(re.search(r"TS\d{8}-\d+", page.url)[0])  # type: ignore[index]
    answer_by = page.locator("#clock b").first.inner_text()[:10]
    assert collector.serious_faults() == []
    assert collector.pixels_too_wide() <= 0

    # The permit that was out is dead, and the message that waited stays in the house.
    used = posted(
        collector,
        f"/cases/{debtor}/log",
        outcome="no_answer",
        channel="call",
        decision=permit,
        key="journey",
    )
    assert used.status == 422
    assert "投诉" in used.text()
    page = compliance.open("/contacts/messages/")
    assert until(page, lambda: texts(page, STOPPED) > before)

    # The case says why and until when; the call is gone from the day.
    page = collector.open(f"/cases/{debtor}/")
    notice = page.locator(".rc-notice", has_text=number)
    expect(notice).to_contain_text(answer_by)
    expect(page.locator("#rc-holds")).to_contain_text("EX-HOLD-COMPLAINT")
    assert collector.serious_faults() == []
    page = collector.open("/my-day/")
    row = page.locator(f"[data-row][data-debtor='{debtor}']")
    assert until(page, lambda: row.count() == 0)

    answer_it(compliance, number)

    page = collector.open(f"/cases/{debtor}/")
    expect(page.locator(".rc-notice")).to_have_count(0)
    page = collector.open("/my-day/")
    assert until(page, lambda: row.count() == 1)


def answer_it(compliance: Person, number: str) -> None:
    """Answer a complaint by the page; the letter is there."""
    page = compliance.open(f"/complaints/{number}/")
    page.keyboard.press("a")
    page.wait_for_url("**/answer")
    page.select_option("#finding", "upheld")
    page.fill("#answer", "录音与记录显示，当日确实拨打了八次电话。")
    page.select_option("#redress", "apology")
    page.fill("#redress_words", "我们向您道歉，并已限制拨打次数。")
    page.select_option("#root_cause", "rule")
    assert compliance.serious_faults() == []
    page.locator("main .btn-primary").click()
    page.wait_for_url(f"**/complaints/{number}/")
    with page.expect_download() as downloading:
        page.locator("a[data-key=l]").click()
    assert downloading.value.suggested_filename == f"{number}.pdf"


def test_anybody_complains_from_a_telephone(sign_in: SignIn) -> None:
    """Without signing in; compliance finds it among those of whom the person is not known yet."""
    compliance = sign_in("compliance", language="en")
    context = compliance.page.context.browser.new_context(  # type: ignore[union-attr]
        viewport={"width": PHONE["width"], "height": PHONE["height"]}, locale="en-GB"
    )
    stranger = Person(page=context.new_page(), address=compliance.address)
    page = stranger.open("/complain/")
    page.select_option("#category", "third_party")
    page.fill("#words", "You keep calling me about somebody I do not know.")
    page.fill("#complainant", "Zhou Wen")
    page.fill("#reach_at", "13900001111")
    assert (stranger.serious_faults(), stranger.pixels_too_wide()) == ([], 0)

    page.locator("main .btn-primary").click()

    expect(page.locator("h1")).to_have_text("Your complaint is with us")
    number = page.locator("dd b").first.inner_text()
    assert stranger.serious_faults() == []
    context.close()
    page = compliance.open("/complaints/?state=unmatched")
    expect(page.locator("tbody")).to_contain_text(number)
    assert compliance.serious_faults() == []
