"""What people want of the desk, from beginning to end."""

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.desk import DESKTOP, PHONE, Person

LANGUAGES = ("zh", "en")


def first_case(person: Person, query: str = "state=open") -> str:
    """Yield the address of the first case of a list."""
    page = person.open(f"/cases/?{query}")
    return str(page.locator("[data-row] a").first.get_attribute("href"))


def chosen_debtor(page: Page) -> str:
    """Yield who is chosen in the worklist."""
    return str(page.locator("[data-row][aria-selected=true]").get_attribute("data-debtor"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_collector_books_a_promise(
    sign_in: SignIn, screen: Mapping[str, int], language: str
) -> None:
    collector = sign_in("collector", language=language, size=screen)
    page = collector.open("/my-day/")
    debtor = chosen_debtor(page)

    if screen is PHONE:
        page.locator("[data-opens=promise]").tap()
        page.fill("[data-panel=promise] [name=amount]", "20.00")
        page.locator("[data-panel=promise] .btn-primary").tap()
    else:
        for key in ("p", "2", "0", "Enter"):
            page.keyboard.press(key)

    expect(page.locator("[data-toast]")).to_contain_text("20.00")
    assert collector.serious_faults() == []
    page = collector.open(f"/promises/of/{debtor}/")
    expect(page.locator("main")).to_contain_text("¥20.00")
    page = collector.open(f"/cases/{debtor}/")
    expect(page.locator(".rc-entry-promise_recorded, .rc-entry-promise").first).to_be_visible()


def test_collector_logs_a_call_and_takes_it_back(
    sign_in: SignIn, screen: Mapping[str, int]
) -> None:
    collector = sign_in("collector", language="en", size=screen)
    page = collector.open("/my-day/")
    row = page.locator(f"[data-row][data-debtor='{chosen_debtor(page)}']")

    if screen is PHONE:
        page.locator("[data-opens=log]").tap()
        page.locator("[data-panel=log] [value=no_answer]").tap()
    else:
        page.keyboard.press("c")
        page.keyboard.press("3")
    expect(row).to_contain_text("✓")
    undo = page.locator("[data-toast] button")
    expect(undo).to_be_visible()
    if screen is PHONE:
        undo.tap()
    else:
        page.keyboard.press("z")

    expect(page.get_by_text("The contact was taken back.")).to_be_visible()
    assert collector.serious_faults() == []


def test_collector_claims_the_next_case(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    head = sign_in("head", language="en")
    supervised = open_desk(head, sign_in_name(sign_in, "senior"))
    debtor = supervised.locator("#move input[name=debtor]").first.get_attribute("value")
    put_into_the_pool(supervised)

    collector = sign_in("collector", language="en", size=screen)
    page = collector.open("/my-day/")
    claim = page.locator(".rc-claim button")
    if screen is PHONE:
        claim.tap()
    else:
        page.keyboard.press("x")

    page.wait_for_url(f"**/my-day/?person={debtor}")
    expect(page.locator(f"[data-pane='{debtor}']")).to_be_visible()
    row = page.locator(f"[data-row][data-debtor='{debtor}']")
    expect(row).to_have_attribute("aria-selected", "true")


def open_desk(head: Person, name: str) -> Page:
    """Open the board with the cases of a colleague."""
    page = head.open("/board/")
    page.locator("[data-drop] a", has_text=name).click()
    expect(page.locator("[data-drop][aria-selected=true]")).to_contain_text(name)
    expect(page.locator("#move input[name=debtor]").first).to_be_visible()
    return page


def laden_desk(page: Page) -> str:
    """Yield the name of the colleague who carries most."""
    rows = page.locator("[data-drop]:not([data-drop=nobody])")
    return str(
        rows.evaluate_all(
            """rows => {
                const open = row => Number(row.querySelector("small").textContent.split("/")[0]);
                return rows.sort((a, b) => open(b) - open(a))[0].querySelector("a").textContent;
            }"""
        )
    )


def sign_in_name(sign_in: SignIn, username: str) -> str:
    """Yield the name under which colleagues know a login."""
    page = sign_in(username, language="en").open("/people/me/")
    return str(page.locator(".rc-me").inner_text())


def put_into_the_pool(page: Page) -> None:
    """Put the first case of the chosen desk into the pool."""
    page.locator("#move input[name=debtor]").first.check()
    page.select_option("#an-to", "nobody")
    page.locator("#move .btn-primary").click()
    expect(page.locator(".an-undo")).to_be_visible()


def test_payment_removes_the_call(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    """The counter posts what is owed; the person is off the collector's list at once."""
    collector = sign_in("senior", language="en", size=screen)
    page = collector.open("/my-day/")
    debtor = chosen_debtor(page)
    posts = sign_in("supervisor", language="en")

    pay_all(posts, debtor)

    def is_on_the_list() -> bool:
        page.reload()
        return page.locator(f"[data-row][data-debtor='{debtor}']").count() > 0

    for _ in range(20):
        if not is_on_the_list():
            break
        page.wait_for_timeout(100)
    assert not is_on_the_list()
    expect(page.locator(".rc-strip")).to_be_visible()


def pay_all(posts: Person, debtor: str) -> None:
    """Post what is overdue on every loan of a person, by the page."""
    page = posts.open(f"/debtors/{debtor}/")
    contracts = set(page.locator("#rc-loans td:first-child a:first-child").all_inner_texts())
    assert contracts
    for contract in sorted(contracts):
        page = posts.open(f"/ledger/new?contract={contract}")
        overdue = page.locator("#receipt dd").nth(2).inner_text()
        amount = re.search(r"[\d,]+\.\d\d", overdue)
        if amount is None or float(amount[0].replace(",", "")) == 0:
            continue
        page.fill("#amount", amount[0].replace(",", ""))
        page.press("#amount", "Enter")
        expect(page.locator("#post")).to_be_focused()
        assert posts.serious_faults() == []
        page.keyboard.press("Enter")
        page.wait_for_url("**/ledger/postings/**")


def test_core_system_posts_a_payment_once(sign_in: SignIn) -> None:
    """The same receipt sent twice is one receipt, and the statement shows it."""
    officer = sign_in("senior", language="en")
    page = officer.open("/tokens/")
    page.fill("#token-name", "core system")
    for duty in ("view portfolio", "view ledger", "post ledger"):
        page.check(f"input[name=scopes][value='{duty}']")
    page.locator("form[action='/tokens/new'] button").click()
    secret = str(page.locator(".rc-secret").text_content())
    debtor = chosen_debtor(officer.open("/my-day/"))
    bearer = {"Authorization": f"Bearer {secret}"}
    loans = page.request.get(
        f"{officer.address}/api/debtors/{debtor}/contracts", headers=bearer
    ).json()

    sent = [
        page.request.post(
            f"{officer.address}/api/receipts",
            headers={**bearer, "Idempotency-Key": "journey-1"},
            data={
                "contract_id": loans[0]["contract_id"],
                "paid_on": "2026-11-20",
                "amount_minor": 1234,
                "channel": "counter",
            },
        )
        for _ in range(2)
    ]

    assert [one.status for one in sent] == [200, 200], sent[0].text()
    assert sent[0].json()["payment_id"] == sent[1].json()["payment_id"]
    page = officer.open(f"/ledger/contracts/{loans[0]['contract_id']}/statement")
    assert page.locator("main").inner_text().count("12.34") >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_supervisor_moves_a_portfolio(
    sign_in: SignIn, screen: Mapping[str, int], language: str
) -> None:
    """Many cases at once, and back again while it can be undone."""
    supervisor = sign_in("head", language=language, size=screen)
    page = open_desk(supervisor, laden_desk(supervisor.open("/board/")))
    boxes = page.locator("#move input[name=debtor]")
    before = boxes.evaluate_all("all => all.map(one => one.value)")

    page.locator("[data-all]").check()
    page.select_option("#an-to", "nobody")
    page.locator("#move .btn-primary").click()
    undo = page.locator(".an-undo button")
    expect(undo).to_be_visible()
    assert supervisor.serious_faults() == []
    expect(page.locator(f"#move input[value='{before[0]}']")).to_have_count(0)
    undo.click()

    expect(page.locator(f"#move input[value='{before[0]}']")).to_be_visible()
    assert set(boxes.evaluate_all("all => all.map(one => one.value)")) == set(before)


def test_supervisor_drags_a_case_to_a_colleague(sign_in: SignIn) -> None:
    supervisor = sign_in("head", language="en")
    page = open_desk(supervisor, laden_desk(supervisor.open("/board/")))
    case = page.locator("#move tr[draggable]").first
    debtor = case.get_attribute("data-debtor")
    empty = page.locator("[data-drop]:not([data-drop=nobody])", has_text="0 / 1").first
    taker = empty.locator("a").inner_text()

    case.drag_to(empty)

    expect(page.locator(".an-undo")).to_contain_text(taker)
    page.locator("[data-drop] a", has_text=taker).click()
    expect(page.locator(f"#move input[value='{debtor}']")).to_be_visible()


def test_auditor_can_change_nothing(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    auditor = sign_in("auditor", language="en", size=screen)
    case = first_case(auditor)

    for path in (case, "/cases/", "/promises/", "/ledger/", "/nights/", "/people/"):
        page = auditor.open(path)
        expect(page.get_by_text("Read only")).to_be_visible()
        # Evidence may be taken along; that changes nothing but the trail.
        acts = page.locator("main form[method=post]:not([data-takes]) button:visible")
        assert acts.count() == 0, path
        assert page.locator("main [data-opens]").count() == 0, path
    token = page.locator("body").get_attribute("data-csrf")
    refused = [
        *(f"{case}{act}" for act in ("note", "log", "promise", "task", "assign", "review")),
        *("/nights/run", "/board/move", "/my-day/claim", "/people/new"),
    ]
    for path in refused:
        answer = page.request.post(
            f"{auditor.address}{path}",
            form={"text": "no", "outcome": "busy"},
            headers={"X-CSRFToken": str(token), "Referer": auditor.address},
        )
        assert answer.status == 403, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_borrower_is_found_by_phone(
    sign_in: SignIn, screen: Mapping[str, int], language: str
) -> None:
    """Somebody calls back: the number is typed into the search, and the case opens."""
    head = sign_in("head", language=language, size=screen)
    case = first_case(head, "state=open&sort=overdue")
    page = head.open(case)
    page.locator(".rc-point .rc-masked button").first.click()
    page.locator(".rc-reveal .btn-primary").click()
    number = page.locator(".rc-revealed").first.inner_text()
    assert re.fullmatch(r"\+?[\d ]{11,}", number)

    page = head.open("/dashboard/")
    page.fill("#rc-q", number)
    expect(page.locator("#rc-found [role=option]").first).to_be_visible()
    assert number not in page.locator("#rc-found").inner_text(), "the number stays masked"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(re.escape(case.removeprefix("/cases/").strip("/"))))


def test_officer_hands_a_case_to_counsel(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    counsel_name = sign_in_name(sign_in, "counsel")
    officer = sign_in("officer", language="en", size=screen)
    head = sign_in("head", language="en")
    case = case_of_the_branch(officer, but=counsel_name)
    assign_to(head, case, sign_in_name(sign_in, "officer"))
    note = f"Two letters came back; please sue ({screen['width']})"

    page = officer.open(f"{case}hand-over")
    page.select_option("[name=taker]", label=f"{counsel_name} · ")
    page.fill("[name=note]", note)
    page.locator("main .btn-primary").click()
    expect(page.locator("#messages .alert")).to_be_visible()
    counsel = sign_in("counsel", language="en", size=screen)
    page = counsel.open("/my-day/")
    offer = page.locator(".rc-offer", has_text=note)
    expect(offer).to_be_visible()
    assert counsel.serious_faults() == []
    offer.locator("button[value=accept]").click()

    page.wait_for_url(f"**{case}")
    expect(page.locator(".rc-who-end")).to_contain_text(counsel_name)
    expect(page.locator("#timeline")).to_contain_text(note)


def case_of_the_branch(officer: Person, *, but: str) -> str:
    """Yield the address of a case of the officer's branch that a colleague does not have."""
    page = officer.open("/cases/?state=open")
    rows = page.locator("[data-row]", has_not_text=but)
    return str(rows.last.locator("a").first.get_attribute("href"))


def assign_to(head: Person, case: str, name: str) -> None:
    """Give a case to a colleague by the page that says why."""
    page = head.open(f"{case}assign")
    button = page.locator("tr", has_text=name).locator("button")
    if button.count():
        button.click()
        page.wait_for_url(f"**{case}")


def test_manager_drills_down_to_a_case(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    manager = sign_in("head", language="en", size=screen)
    page = manager.open("/dashboard/")
    expect(page.locator("[data-chart=places] svg")).to_be_visible()

    with page.expect_download() as downloading:
        page.locator("a[data-key=e]").click()
    assert downloading.value.suggested_filename.endswith(".xlsx")
    places = page.locator("section", has=page.locator("[data-chart=places]"))
    places.locator("summary").click()
    places.locator("tbody a").first.click()
    page.wait_for_url("**/cases/?**product=**")
    page.locator("[data-row] a").first.click()

    page.wait_for_url(re.compile(r"/cases/[^/?]+/$"))
    expect(page.locator(".rc-owed-sum").first).to_be_visible()
    assert manager.pixels_too_wide() <= 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_people_edit_one_case(sign_in: SignIn, language: str) -> None:
    """The later one is told who was first, and nothing is overwritten."""
    first, later = sign_in("supervisor", language="en"), sign_in("head", language=language)
    name = sign_in_name(sign_in, "supervisor")
    case = first_case(first)
    pages = [one.open(f"{case}assign") for one in (first, later)]
    takers = [page.locator("button[name=staff]:not([value=''])") for page in pages]

    takers[0].first.click()
    pages[0].wait_for_url(f"**{case}")
    has_it = pages[0].locator(".rc-who-end b").first.inner_text()
    takers[1].last.click()

    expect(pages[1].locator("main")).to_contain_text(name)
    assert later.serious_faults() == []
    page = later.open(case)
    expect(page.locator(".rc-who-end b").first).to_have_text(has_it)


def test_reader_changes_language_and_stays(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    head = sign_in("supervisor", language="zh", size=screen)
    page = head.open("/cases/?state=open&sort=overdue")

    page.locator("button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/cases/?state=open&sort=overdue")
    page.locator("button[name=language]").click()

    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_business_person_runs_the_night(
    sign_in: SignIn, language: str, size: Mapping[str, int]
) -> None:
    """By a button, with progress, until the desk shows what it brought."""
    admin = sign_in("admin", language=language, size=size)
    page = admin.open("/nights/run")

    page.locator("main .btn-primary").click()
    page.wait_for_url(re.compile(r"/nights/\d+/"))
    progress = page.locator("[id^=progress-]")
    expect(progress.locator("li")).not_to_have_count(0)
    assert admin.serious_faults() == []
    expect(page.locator("a[data-key=m], a[data-key=r]").first).to_be_visible(timeout=60_000)

    assert page.locator("progress").first.evaluate("one => one.value") == 100
    assert admin.pixels_too_wide() <= 0
    assert admin.serious_faults() == []
