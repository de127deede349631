"""What cannot be promised or withdrawn, in sentences that help."""

from datetime import date, datetime

from recoup.kernel.money import text_from_minor
from recoup.kernel.refusal import Refused
from recoup.web.shown import instant


class BadPromise(Refused):
    """A promise has a value that cannot be right."""

    #: The rule that lets more than is owed pass when it is meant.
    ABOVE_OWED = "arrangements:above_owed"

    @classmethod
    def day_past(cls, *, due_on: date, on: date) -> "BadPromise":
        """Yield the refusal of a day that is over."""
        return cls(
            zh=f"承诺还款日 {due_on} 已经过去（今天 {on}）；请与对方约定今天或以后的日子。",
            en=f"The day promised, {due_on}, is over (today is {on}); agree on today or a later "
            "day.",
        )

    @classmethod
    def too_far(cls, *, due_on: date, last: date, days: int, strategy: str) -> "BadPromise":
        """Yield the refusal of a day beyond the strategy's horizon."""
        return cls(
            zh=f"承诺还款日 {due_on} 太远：策略规定承诺不超过 {days} 天，最晚 {last}；"
            "需要更长时间的，请改为申请分期安排。",
            en=f"The day promised, {due_on}, is too far off: the strategy lets a promise run "
            f"{days} days, until {last} at the latest; for more time, apply for an instalment "
            "arrangement.",
            rule=f"{strategy}:promise_horizon_days",
        )

    @classmethod
    def not_positive(cls) -> "BadPromise":
        """Yield the refusal of an amount of nothing or less."""
        return cls(zh="承诺金额必须大于零。", en="The amount promised must be above zero.")

    @classmethod
    def above_owed(cls, *, amount_minor: int, owed_minor: int, currency: str) -> "BadPromise":
        """Yield the refusal of more than is owed, unless it is meant."""
        amount, owed = (
            text_from_minor(minor=minor, currency=currency, grouped=True)
            for minor in (amount_minor, owed_minor)
        )
        return cls(
            zh=f"承诺金额 {amount} 多于所欠 {owed}（{currency}）；如确实如此，"
            "请勾选“多于所欠”再登记。",
            en=f"The amount promised, {amount}, is more than the {owed} {currency} owed; if it is "
            "meant, tick 'more than is owed' and record it again.",
            rule=cls.ABOVE_OWED,
        )

    @classmethod
    def unknown_code(cls, *, field: str, code: str, known: tuple[str, ...]) -> "BadPromise":
        """Yield the refusal of a code nobody knows."""
        listed = ", ".join(known)
        return cls(
            zh=f"{field} 没有“{code}”这个选项；可选：{listed}。",
            en=f"'{code}' is no {field}; choose one of {listed}.",
        )

    @classmethod
    def name_contract(cls, *, currencies: tuple[str, ...]) -> "BadPromise":
        """Yield the refusal of a promise on all contracts where they have several currencies."""
        listed = ", ".join(currencies)
        return cls(
            zh=f"该借款人的合同有多种货币（{listed}），请指明承诺的是哪一份合同。",
            en=f"The person's contracts are in several currencies ({listed}); say for which "
            "contract the promise is.",
        )

    @classmethod
    def no_contract(cls, *, debtor_id: str) -> "BadPromise":
        """Yield the refusal of a promise of somebody who owes nothing here."""
        return cls(
            zh=f"借款人“{debtor_id}”没有在册合同，无法登记承诺。",
            en=f"The debtor '{debtor_id}' has no contract in the book, so there is nothing to "
            "promise.",
        )

    @classmethod
    def recorded(cls, *, promise_id: str, at: datetime | None) -> "BadPromise":
        """Yield the refusal of the same promise a second time."""
        return cls(
            zh=f"同样的承诺已经登记（{promise_id}，{instant(at)}），没有重复登记。",
            en=f"The same promise is recorded already ({promise_id}, {instant(at)}); it was not "
            "recorded twice.",
        )

    @classmethod
    def note_too_long(cls, *, most: int) -> "BadPromise":
        """Yield the refusal of a note that does not fit."""
        return cls(zh=f"备注不能超过 {most} 个字符。", en=f"A note has at most {most} characters.")


class CannotWithdraw(Refused):
    """A promise cannot be withdrawn."""

    @classmethod
    def settled(cls, *, promise_id: str, zh: str, en: str) -> "CannotWithdraw":
        """Yield the refusal for a promise that is over."""
        return cls(
            zh=f"承诺“{promise_id}”已是“{zh}”，不能再撤回；它由还款计算得出，不由人填写。",
            en=f"The promise '{promise_id}' is {en} already and cannot be withdrawn; that is "
            "computed from receipts and typed by nobody.",
        )

    @classmethod
    def no_reason(cls) -> "CannotWithdraw":
        """Yield the refusal of a withdrawal without a reason."""
        return cls(
            zh="请写明撤回原因，例如：记错金额、对方更正了日期。",
            en="Say why: a wrong amount, another day agreed.",
        )


class Stale(Refused):
    """Somebody else changed the promise meanwhile."""

    def __init__(self, *, promise_id: str, zh: str, en: str) -> None:
        super().__init__(
            zh=f"承诺“{promise_id}”刚刚变为“{zh}”，您的修改没有保存；请刷新后再看。",
            en=f"The promise '{promise_id}' has just become {en}; your change was not saved. "
            "Reload and look again.",
        )
