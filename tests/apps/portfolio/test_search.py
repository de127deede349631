"""Search finds people by what staff type, within scope, and shows nothing of others."""

from collections.abc import Callable

import pytest

from recoup.apps.people.permissions import Actor, NotAllowed
from recoup.apps.portfolio.models import ContactPoint, Contract, Debtor
from recoup.apps.portfolio.queries import search

MakeDebtor = Callable[..., Debtor]


def _found(actor: Actor, text: str) -> list[str]:
    return [hit.debtor_id for hit in search(actor, text)]


@pytest.fixture
def collector(act_as: Callable[..., Actor]) -> Actor:
    return act_as("collector", team="T1")


@pytest.mark.parametrize(
    "text",
    [
        *("李小明", "小明", "李", " 李小明 ", "13812341234", "138 1234 1234", "138****1234"),
        *("****1234", "1234", "990101199001011235", "9901**********1235", "C77", "C777001", "D-77"),
        *("D-77", "13999990000"),
    ],
)
def test_a_debtor_is_found_by_what_staff_know(
    text: str, collector: Actor, make_debtor: MakeDebtor, make_contract: Callable[..., Contract]
) -> None:
    debtor = make_debtor("D-77", name="李小明", phone="13812341234", id_number="990101199001011235")
    make_contract("C77", debtor=debtor)
    make_contract("C777001", debtor=debtor)
    ContactPoint.objects.create(debtor=debtor, kind="phone", value="13999990000", source="debtor")
    make_debtor("D-88", name="周敏", phone="13700000000", id_number="990101199001019999")

    assert _found(collector, text) == ["D-77"]


@pytest.mark.parametrize(
    "text", ["", "  ", "*", "龘龘", "00000000000", "%", "_", "' OR 1=1 --", "\x00"]
)
def test_what_is_like_nobody_finds_nobody(
    text: str, collector: Actor, make_debtor: MakeDebtor
) -> None:
    make_debtor("D-77", name="李小明")

    assert _found(collector, text) == []


def test_the_very_name_comes_before_names_that_contain_it(
    collector: Actor, make_debtor: MakeDebtor
) -> None:
    make_debtor("D1", name="欧阳小明", worst_dpd=300)
    make_debtor("D2", name="小明明", worst_dpd=2)
    make_debtor("D3", name="小明", worst_dpd=1)

    assert _found(collector, "小明") == ["D3", "D2", "D1"]


def test_a_firm_is_found_by_the_middle_of_its_name_and_without_regard_to_case(
    collector: Actor, make_debtor: MakeDebtor
) -> None:
    make_debtor("D1", name="恒达ABC商贸有限公司", kind="non_retail")

    assert _found(collector, "abc商贸") == ["D1"]
    assert _found(collector, "ＡＢＣ") == ["D1"]


def test_a_common_part_of_names_still_finds_the_one_that_has_all_of_the_text(
    collector: Actor, make_debtor: MakeDebtor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recoup.apps.portfolio.queries.searching.MOST_COMPARED", 2)
    for number in range(5):
        make_debtor(f"D{number}", name=f"恒达{number}商贸有限公司")

    assert _found(collector, "达3商贸") == ["D3"]
    assert _found(collector, "有限公司") == ["D0", "D1"], "the first of too many"


def test_nobody_out_of_scope_is_found(collector: Actor, make_debtor: MakeDebtor) -> None:
    make_debtor("D1", name="李小明", team="T2", branch="B9", phone="13812341234")

    for text in ("李小明", "13812341234", "138****1234", "D1", "1234"):
        assert _found(collector, text) == []


def test_a_debtor_with_whom_there_is_a_conflict_of_interest_is_not_found(
    make_staff: Callable[..., object], make_debtor: MakeDebtor
) -> None:
    actor = Actor(
        staff_id=1,
        name="a",
        teams=frozenset({"T1"}),
        duties=frozenset({"view portfolio"}),
        conflicts=frozenset({"D1"}),
    )
    make_debtor("D1", name="李小明")

    assert _found(actor, "李小明") == []


def test_search_needs_the_duty_to_see_debtors(act_as: Callable[..., Actor]) -> None:
    administrator = act_as("administrator", scope=("bank", ""))

    with pytest.raises(NotAllowed):
        search(administrator, "李")
