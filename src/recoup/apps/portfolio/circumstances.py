"""The codes of this room that staff choose from, in both languages."""

from collections.abc import Mapping

from recoup.web.words import Word

#: What may happen in a life and matter to a plan; any of them may be the cause of arrears.
CIRCUMSTANCES: Mapping[str, Word] = {
    "illness": Word("本人患病", "illness"),
    "illness_in_family": Word("家人患病", "illness in the family"),
    "accident": Word("意外受伤", "accident"),
    "disability": Word("残疾", "disability"),
    "unemployment": Word("失业", "unemployment"),
    "income_reduced": Word("收入下降", "income reduced"),
    "wages_unpaid": Word("工资被拖欠", "wages unpaid"),
    "business_failure": Word("经营失败", "business failed"),
    "business_slow": Word("经营困难", "business slow"),
    "customers_unpaid": Word("货款未收回", "customers have not paid"),
    "disaster": Word("自然灾害", "natural disaster"),
    "crop_failure": Word("农作物歉收", "crop failure"),
    "divorce": Word("离婚或分居", "divorce or separation"),
    "death_in_family": Word("亲属去世", "death in the family"),
    "dependants": Word("需赡养或抚养", "dependants to support"),
    "birth": Word("生育", "birth of a child"),
    "over_indebted": Word("多头负债", "too many debts"),
    "fraud_victim": Word("遭受诈骗", "victim of fraud"),
    "imprisoned": Word("被羁押或服刑", "in custody or prison"),
    "military_service": Word("服兵役", "military service"),
    "away": Word("外出务工或出国", "away for work or abroad"),
    "payment_mishap": Word("扣款或转账失误", "mishap with a payment"),
    "forgot": Word("遗忘还款", "forgot to pay"),
    "disputes_debt": Word("对债务有争议", "disputes the debt"),
    "other": Word("其他", "other"),
}

INCOME: Mapping[str, Word] = {
    "wages": Word("工资", "wages"),
    "business": Word("经营收入", "business"),
    "farming": Word("种养殖收入", "farming"),
    "rent_received": Word("租金收入", "rent received"),
    "pension": Word("养老金", "pension"),
    "benefits": Word("社会救助", "benefits"),
    "family_support": Word("家庭资助", "support from family"),
    "other_income": Word("其他收入", "other income"),
}

EXPENSE: Mapping[str, Word] = {
    "housing": Word("住房", "housing"),
    "food": Word("饮食", "food"),
    "utilities": Word("水电燃气通讯", "utilities and telephone"),
    "transport": Word("交通", "transport"),
    "schooling": Word("教育", "schooling"),
    "medical": Word("医疗", "medical"),
    "dependants": Word("赡养抚养", "dependants"),
    "insurance": Word("保险", "insurance"),
    "business_costs": Word("经营成本", "business costs"),
    "other_debts": Word("其他债务还款", "instalments of other debts"),
    "other_expense": Word("其他支出", "other expenses"),
}

SIDES: Mapping[str, Mapping[str, Word]] = {"income": INCOME, "expense": EXPENSE}

#: Where a number or an address comes from, in the codes of the gate's facts.
SOURCES: Mapping[str, Word] = {
    "contract": Word("合同约定", "the contract"),
    "debtor": Word("借款人提供", "the debtor"),
    "authorised": Word("经授权取得", "with authorisation"),
    "public": Word("公开渠道", "public sources"),
    "told_by_contact": Word("联系人告知", "told by a contact"),
    "bureau_authorised": Word("征信（经授权）", "credit bureau, authorised"),
    "purchased": Word("购买", "bought"),
    "unknown": Word("来源不明", "not known"),
}

#: Sources that somebody traced: each such number says when it was found and on what lawful basis.
TRACED = ("authorised", "public", "told_by_contact", "bureau_authorised")

CONTACT_KINDS: Mapping[str, Word] = {
    "phone": Word("电话", "telephone"),
    "email": Word("电子邮件", "e-mail"),
    "address": Word("地址", "address"),
}

#: By what a search found a debtor.
MATCHED: Mapping[str, Word] = {
    "name": Word("姓名", "name"),
    "phone": Word("电话号码", "telephone number"),
    "phone_part": Word("电话号码片段", "part of the telephone number"),
    "contact_point": Word("其他联系电话", "another number"),
    "id_number": Word("证件号码", "id number"),
    "id_number_part": Word("证件号码片段", "part of the id number"),
    "contract": Word("合同", "contract"),
    "debtor": Word("客户号", "debtor"),
}

#: Reasons for looking behind a mask that need no typing.
REVEAL_REASONS: Mapping[str, Word] = {
    "contact": Word("现在联系本人", "contacting the person now"),
    "identify": Word("核对身份", "checking who it is"),
    "document": Word("制作文书", "writing a document"),
    "correct": Word("更正资料", "correcting the record"),
}

MEDIA: Mapping[str, Word] = {
    "application/pdf": Word("PDF", "PDF"),
    "image/jpeg": Word("图片", "picture"),
    "image/png": Word("图片", "picture"),
    "image/webp": Word("图片", "picture"),
    "text/plain": Word("文本", "text"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Word("Word", "Word"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Word("Excel", "Excel"),
}
