"""An explanation says the same in both languages."""

import pytest

from recoup.kernel.explain import Explanation, Input, Section, Step, Words, render, same

STORY = Explanation(
    title=Words(zh="合同 C1", en="Contract C1"),
    answer=Words(zh="次级", en="substandard"),
    sections=(
        Section(
            heading=Words(zh="逐条规则", en="Rule by rule"),
            steps=(
                Step(
                    label=Words(zh="逾期超过90天", en="More than 90 days overdue"),
                    inputs=(
                        Input(name=same("dpd"), value=same("91")),
                        Input(name=Words(zh="已减值", en="credit-impaired"), value=None),
                    ),
                    result=Words(zh="成立", en="binds"),
                    rule_id="CN-CLS-05",
                    rule_version="2023-07-01",
                    source=Words(zh="《办法》第十一条", en="Measures, art. 11"),
                ),
            ),
        ),
        Section(heading=Words(zh="承诺", en="Promises"), steps=()),
    ),
)


def test_a_chinese_explanation_names_inputs_result_rule_and_source():
    text = render(explanation=STORY, language="zh")

    assert text == (
        "合同 C1\n"
        "结果：次级\n"
        "\n"
        "逐条规则\n"
        "  逾期超过90天（dpd = 91，已减值 = 不详）：成立"
        "（依据 CN-CLS-05@2023-07-01，《办法》第十一条）\n"
        "\n"
        "承诺\n"
        "  （无）\n"
    )


def test_an_english_explanation_has_the_same_lines():
    text = render(explanation=STORY, language="en")

    assert text == (
        "Contract C1\n"
        "Answer: substandard\n"
        "\n"
        "Rule by rule\n"
        "  More than 90 days overdue (dpd = 91, credit-impaired = not known): binds"
        " (by CN-CLS-05@2023-07-01, Measures, art. 11)\n"
        "\n"
        "Promises\n"
        "  (nothing)\n"
    )


def test_a_third_language_is_refused():
    with pytest.raises(ValueError, match="zh and en"):
        render(explanation=STORY, language="fr")
