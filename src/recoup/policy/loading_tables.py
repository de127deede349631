"""Reads the decision tables of a pack and proves that each cell can be read on every day.

A cell may name values of its row's rule in braces. They are filled in for every version of the
rule, so that no day finds a name without a value.
"""

from collections.abc import Mapping
from types import MappingProxyType

from recoup.policy import fields
from recoup.policy.bilingual import Bilingual
from recoup.policy.cells import ValueMissing, tests_of
from recoup.policy.findings import Findings
from recoup.policy.loading import Known, read_rule_name
from recoup.policy.rules import PackTable, RuleVersion, TableRow
from recoup.policy.yaml_tree import Node
from recoup.tables.unary import ColumnType, UnreadableCell

HIT_POLICIES = ("COLLECT",)
COLUMN_TYPES: Mapping[str, ColumnType] = MappingProxyType(
    {"number": "number", "text": "text", "boolean": "boolean", "date": "date"}
)


def read_table(*, node: Node, known: Known, findings: Findings) -> PackTable:
    """Yield one decision table of the law."""
    got = fields.fields(
        node=node,
        required=("id", "hit_policy", "inputs", "rows"),
        optional=("name", "note"),
        findings=findings,
    )
    inputs = {
        column: fields.code(node=inner, known=tuple(COLUMN_TYPES), findings=findings)
        for column, inner in fields.entries(node=got.get("inputs"), findings=findings).items()
    }
    rows = tuple(
        _read_row(node=item, inputs=inputs, known=known, findings=findings)
        for item in fields.items(node=got.get("rows"), findings=findings)
    )
    return PackTable(
        id=fields.text(node=got.get("id"), findings=findings),
        name=fields.bilingual_or_none(node=got.get("name"), findings=findings),
        hit_policy=fields.code(node=got.get("hit_policy"), known=HIT_POLICIES, findings=findings),
        inputs=MappingProxyType(inputs),
        rows=rows,
        place=node.place,
    )


def _read_row(
    *, node: Node, inputs: Mapping[str, str], known: Known, findings: Findings
) -> TableRow:
    got = fields.fields(
        node=node,
        required=("rule", "limb", "when", "then"),
        optional=("applies", "needs_column", "note"),
        findings=findings,
    )
    rule_id = read_rule_name(node=got.get("rule"), known=known, findings=findings)
    rule = known.rules.get(rule_id)
    versions = rule.versions if rule is not None else ()
    cells = {}
    for part in ("applies", "when"):
        named = fields.entries(node=got.get(part), findings=findings)
        cells[part] = {
            column: _read_cell(
                column=column, node=inner, inputs=inputs, versions=versions, findings=findings
            )
            for column, inner in named.items()
        }
    return TableRow(
        rule=rule_id,
        limb=fields.text(node=got.get("limb"), findings=findings),
        applies=MappingProxyType(cells["applies"]),
        when=MappingProxyType(cells["when"]),
        then=fields.text(node=got.get("then"), findings=findings),
        needs_column=fields.text_or_none(node=got.get("needs_column"), findings=findings),
        note=fields.label_or_none(node=got.get("note"), findings=findings),
        place=node.place,
    )


def _read_cell(
    *,
    column: str,
    node: Node,
    inputs: Mapping[str, str],
    versions: tuple[RuleVersion, ...],
    findings: Findings,
) -> str:
    cell = fields.text(node=node, findings=findings)
    if column not in inputs:
        findings.add("column_unknown", node.place, column=column, known=", ".join(inputs))
        return cell
    column_type = COLUMN_TYPES.get(inputs[column])
    if not cell or column_type is None:
        return cell
    for version in versions:
        try:
            tests_of(cell=cell, values=version.values, column_type=column_type)
        except ValueMissing as missing:
            findings.add(
                "value_unknown",
                node.place,
                rule=version.rule_id,
                start=version.valid_from,
                name=missing.name,
            )
        except UnreadableCell as unreadable:
            findings.add(
                "cell_unreadable",
                node.place,
                cell=unreadable.text,
                problem=Bilingual(zh=unreadable.zh, en=unreadable.en),
            )
    return cell
