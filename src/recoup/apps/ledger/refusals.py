"""What the ledger refuses, in sentences that help."""

from datetime import date

from recoup.kernel.explain import Words
from recoup.kernel.money import text_from_minor
from recoup.kernel.refusal import Refused


class KeyTaken(Refused):
    """The key of the act was used before for another content."""

    def __init__(self, *, payment_id: str) -> None:
        super().__init__(
            zh=f"这个幂等键已经用于另一笔还款（{payment_id}），内容不同；请换一个新的键再登记。",
            en=f"This idempotency key was used for another receipt ({payment_id}) with other "
            "content; post this one under a new key.",
            rule="ledger:idempotency",
        )
        self.payment_id = payment_id


class NumberTaken(Refused):
    """There is a receipt of that number already."""

    def __init__(self, *, payment_id: str, in_book: bool) -> None:
        super().__init__(
            zh=f"流水“{payment_id}”已在{'账册' if in_book else '当日登记'}中，没有重复登记。",
            en=f"The receipt '{payment_id}' is in the {'book' if in_book else 'ledger'} already; "
            "it was not posted a second time.",
            rule="ledger:once",
        )


class BadReceipt(Refused):
    """A receipt has a value that cannot be right."""

    @classmethod
    def not_positive(cls) -> "BadReceipt":
        """Yield the refusal of an amount of nothing or less."""
        return cls(
            zh="还款金额必须大于零；要取消一笔还款，请用冲正。",
            en="The amount of a receipt must be above zero; to take a receipt back, reverse it.",
        )

    @classmethod
    def too_large(cls, *, currency: str) -> "BadReceipt":
        """Yield the refusal of an amount that the book could not hold."""
        return cls(
            zh=f"金额超出账册能记的范围（{currency}），请核对位数。",
            en=f"The amount is larger than the book can hold ({currency}); check the digits.",
        )

    @classmethod
    def in_future(cls, *, paid_on: date, on: date) -> "BadReceipt":
        """Yield the refusal of a day that has not come."""
        return cls(
            zh=f"到账日 {paid_on} 还没有到（今天 {on}）；请在到账以后登记。",
            en=f"The day of payment {paid_on} has not come yet (today is {on}); post the receipt "
            "once the money is there.",
        )

    @classmethod
    def before_start(cls, *, paid_on: date, start_on: date) -> "BadReceipt":
        """Yield the refusal of a day before the contract began."""
        return cls(
            zh=f"到账日 {paid_on} 早于合同起始日 {start_on}，请核对日期或合同号。",
            en=f"The day of payment {paid_on} lies before the contract's start on {start_on}; "
            "check the day or the contract.",
        )

    @classmethod
    def unknown_channel(cls, *, channel: str, known: tuple[str, ...]) -> "BadReceipt":
        """Yield the refusal of a channel nobody knows."""
        listed = ", ".join(known)
        return cls(
            zh=f"没有“{channel}”这种还款方式；可选：{listed}。",
            en=f"There is no way to pay called '{channel}'; choose one of {listed}.",
        )

    @classmethod
    def too_long(cls, *, field: str, most: int) -> "BadReceipt":
        """Yield the refusal of a text that is empty or too long."""
        return cls(
            zh=f"“{field}”不能为空，也不能超过 {most} 个字符。",
            en=f"'{field}' must not be empty, and not longer than {most} characters.",
        )

    @classmethod
    def gone(cls, *, contract_id: str, gone_on: date) -> "BadReceipt":
        """Yield the refusal of a contract that left the book."""
        return cls(
            zh=f"合同“{contract_id}”自 {gone_on} 起不在账册中，不能登记还款；请联系账务部门。",
            en=f"The contract '{contract_id}' has not been in the book since {gone_on}; nothing "
            "can be posted to it. Ask the accounting department.",
        )


class CannotReverse(Refused):
    """A receipt cannot be taken back."""

    #: The reason that stands in the form when a person takes an own slip back.
    SLIP = Words(zh="登记有误，立即撤回", en="a slip, taken back at once")

    @classmethod
    def is_reversal(cls, *, payment_id: str) -> "CannotReverse":
        """Yield the refusal to take a reversal back."""
        return cls(
            zh=f"“{payment_id}”本身是冲正，冲正不能再冲正；如果钱确已到账，请重新登记一笔还款。",
            en=f"'{payment_id}' is a reversal, and a reversal is not reversed; if the money did "
            "come in, post it anew.",
            rule="ledger:reversal",
        )

    @classmethod
    def done(cls, *, payment_id: str, by: str) -> "CannotReverse":
        """Yield the refusal of a second reversal."""
        return cls(
            zh=f"流水“{payment_id}”已经冲正{f'（{by}）' if by else ''}，不能再次冲正。",
            en=f"The receipt '{payment_id}' was reversed already{f' ({by})' if by else ''}.",
            rule="ledger:reversal",
        )

    @classmethod
    def waiver(cls, *, payment_id: str) -> "CannotReverse":
        """Yield the refusal to take a waiver back here."""
        return cls(
            zh=f"“{payment_id}”是减免，不是还款；请在作出减免决定的地方撤销。",
            en=f"'{payment_id}' is a waiver, not a receipt; take it back where it was decided.",
            rule="ledger:reversal",
        )

    @classmethod
    def no_reason(cls) -> "CannotReverse":
        """Yield the refusal of a reversal without a reason."""
        return cls(
            zh="请写明冲正原因，例如：记错合同、银行退票、重复登记。",
            en="Say why: the wrong contract, money returned by the bank, posted twice.",
            rule="ledger:reversal",
        )

    @classmethod
    def no_rate(cls, *, amount_minor: int, currency: str) -> "CannotReverse":
        """Yield the refusal where an amount cannot be held against a limit."""
        amount = text_from_minor(minor=amount_minor, currency=currency, grouped=True)
        return cls(
            zh=f"没有 {currency} 的汇率，无法判断 {amount} 是否超过授权额度；请先补充汇率。",
            en=f"There is no exchange rate for {currency}, so {amount} cannot be held against "
            "anybody's limit; add the rate first.",
            rule="ledger:reversal",
        )
