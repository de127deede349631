"""The codes of this room's texts that staff choose from and fill in, in both languages."""

from collections.abc import Mapping

from recoup.web.words import Word

#: What a text is for.
TEXTS: Mapping[str, Word] = {
    "pre_due_reminder": Word("到期前提醒", "reminder before the day"),
    "soft_message": Word("逾期提示", "arrears, kindly told"),
    "missed_call": Word("未接来电说明", "we tried to call"),
    "promise_confirmation": Word("承诺确认", "promise confirmed"),
    "broken_promise": Word("承诺未兑现", "promise not kept"),
    "hardship_offer": Word("困难纾解", "help in hardship"),
    "demand_letter": Word("催收函", "demand letter"),
    "agency_notice": Word("委托通知", "notice of placement"),
    "settlement_confirmation": Word("和解确认", "settlement confirmed"),
    "complaint_receipt": Word("投诉受理", "complaint received"),
    "complaint_answer": Word("投诉答复", "answer to a complaint"),
    "statement_cover": Word("对账单附函", "letter with a statement"),
    "restore_contact": Word("请转告", "please pass on"),
}

#: What a text names, as its writer fills it in where the desk does not know it.
PLACEHOLDERS: Mapping[str, Word] = {
    "bank": Word("本行名称", "the bank's name"),
    "bank_phone": Word("本行电话", "the bank's telephone"),
    "bank_address": Word("本行地址", "the bank's address"),
    "complaint_phone": Word("投诉电话", "telephone for complaints"),
    "agent": Word("经办人", "who writes"),
    "employee_number": Word("工号", "staff number"),
    "debtor": Word("借款人姓名", "the person's name"),
    "contact_of": Word("要找的人", "who is to be reached"),
    "product": Word("产品", "product"),
    "contracts": Word("合同编号", "contracts"),
    "file_number": Word("文号", "file number"),
    "pay_account": Word("收款账户", "account to pay to"),
    "pay_ways": Word("还款方式", "ways to pay"),
    "agency": Word("受托机构", "the agency"),
    "agency_phone": Word("受托机构电话", "the agency's telephone"),
    "complaint_number": Word("投诉编号", "number of the complaint"),
    "handler": Word("办理人", "who handles it"),
    "findings_made": Word("核查结果", "what was found"),
    "redress": Word("处理结果", "what is done about it"),
    "overdue": Word("逾期金额", "overdue amount"),
    "instalment": Word("本期应还", "instalment"),
    "outstanding": Word("全部余额", "whole balance"),
    "principal": Word("本金", "principal"),
    "interest": Word("利息", "interest"),
    "penalty": Word("罚息", "penalty interest"),
    "fee": Word("费用", "fees"),
    "promised": Word("承诺金额", "amount promised"),
    "received": Word("已收金额", "amount received"),
    "settlement": Word("和解金额", "settlement amount"),
    "waived": Word("减免金额", "amount waived"),
    "as_of": Word("截至日期", "as of"),
    "due_on": Word("还款日", "due day"),
    "pay_by": Word("请于此日前还款", "pay by"),
    "promised_on": Word("承诺日期", "day of the promise"),
    "called_on": Word("拨打日期", "day of the call"),
    "placed_on": Word("委托日期", "placed on"),
    "offer_until": Word("方案有效至", "offer until"),
    "settled_on": Word("结清日期", "settled on"),
    "complained_on": Word("投诉日期", "day of the complaint"),
    "answer_by": Word("最迟答复日", "answer by"),
    "dpd": Word("逾期天数", "days past due"),
    "terms": Word("最多期数", "most instalments"),
}
