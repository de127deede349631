"""Reads and previews experiments over results of nights and a book; says it in zh and en."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from recoup.engine.again import rules_of_result
from recoup.engine.backends.duck import Duck
from recoup.engine.book.take_in import take_in
from recoup.engine.promising import Tolerance
from recoup.engine.refusal import NightRefused
from recoup.kernel.money import exponent
from recoup.policy.experiment_parts import YES_OR_NO, Plan
from recoup.policy.pack import Pack
from recoup.site.strategies import strategy_to_look_at
from recoup.trials.assignments import Assignments, read_assignments, read_nights
from recoup.trials.estimating import FEWEST_PERSONS
from recoup.trials.off_policy import Estimate, Preview, preview
from recoup.trials.outcomes import BookKnown, Outcomes, outcomes_of
from recoup.trials.previewing import logged
from recoup.trials.reading import Compared, Reading, Span, read

OUTCOME_WORDS = {
    "paid": ("人均还款", "paid per person"),
    "cured": ("治愈（无逾期）的人", "people cured (nothing overdue)"),
    "promises_kept": ("兑现过承诺的人", "people who kept a promise"),
    "contacts": ("人均联系次数", "contacts per person"),
    "complaints": ("投诉的人", "people who complained"),
}
LEFT_OUT_WORDS = {
    "window_not_ended": ("观察期未结束", "window not ended"),
    "moved": ("观察期内因份额增加而换组", "moved when a share grew"),
    "outcome_unknown": ("结果不详", "outcome unknown"),
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of an experiment; None takes what was planned, or the last night's date."""

    experiment: str
    results: tuple[Path, ...]
    book: Path
    outcome: str | None = None
    days: int | None = None
    known_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The people, what became of them, by which outcome and window; the law of the last night."""

    pack: Pack
    assignments: Assignments
    outcomes: Outcomes
    outcome: str
    days: int
    known_until: date


def read_experiment(asked: Asked) -> Reading:
    """Yield the reading of an experiment. Errors: NightRefused."""
    with _found(asked) as found:
        return read(
            assignments=found.assignments,
            outcomes=found.outcomes,
            outcome=found.outcome,
            days=found.days,
            known_until=found.known_until,
        )


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """A preview, and of what."""

    experiment: str
    strategy: str
    outcome: str
    days: int
    currency: str
    least: int
    preview: Preview
    #: What stands against the strategy and keeps it from being run in earnest.
    tolerated: tuple[str, ...]


def preview_strategy(asked: Asked, *, name: str, strategies: Path | None, least: int) -> Previewed:
    """Yield what a strategy would have brought with these people.

    Shape: the strategy is read to be looked at, under the law that the last night kept.
    Errors: NightRefused; WrongCall and StrategyRefused, where it is not there or cannot be read.
    """
    with _found(asked) as found:
        proposed = strategy_to_look_at(name, strategies, found.pack)
        log, _ = logged(assignments=found.assignments, outcomes=found.outcomes, proposed=proposed)
        return Previewed(
            experiment=asked.experiment,
            strategy=f"{proposed.id} {proposed.version}",
            outcome=found.outcome,
            days=found.days,
            currency=found.assignments.nights[-1].currency,
            least=least,
            preview=preview(log, least=least),
            tolerated=tuple(str(one) for one in proposed.tolerated),
        )


@contextmanager
def _found(asked: Asked) -> Iterator[_Found]:
    nights = read_nights(asked.results)
    rules = rules_of_result(nights[-1].folder)
    until = asked.known_until or nights[-1].as_of
    with tempfile.TemporaryDirectory(prefix="recoup-experiment-") as scratch:
        folder = Path(scratch)
        with Duck(scratch=folder) as duck:
            assignments = read_assignments(nights=nights, experiment=asked.experiment, duck=duck)
            plan = assignments.experiment.plan
            outcome, days = asked.outcome or plan.outcome, asked.days or plan.days
            take_in(
                folder=asked.book,
                into=folder / "intake",
                as_of=until,
                pack_currency=rules.pack.base_currency,
                time_zone=rules.pack.time_zone,
                go_on=True,
            )
            forgiven = rules.strategy.promise_tolerance
            outcomes = outcomes_of(
                assignments=assignments,
                outcome=outcome,
                days=days,
                book=BookKnown(
                    folder=folder / "intake" / "book",
                    currency=rules.pack.base_currency,
                    known_until=until,
                    tolerance=Tolerance(days=forgiven.days, ppm=forgiven.ppm),
                ),
                duck=duck,
            )
            yield _Found(
                pack=rules.pack,
                assignments=assignments,
                outcomes=outcomes,
                outcome=outcome,
                days=days,
                known_until=until,
            )


@dataclass(frozen=True)
class _Shown:
    """Writes figures of one outcome: shares in percent, money in major units, else numbers.

    Differences (``signed``) of shares are in percentage points, pp.
    """

    outcome: str
    currency: str

    def __call__(self, value: float | None, *, signed: bool = False) -> str:
        if value is None:
            return "-"
        sign = "+" if signed else ""
        if self.outcome in YES_OR_NO:
            return f"{value * 100:{sign}.2f} {'pp' if signed else '%'}"
        if self.outcome == "paid":
            digits = exponent(self.currency)
            return f"{value / 10**digits:{sign},.{digits}f}"
        return f"{value:{sign}.3f}"

    def span(self, found: Span) -> str:
        return f"[{self(found.low, signed=True)}, {self(found.high, signed=True)}]"


def reading_lines(found: Reading) -> Iterator[str]:
    """Yield what is printed of a reading, in Chinese and English."""
    shown = _Shown(found.outcome, found.currency)
    zh, en = OUTCOME_WORDS[found.outcome]
    until = found.known_until
    yield f"实验 experiment {found.experiment}: {zh} {en}, {found.days} 天 days, {until}"
    yield from _coverage(found)
    yield "组别 arm: 分入 assigned / 计入 counted / 均值 mean"
    for arm in found.arms:
        yield (f"  {arm.name:<24}{arm.assigned:>9,} / {arm.counted:>9,} / {shown(arm.mean):>14}")
    for name, count in found.left_out.items():
        if count:
            zh, en = LEFT_OUT_WORDS[name]
            yield f"未计入 left out, {zh} {en}: {count:,}"
    yield from _ratio_lines(found)
    yield from _plan_lines(found)
    for one in found.compared:
        yield from _compared_lines(one, shown, found.plan)


def _coverage(found: Reading) -> Iterator[str]:
    if found.nights_missing:
        yield (
            f"警告：{found.nights} 个营业日之间缺 {found.nights_missing} 天的结果；"
            "其间的分组与治愈看不到。"
        )
        yield (
            f"Warning: {found.nights_missing} dates between the {found.nights} nights have no "
            "result; what was assigned or cured on them is not seen."
        )


def _ratio_lines(found: Reading) -> Iterator[str]:
    ratio = found.ratio
    yield f"样本比例检验 sample ratio: chi2 = {ratio.statistic:.2f}, p = {ratio.p:.4f}"
    if ratio.is_mismatched:
        told = ", ".join(
            f"{arm} {ratio.found[arm]:,} / {expected:,.1f}"
            for arm, expected in ratio.expected.items()
        )
        yield f"警告：各组人数（实际/应有：{told}）与份额不符；查明原因之前不要相信任何差异。"
        yield (
            f"Warning: the arms (found / expected: {told}) are not what the shares say; believe "
            "no difference before the reason is known."
        )


def _plan_lines(found: Reading) -> Iterator[str]:
    plan = found.plan
    zh, en = OUTCOME_WORDS[plan.outcome]
    yield (
        f"计划 plan: {zh} {en}, {plan.days} 天 days, 每组 persons per arm {plan.persons:,}, "
        f"检出力 power {plan.power_ppm / 10_000:g} %, alpha {plan.alpha_ppm / 10_000:g} %"
    )
    if not found.is_as_planned:
        yield "所看的结果或观察期不在计划之内：只给出始终有效的区间。"
        yield "This outcome or window was not planned: only the always-valid interval is shown."


def _compared_lines(one: Compared, shown: _Shown, plan: Plan) -> Iterator[str]:
    yield f"{one.arm} - {one.against} (alpha {one.alpha * 100:.3g} %):"
    if one.estimate is None or one.always_valid is None or one.p is None:
        yield f"  人数不足或结果全同（每组至少 {FEWEST_PERSONS} 人），不作判断。"
        yield (
            f"  Too few people, or all fared alike (at least {FEWEST_PERSONS} in each arm): "
            "nothing is said."
        )
        return
    yield (
        f"  差异 difference {shown(one.estimate, signed=True)}, 始终有效 always valid "
        f"{shown.span(one.always_valid)}, p = {one.p:.4f}{_clear(one.always_valid)}"
    )
    if not one.planned:
        return
    if one.fixed is not None:
        yield (
            f"  固定期限 fixed horizon (至 up to {one.fixed_on}): "
            f"{shown(one.fixed_estimate, signed=True)} {shown.span(one.fixed)}{_clear(one.fixed)}"
        )
        return
    yield (
        f"  未达到计划人数（每组 {plan.persons:,} 人）：不显示固定期限的 z 检验，提前看会虚报差异。"
    )
    yield (
        f"  The planned size ({plan.persons:,} in each arm) is not reached: the z test of a fixed "
        "horizon is not shown, as a peek would raise false alarms."
    )


def _clear(span: Span) -> str:
    return "，差异明确 clear" if span.is_clear else "，尚无定论 open"


def preview_lines(found: Previewed) -> Iterator[str]:
    """Yield what is printed of a preview, in Chinese and English."""
    shown, seen = _Shown(found.outcome, found.currency), found.preview
    zh, en = OUTCOME_WORDS[found.outcome]
    yield (f"{found.strategy}  实验 experiment {found.experiment}: {zh} {en}, {found.days} 天 days")
    yield f"人数 persons {seen.persons:,}, 处置相同 treated alike {seen.matched:,}"
    yield f"有效样本量 effective sample size {seen.effective:,.1f}"
    if seen.unsupported:
        yield (
            f"没有任何一组会如此处置、无从预估的人 people whom no arm would treat so: "
            f"{seen.unsupported:,}"
        )
    yield f"实际 as it was           {_told(shown, seen.logged)}"
    if seen.snips is None or seen.doubly_robust is None:
        yield from _preview_refused(found)
        return
    yield f"SNIPS                    {_told(shown, seen.snips)}"
    yield f"双重稳健 doubly robust   {_told(shown, seen.doubly_robust)}"


def _told(shown: _Shown, found: Estimate) -> str:
    return f"{shown(found.value)}  95 % [{shown(found.low)}, {shown(found.high)}]"


def _preview_refused(found: Previewed) -> Iterator[str]:
    seen = found.preview
    if seen.refused == "unsupported":
        yield "拒绝预估：超过一成的人没有任何一组会如此处置，记录中看不到这种处置的效果。"
        yield (
            "Refused: no arm would have treated more than one in ten as the new strategy does; "
            "the log does not show what that brings."
        )
        return
    yield f"拒绝预估：有效样本量 {seen.effective:,.1f} 小于 {found.least:,}。"
    yield f"Refused: the effective sample size of {seen.effective:,.1f} is below {found.least:,}."


def results_of(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Yield folders of results that are there. Errors: NightRefused."""
    for folder in folders:
        if not folder.is_dir():
            raise NightRefused(zh=f"没有文件夹 {folder}。", en=f"There is no folder {folder}.")
    return tuple(folders)
