"""Words for codes and columns that people read, in Chinese and English."""

from recoup.kernel.explain import Words

CLASS_WORDS = {
    "normal": Words(zh="正常类", en="normal"),
    "special_mention": Words(zh="关注类", en="special mention"),
    "substandard": Words(zh="次级类", en="substandard"),
    "doubtful": Words(zh="可疑类", en="doubtful"),
    "loss": Words(zh="损失类", en="loss"),
    "unknown": Words(zh="分类不明", en="class unknown"),
}

UNKNOWN_WHY = {
    "rows_refused": Words(zh="合同自身的行被拒收", en="rows of the contract were refused"),
    "old_rule_applies": Words(
        zh="过渡期内仍适用旧规则，法规包未收录旧规则",
        en="still under the rule before, which the pack does not hold",
    ),
    "pack_silent": Words(
        zh="法规包在这一天没有适用的分类规则", en="the pack has no rule of class for it that day"
    ),
    "shares_unknown": Words(
        zh="缺少汇率，无法计算债务人的不良占比",
        en="for want of an exchange rate the debtor's share cannot be computed",
    ),
}

PART_WORDS = {
    "fee": Words(zh="费用", en="fee"),
    "interest": Words(zh="利息", en="interest"),
    "principal": Words(zh="本金", en="principal"),
}

STATUS_WORDS = {
    "open": Words(zh="未到期", en="open"),
    "kept": Words(zh="已兑现", en="kept"),
    "partly_kept": Words(zh="部分兑现", en="partly kept"),
    "broken": Words(zh="跳票", en="broken"),
    "not_made": Words(zh="在营业日期之后作出", en="made after the business date"),
}

INPUT_WORDS = {
    "kind": Words(zh="债务人类别", en="kind of debtor"),
    "product": Words(zh="产品", en="product"),
    "start_on": Words(zh="起始日", en="first day"),
    "dpd": Words(zh="逾期天数", en="days past due"),
    "technical": Words(zh="认定为技术性逾期", en="judged a technical delay"),
    "use_changed": Words(zh="擅自改变用途", en="use of funds changed"),
    "credit_impaired": Words(zh="已发生信用减值", en="credit-impaired"),
    "ecl_share_ppm": Words(
        zh="预期信用损失占敞口（百万分比）", en="expected loss over exposure, ppm"
    ),
    "evades_debt": Words(zh="逃废债", en="evades the debt"),
    "bankrupt": Words(zh="破产", en="bankrupt"),
    "restructured": Words(zh="重组资产", en="restructured"),
    "in_observation": Words(zh="在观察期内", en="under observation"),
    "times_restructured": Words(zh="重组次数", en="times restructured"),
    "npl_before": Words(zh="此前为不良", en="non-performing before"),
    "upgrade_earned": Words(zh="已满足上调的还款条件", en="paid long enough to move up"),
    "npl_in_bank": Words(zh="在本行另有不良", en="non-performing claim in this bank"),
    "npl_elsewhere": Words(zh="在他行有不良", en="non-performing claim elsewhere"),
    "npl_share_same_bank_ppm": Words(
        zh="本行债权中不良占比（百万分比）", en="non-performing share in this bank, ppm"
    ),
    "overdue_90_share_all_banks_ppm": Words(
        zh="全部银行债权中逾期90天以上占比（百万分比）",
        en="share overdue more than 90 days at all banks, ppm",
    ),
    "debtor_credit_impaired": Words(
        zh="债务人在本行有减值资产", en="debtor has an impaired asset in this bank"
    ),
}

FACT_WORDS = {
    "dpd": Words(zh="逾期天数", en="days past due"),
    "dpd_prev": Words(zh="30 天前的逾期天数", en="days past due 30 days ago"),
    "max_dpd_12m": Words(zh="365 天内最大逾期天数", en="greatest days past due in 365 days"),
    "first_over_30_on": Words(zh="首次逾期超过 30 天", en="first more than 30 days past due on"),
    "first_over_90_on": Words(zh="首次逾期超过 90 天", en="first more than 90 days past due on"),
    "overdue_instalments": Words(zh="逾期期数", en="overdue instalments"),
    "overdue_principal_minor": Words(zh="逾期本金", en="overdue principal"),
    "overdue_interest_minor": Words(zh="逾期利息", en="overdue interest"),
    "overdue_fee_minor": Words(zh="逾期费用", en="overdue fee"),
    "outstanding_principal_minor": Words(zh="未还本金", en="outstanding principal"),
    "exposure_minor": Words(
        zh="敞口（未还本金 + 逾期利息 + 逾期费用）",
        en="exposure (outstanding principal + overdue interest + overdue fee)",
    ),
    "paid_ratio_3m_bp": Words(zh="90 天还款率", en="paid in 90 days over due"),
    "paid_ratio_6m_bp": Words(zh="180 天还款率", en="paid in 180 days over due"),
    "paid_ratio_12m_bp": Words(zh="365 天还款率", en="paid in 365 days over due"),
    "broken_promises_6m": Words(zh="180 天内跳票次数", en="promises broken in 180 days"),
    "contacts_7d_call": Words(zh="7 天内电话次数（按人）", en="calls in 7 days, per person"),
    "contacts_7d_sms": Words(zh="7 天内短信次数（按人）", en="text messages in 7 days, per person"),
}
