"""Reads experiments.yaml: champion and challengers, hold-out, plan; and the tables they name."""

import re
from collections.abc import Mapping
from itertools import pairwise

from recoup.policy import fields
from recoup.policy.experiment_parts import (
    CHAMPION,
    HOLD_OUT,
    NO_EXPERIMENT,
    OUTCOMES,
    YES_OR_NO,
    Challenger,
    Experiment,
    Experiments,
    HoldOut,
    Plan,
    Share,
)
from recoup.policy.findings import Findings, Place
from recoup.policy.strategy_loading import NO_DAY
from recoup.policy.strategy_parts import PPM
from recoup.policy.strategy_tables import compared_with
from recoup.policy.yaml_tree import Branch, Node
from recoup.tables.feel import evaluate
from recoup.tables.table import DecisionTable

FILE = "experiments.yaml"
ELIGIBILITY = "eligibility"
#: Names go into ids, file names and SQL as they stand.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_TABLE = re.compile(r"treatment_[a-z0-9_]{1,40}")


def read_experiments(*, node: Node, findings: Findings) -> Experiments:
    """Yield what experiments.yaml says."""
    got = fields.fields(
        node=node, required=("experiments",), optional=("hold_out", "note"), findings=findings
    )
    fields.label_or_none(node=got.get("note"), findings=findings)
    held = None if fields.is_null(got.get("hold_out")) else _hold_out(got["hold_out"], findings)
    found = []
    names = [HOLD_OUT] if held is None else [HOLD_OUT, held.id]
    for one in fields.items(node=got.get("experiments"), findings=findings):
        experiment = _experiment(one, findings)
        if experiment.id in (*names, NO_EXPERIMENT):
            findings.add("name_twice", one.place, name=experiment.id)
        names.append(experiment.id)
        found.append(experiment)
    return Experiments(hold_out=held, experiments=tuple(found))


def _hold_out(node: Node, findings: Findings) -> HoldOut:
    got = fields.fields(
        node=node, required=("id", "share_ppm"), optional=("treatment",), findings=findings
    )
    return HoldOut(
        id=_name(got.get("id"), findings),
        ppm=_ppm(got.get("share_ppm"), "share_ppm", findings),
        treatment=_table(got.get("treatment"), findings),
    )


def _experiment(node: Node, findings: Findings) -> Experiment:
    got = fields.fields(
        node=node,
        required=("id", "name", "from", "challengers", "plan"),
        optional=("until", "note"),
        findings=findings,
    )
    fields.label_or_none(node=got.get("note"), findings=findings)
    challengers = tuple(
        _challenger(one, findings)
        for one in fields.items(node=got.get("challengers"), findings=findings)
    )
    if isinstance(node, Branch) and "challengers" in got and not challengers:
        findings.add("no_challenger", got["challengers"].place)
    names = [CHAMPION, HOLD_OUT, *(one.name for one in challengers)]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        findings.add("name_twice", node.place, name=name)
    total = sum(one.shares[-1].ppm for one in challengers if one.shares)
    if total > PPM:
        findings.add("shares_over_one", got["challengers"].place, total=total)
    return Experiment(
        id=_name(got.get("id"), findings),
        name=fields.bilingual(node=got.get("name"), findings=findings),
        from_on=fields.day(node=got.get("from"), findings=findings) or NO_DAY,
        until_on=fields.day_or_none(node=got.get("until"), findings=findings),
        challengers=challengers,
        plan=_plan(got.get("plan"), findings),
    )


def _challenger(node: Node, findings: Findings) -> Challenger:
    got = fields.fields(
        node=node, required=("name", "shares"), optional=("treatment",), findings=findings
    )
    shares = []
    for one in fields.items(node=got.get("shares"), findings=findings):
        share = fields.fields(node=one, required=("from", "share_ppm"), findings=findings)
        shares.append(
            Share(
                from_on=fields.day(node=share.get("from"), findings=findings) or NO_DAY,
                ppm=_ppm(share.get("share_ppm"), "share_ppm", findings),
            )
        )
    if "shares" in got and not shares:
        findings.add("key_missing", got["shares"].place, key="share_ppm")
    for earlier, later in pairwise(shares):
        if later.from_on <= earlier.from_on:
            findings.add("share_not_later", got["shares"].place, on=later.from_on)
        if later.ppm < earlier.ppm:
            findings.add("share_shrinks", got["shares"].place, before=earlier.ppm, after=later.ppm)
    return Challenger(
        name=_name(got.get("name"), findings),
        shares=tuple(shares),
        treatment=_table(got.get("treatment"), findings),
    )


def _plan(node: Node | None, findings: Findings) -> Plan:
    got: Mapping[str, Node] = {}
    if node is not None:
        got = fields.fields(
            node=node,
            required=("outcome", "days", "baseline", "effect", "persons"),
            optional=("deviation", "power_ppm", "alpha_ppm"),
            findings=findings,
        )
    outcome = fields.code(node=got.get("outcome"), known=OUTCOMES, findings=findings)
    numbers = {
        name: fields.whole(node=got.get(name), findings=findings) for name in ("baseline", "effect")
    }
    deviation = _positive(got.get("deviation"), "deviation", findings)
    plan = Plan(
        outcome=outcome,
        days=_positive(got.get("days"), "days", findings),
        deviation=deviation,
        power_ppm=_ppm(got.get("power_ppm"), "power_ppm", findings, usual=800_000),
        alpha_ppm=_ppm(got.get("alpha_ppm"), "alpha_ppm", findings, usual=50_000),
        persons=_positive(got.get("persons"), "persons", findings),
        **numbers,
    )
    if node is not None and _can_be_reckoned(plan, node, findings):
        needed = plan.persons_needed
        if plan.persons < needed:
            findings.add("plan_too_small", node.place, persons=plan.persons, needed=needed)
    return plan


def _can_be_reckoned(plan: Plan, node: Node, findings: Findings) -> bool:
    """Note what keeps the size of a plan from being reckoned."""
    if plan.outcome not in OUTCOMES or not plan.persons:
        return False
    inside = (
        0 < plan.baseline < PPM and 0 < plan.baseline + plan.effect < PPM
        if plan.outcome in YES_OR_NO
        else plan.deviation > 0
    )
    sound = plan.effect != 0 and 0 < plan.power_ppm < PPM and 0 < plan.alpha_ppm < PPM
    if not (inside and sound):
        findings.add("plan_not_reckonable", node.place, outcome=plan.outcome)
    return inside and sound


def check_enrolment(
    *, experiments: Experiments, tables: Mapping[str, DecisionTable], findings: Findings
) -> None:
    """Note where tables name an experiment or an arm that experiments.yaml does not have."""
    known = {
        "experiment": tuple(one.id for one in experiments.experiments),
        "arm": tuple(
            dict.fromkeys(
                (CHAMPION, HOLD_OUT, *(arm for one in experiments.experiments for arm in one.arms))
            )
        ),
    }
    for table in tables.values():
        for column, names in known.items():
            for row, value in compared_with(table, column):
                if value not in names:
                    findings.add(
                        "arm_unknown",
                        Place(file=f"{table.name}.dmn", line=max(row.line, 1), path=row.row_id),
                        name=table.name,
                        row=row.row_id,
                        column=column,
                        value=value,
                        known=", ".join(names) or "-",
                    )
    _check_eligibility(experiments, tables.get(ELIGIBILITY), findings)


def _check_eligibility(
    experiments: Experiments, table: DecisionTable | None, findings: Findings
) -> None:
    if table is None:
        if experiments.experiments:
            place = Place(file=f"{ELIGIBILITY}.dmn", line=1, path="")
            findings.add("strategy_file_missing", place, name=f"{ELIGIBILITY}.dmn")
        return
    known = (*(one.id for one in experiments.experiments), NO_EXPERIMENT)
    for row in table.rows:
        value = evaluate(row.outputs[0].expression, {})
        if value not in known:
            place = Place(file=f"{ELIGIBILITY}.dmn", line=max(row.line, 1), path=row.row_id)
            findings.add(
                "experiment_unknown",
                place,
                row=row.row_id,
                value=row.outputs[0].text,
                known=", ".join(known),
            )


def _name(node: Node | None, findings: Findings) -> str:
    found = fields.text(node=node, findings=findings)
    if node is not None and found and not _NAME.fullmatch(found):
        findings.add("bad_experiment_name", node.place, text=found)
    return found


def _table(node: Node | None, findings: Findings) -> str | None:
    if node is None or fields.is_null(node):
        return None
    found = fields.text(node=node, findings=findings)
    if found and not _TABLE.fullmatch(found):
        findings.add("bad_variant_table", node.place, text=found)
        return None
    return found


def _ppm(node: Node | None, key: str, findings: Findings, *, usual: int = 0) -> int:
    if node is None:
        return usual
    number = fields.whole(node=node, findings=findings)
    if not 0 <= number <= PPM:
        findings.add("share_out_of_range", node.place, key=key, number=number)
    return number


def _positive(node: Node | None, key: str, findings: Findings) -> int:
    if node is None:
        return 0
    number = fields.whole(node=node, findings=findings)
    if number < 1:
        findings.add("not_positive", node.place, key=key, number=number)
    return number
