"""A loan officer on the way: a visit recorded without a connection is there once, with photo."""

import re
from pathlib import Path

from playwright.sync_api import Route, expect
from tests.apps.visits.photo import jpeg
from tests.journeys.conftest import SignIn
from tests.journeys.desk import PHONE


def test_a_visit_without_connection_is_recorded_once_with_its_photograph(
    sign_in: SignIn, tmp_path: Path
) -> None:
    photo = tmp_path / "door.jpg"
    photo.write_bytes(jpeg())
    officer = sign_in("officer", size=PHONE, language="en")
    page = officer.open("/visits/")
    debtor = page.locator("[data-stop]").first.get_attribute("data-stop")
    stop = page.locator(f'[data-stop="{debtor}"]')
    if stop.get_attribute("open") is None:
        stop.locator("summary").tap()
    assert officer.serious_faults() == []
    assert officer.pixels_too_wide() == 0
    stop.get_by_role("button", name="I am at the door").click()
    # At night the gate says no; the visit is recorded all the same, with the rule against it.
    expect(stop.locator("[data-door]")).to_contain_text(re.compile("(P|Not p)ermitted now"))

    page.context.set_offline(True)
    stop.get_by_label("nobody at home").check()
    stop.get_by_label("Note").fill("rang twice")
    stop.get_by_label("Witness").fill("Li 0007")
    stop.locator("input[type=file]").set_input_files(photo)
    stop.get_by_role("button", name="Save the visit").click()
    expect(page.locator("[data-outbox-count]")).to_have_text("2")

    # The desk gets it, but its answer is lost on the way: the telephone must send it again.
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch().text())
        return route.abort()

    page.route("**/visits/record", lose)
    page.context.set_offline(False)
    page.get_by_role("button", name="Send now").click()
    expect(stop.locator("[data-said]")).to_have_text("Recorded.")
    expect(page.locator("[data-outbox]")).to_be_hidden()
    page.unroute("**/visits/record")

    assert '"again": false' in lost[0]
    officer.faults[:] = [one for one in officer.faults if "ERR_" not in one]
    page = officer.open("/visits/")
    expect(page.locator(f'[data-stop="{debtor}"]')).to_contain_text("1 photograph")
    page = officer.open(f"/cases/{debtor}/")
    visits = page.locator(".rc-entry-contact:not(.rc-from-book)", has_text="rang twice")
    expect(visits).to_have_count(1)
    expect(visits).to_contain_text("Li 0007")
    expect(page.locator("#rc-proofs .rc-line", has_text=re.compile("door.jpg"))).to_have_count(1)
