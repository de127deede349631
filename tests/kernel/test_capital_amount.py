"""Amounts in 大写, as they stand on cheques and in letters."""

import pytest

from recoup.kernel.capital_amount import NotInCapitals, capital_amount
from recoup.kernel.texts.amounts import amounts_in


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (15, "壹角伍分"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (1000, "壹拾元整"),
        (107_00, "壹佰零柒元整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (1_680_32, "壹仟陆佰捌拾元叁角贰分"),
        (107_000_53, "壹拾万柒仟元伍角叁分"),
        (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
        (325_04, "叁佰贰拾伍元零肆分"),
        (100_000_00, "壹拾万元整"),
        (100_500_00, "壹拾万零伍佰元整"),
        (1_000_000_05, "壹佰万元零伍分"),
        (10_001_000_00, "壹仟万壹仟元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (100_010_000_00, "壹亿零壹万元整"),
        (1_020_000_000_000_00, "壹万零贰佰亿元整"),
        (10_000_000_000_000_00, "壹拾万亿元整"),
    ],
)
def test_an_amount_in_capitals(minor: int, said: str) -> None:
    assert capital_amount(minor=minor) == f"人民币{said}"


@pytest.mark.parametrize("minor", [*range(105, 3000, 7), 10_000_01, 20_304_050_60, 9_999_999_99])
def test_capitals_read_back_are_the_same_amount(minor: int) -> None:
    [found] = amounts_in(text=capital_amount(minor=minor), currency="CNY")

    assert found.minor == minor


@pytest.mark.parametrize(("minor", "currency"), [(-1, "CNY"), (2**63, "CNY"), (100, "USD")])
def test_what_has_no_capital_form_is_refused(minor: int, currency: str) -> None:
    with pytest.raises(NotInCapitals):
        capital_amount(minor=minor, currency=currency)
