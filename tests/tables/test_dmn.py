"""Models in DMN: what is read, what the hit policies decide, what is refused and where."""

from decimal import Decimal

import pytest

from recoup.tables.dmn import ModelRefused, read_model
from recoup.tables.model import TooDeep

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    MODEL,
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]
RULES = [("> 90", '"call"'), ("> 60", '"visit"')]


def definitions(inside: str, *, namespace: str = MODEL) -> bytes:
    return f'<definitions xmlns="{namespace}" name="m">\n{inside}\n</definitions>'.encode()


def decision(inside: str, *, name: str = "d") -> str:
    return f'<decision id="{name}" name="{name}">\n{inside}\n</decision>'


def table(rules, *, policy: str = "UNIQUE", output: str = "", attributes: str = "") -> str:
    rows = "\n".join(
        f'<rule id="r{place}"><inputEntry><text><![CDATA[{cell}]]></text></inputEntry>'
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for place, (cell, result) in enumerate(rules, start=1)
    )
    return decision(
        f'<decisionTable hitPolicy="{policy}" {attributes}>\n'
        '<input><inputExpression typeRef="number"><text>dpd</text></inputExpression></input>\n'
        f"<output>{output}</output>\n{rows}\n</decisionTable>"
    )


def value_of(rules, dpd, **options):
    model = read_model(definitions(table(rules, **options)))
    return model.evaluate(decision="d", facts={"dpd": dpd})


VALUES = '<outputValues><text>"visit", "call"</text></outputValues>'
DEFAULT = '<defaultOutputEntry><text>"none"</text></defaultOutputEntry>'
POINTS = [("> 0", "5"), ("> 60", "7.5"), ("> 90", "2")]


@pytest.mark.parametrize(
    ("policy", "output", "attributes", "dpd", "wanted"),
    [
        ("UNIQUE", "", "", 70, "visit"),
        ("UNIQUE", "", "", 100, None),
        ("UNIQUE", "", "", 10, None),
        ("UNIQUE", DEFAULT, "", 10, "none"),
        ("FIRST", "", "", 100, "call"),
        ("PRIORITY", VALUES, "", 100, "visit"),
        ("ANY", "", "", 100, None),
        ("ANY", "", "", 70, "visit"),
        ("RULE ORDER", "", "", 100, ["call", "visit"]),
        ("OUTPUT ORDER", VALUES, "", 100, ["visit", "call"]),
        ("COLLECT", "", "", 100, ["call", "visit"]),
        ("COLLECT", "", 'aggregation="COUNT"', 100, 2),
        ("COLLECT", "", 'aggregation="COUNT"', 10, 0),
        ("COLLECT", "", 'aggregation="MIN"', 100, "call"),
        ("FIRST", "", "", None, None),
    ],
)
def test_each_hit_policy_decides_as_the_standard_says(policy, output, attributes, dpd, wanted):
    found = value_of(RULES, dpd, policy=policy, output=output, attributes=attributes)

    assert found == wanted


@pytest.mark.parametrize(
    ("aggregation", "wanted"), [("SUM", "14.5"), ("MIN", "2"), ("MAX", "7.5"), ("COUNT", "3")]
)
def test_collected_numbers_are_reckoned_exactly(aggregation, wanted):
    found = value_of(POINTS, 100, policy="COLLECT", attributes=f'aggregation="{aggregation}"')

    assert found == Decimal(wanted)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_dmn_1_1_to_1_5_are_read(namespace):
    model = read_model(definitions(table(RULES), namespace=namespace))

    assert model.evaluate(decision="d", facts={"dpd": 70}) == "visit"


def test_decisions_stand_on_each_other_and_on_functions():
    inside = (
        '<inputData id="i" name="monthly income"/>'
        '<businessKnowledgeModel id="b" name="half"><encapsulatedLogic>'
        '<formalParameter name="amount"/>'
        "<literalExpression><text>amount / 2</text></literalExpression>"
        "</encapsulatedLogic></businessKnowledgeModel>"
        '<decision id="d2" name="last">'
        '<informationRequirement><requiredDecision href="#d1"/></informationRequirement>'
        "<literalExpression><text>free part + 1</text></literalExpression></decision>"
        '<decision id="d1" name="free part">'
        '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>'
        "<literalExpression><text>half(monthly income)</text></literalExpression></decision>"
    )

    model = read_model(definitions(inside))

    assert model.evaluate(decision="last", facts={"monthly income": 101}) == Decimal("51.5")
    assert list(model.decisions) == ["free part", "last"]


def test_a_row_says_what_it_means_in_both_languages():
    row = (
        '<rule id="R7"><description>zh: 先打电话 | en: Call first</description>'
        "<inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
    )
    inside = table(RULES, policy="FIRST").replace("</decisionTable>", row + "</decisionTable>")

    found = read_model(definitions(inside)).tables["d"]

    assert found.row_text("R7", "zh") == "先打电话"
    assert found.row_text("R7", "en") == "Call first"
    assert found.row_text("r1", "zh") == "r1"
    assert found.decide({"dpd": 1}).rows == ("R7",)


def test_functions_that_call_each_other_without_end_are_stopped():
    inside = (
        '<businessKnowledgeModel id="b" name="f"><encapsulatedLogic>'
        '<formalParameter name="n"/><literalExpression><text>f(n + 1)</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel>"
        '<decision id="d" name="d">'
        '<knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>'
        "<literalExpression><text>f(1)</text></literalExpression></decision>"
    )

    model = read_model(definitions(inside))

    with pytest.raises(TooDeep, match="without end"):
        model.evaluate(decision="d", facts={})


BOMB = (
    b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY e "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
    b"<definitions>&e;</definitions>"
)
OUTSIDE = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>'
CIRCLE = "".join(
    f'<decision id="{one}" name="{one}"><informationRequirement>'
    f'<requiredDecision href="#{other}"/></informationRequirement>'
    "<literalExpression><text>1</text></literalExpression></decision>"
    for one, other in (("a", "b"), ("b", "c"), ("c", "a"))
)


@pytest.mark.parametrize(
    ("data", "element", "line", "sentence"),
    [
        (BOMB, "!DOCTYPE", 1, "DOCTYPE"),
        (OUTSIDE, "!DOCTYPE", 1, "DOCTYPE"),
        (b"<definitions>", "definitions", 1, "not well-formed XML"),
        (b"", "definitions", 1, "not well-formed XML"),
        (b"<html/>", "html", 1, "DMN 1.1 to 1.5"),
        (b'<definitions xmlns="urn:other"/>', "definitions", 1, "DMN 1.1 to 1.5"),
        (definitions(""), "definitions m", 1, "no decision"),
        (definitions(CIRCLE), "decision a", 2, "in a circle: a -> b -> c -> a"),
        (definitions(table([("> ", "1")])), "inputEntry", 6, "stops too early"),
        (definitions(table([("> 1", "1 +")])), "outputEntry", 6, "stops too early"),
        (definitions(table(RULES, policy="BEST")), "decisionTable", 3, 'hit policy "BEST"'),
        (
            definitions(table(RULES, policy="COLLECT", attributes='aggregation="AVG"')),
            "decisionTable",
            3,
            'aggregation "AVG"',
        ),
        (
            definitions(table(RULES).replace("<outputEntry>", "<outputEntry/><outputEntry>", 1)),
            "rule r1",
            6,
            "1 inputs and 1 outputs are needed, the row has 1 and 2",
        ),
        (definitions(table(RULES).replace("r2", "r1")), "rule r1", 7, "two rows have one id"),
        (
            definitions(
                decision(
                    '<informationRequirement><requiredInput href="#x"/></informationRequirement>'
                )
            ),
            "requiredInput",
            3,
            '"x", which the model does not hold',
        ),
        (definitions(decision("") + decision("")), "decision d", 4, '"d" is used twice'),
        (definitions("<import/>" + decision("")), "import", 2, "import others"),
    ],
)
def test_a_model_that_cannot_be_read_names_element_line_and_reason(data, element, line, sentence):
    with pytest.raises(ModelRefused) as refused:
        read_model(data)

    assert refused.value.element == element
    assert refused.value.line == line
    assert sentence in refused.value.en
    assert f"第{line}行" in refused.value.zh


def test_a_table_of_ten_thousand_rows_is_read_and_decides():
    rules = [(f"{number}", f"{number * 2}") for number in range(10_000)]

    assert value_of(rules, 9_999) == 19_998


def test_deep_brackets_are_refused_not_fatal():
    deep = "(" * 20_000 + "1" + ")" * 20_000

    with pytest.raises(ModelRefused):
        read_model(definitions(table([("-", deep)])))
