"""Words for the codes of this room, in Chinese and English."""

from recoup.web.words import Word

WORDS = {
    "paid_by": {
        "transfer": Word("银行转账", "bank transfer"),
        "deduction": Word("账户扣款", "deducted from the account"),
        "counter": Word("柜面缴款", "over the counter"),
        "card": Word("刷卡", "by card"),
        "wallet": Word("扫码 / 电子钱包", "code or e-wallet"),
        "court": Word("法院执行款", "through the court"),
        "other": Word("其他", "otherwise"),
    },
    "entry": {
        "receipt": Word("还款", "receipt"),
        "reversal": Word("冲正", "reversal"),
    },
    "part": {
        "fee": Word("费用", "fee"),
        "interest": Word("利息", "interest"),
        "principal": Word("本金", "principal"),
    },
    "product": {
        "credit_card": Word("信用卡", "credit card"),
        "consumer_loan": Word("消费贷款", "consumer loan"),
        "internet_loan": Word("互联网贷款", "internet loan"),
        "mortgage": Word("住房按揭贷款", "mortgage"),
        "working_capital": Word("流动资金贷款", "working capital loan"),
    },
    "act": {
        "post_receipt": Word("登记还款", "post a receipt"),
        "reverse_receipt": Word("冲正还款", "reverse a receipt"),
    },
    "record": {"posting": Word("账务登记", "posting")},
    "export": {"statement": Word("对账单", "statement of account")},
    "field": {
        "paid_on": Word("到账日", "paid on"),
        "payment_id": Word("流水号", "receipt number"),
        "reverses": Word("被冲正流水", "takes back"),
        "approval_id": Word("复核单", "approval"),
        "checker_id": Word("复核人", "checker"),
        "contract_id": Word("合同", "contract"),
        "amount_minor": Word("金额", "amount"),
        "currency": Word("货币", "currency"),
        "channel": Word("方式", "channel"),
        "kind": Word("类型", "kind"),
    },
}
