"""Words for the codes of the book and of the desk, in Chinese and English.

Codes that a bank's strategy names (segments, treatments) are told by ``tell_words`` when the
strategy is loaded; the fixed codes stand here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from recoup.kernel.case_status import STATUS_WORDS
from recoup.kernel.duties import ROOM_NAMES, VERB_NAMES
from recoup.web.shown import speaks_chinese
from recoup.web.trail_words import ACTS, APPROVALS, EXPORTS, FIELDS, RECORDS, REVEAL_REASONS


@dataclass(frozen=True)
class Word:
    """A code in both languages."""

    zh: str
    en: str


WORDS: dict[str, dict[str, Word]] = {
    "asset_class": {
        "normal": Word("正常", "normal"),
        "special_mention": Word("关注", "special mention"),
        "substandard": Word("次级", "substandard"),
        "doubtful": Word("可疑", "doubtful"),
        "loss": Word("损失", "loss"),
        "unknown": Word("未知", "unknown"),
    },
    "channel": {
        "call": Word("电话", "call"),
        "ai_call": Word("智能语音", "robot call"),
        "sms": Word("短信", "text message"),
        "email": Word("电子邮件", "e-mail"),
        "letter": Word("信函", "letter"),
        "visit": Word("外访", "visit"),
        "im": Word("即时消息", "instant message"),
        "portal": Word("自助门户", "portal"),
    },
    "treatment": {
        "pre_due_reminder": Word("到期前提醒", "pre-due reminder"),
        "soft_message": Word("温和短信", "soft message"),
        "call": Word("电话", "call"),
        "senior_call": Word("资深电话", "senior call"),
        "visit": Word("外访", "visit"),
        "demand_letter": Word("催收函", "demand letter"),
        "legal_review": Word("法务审查", "legal review"),
        "agency": Word("委外", "agency"),
        "hardship_care": Word("困难关怀", "hardship care"),
        "no_action": Word("不处置（自愈）", "no action: self-cure"),
        "check_data": Word("核对数据", "check the data"),
    },
    "product": {
        "credit_card": Word("信用卡", "credit card"),
        "consumer_loan": Word("消费贷款", "consumer loan"),
        "internet_loan": Word("互联网贷款", "internet loan"),
        "mortgage": Word("住房按揭", "mortgage"),
        "working_capital": Word("流动资金贷款", "working capital"),
        "corporate_loan": Word("公司贷款", "corporate loan"),
        "micro_business": Word("小微经营贷", "micro-business loan"),
        "auto_loan": Word("汽车贷款", "car loan"),
    },
    "collateral": {
        "residential": Word("住宅", "residential property"),
        "commercial": Word("商铺", "commercial property"),
        "factory": Word("厂房", "factory"),
        "land_use_right": Word("土地使用权", "land-use right"),
        "vehicle": Word("车辆", "vehicle"),
        "equipment": Word("设备", "equipment"),
        "inventory": Word("存货", "inventory"),
        "receivables": Word("应收账款", "receivables"),
        "deposit": Word("存单", "deposit"),
    },
    "id_type": {
        "resident_id": Word("居民身份证", "resident id"),
        "credit_code": Word("统一社会信用代码", "unified social credit code"),
    },
    "purpose": {
        "collect": Word("催收", "collect"),
        "notice": Word("告知", "notice"),
        "service": Word("服务", "service"),
        "restore_contact": Word("恢复联系", "restore contact"),
    },
    "complaint_figure": {
        "received": Word("收到的投诉", "complaints received"),
        "answered": Word("已答复", "answered"),
        "late": Word("其中逾期答复", "of these answered late"),
        "open": Word("期末未答复", "not answered at the end"),
    },
    "contact_figure": {
        "asked": Word("向闸口提出的申请", "times the gate was asked"),
        "permitted": Word("许可", "permitted"),
        "refused": Word("拒绝", "refused"),
        "contacts": Word("我方发起的联系", "contacts from us"),
        "against_rules": Word("登记时违反规则的联系", "contacts logged against a rule"),
        "without_permit": Word("作业台登记而未申请许可的联系", "contacts logged without a permit"),
    },
    "direction": {
        "out": Word("我方联系", "from us"),
        "in": Word("对方联系", "to us"),
    },
    "case_status": {code: Word(one.zh, one.en) for code, one in STATUS_WORDS.items()},
    "entry": {
        "opened": Word("立案", "case opened"),
        "closed": Word("结案", "case closed"),
        "status": Word("状态", "status"),
        "assigned": Word("分案", "assignment"),
        "decision": Word("判定变化", "decision changed"),
        "contact": Word("联系", "contact"),
        "letter": Word("信函", "letter"),
        "contact_withdrawn": Word("撤回联系记录", "contact taken back"),
        "contact_point": Word("联系方式", "contact point"),
        "stop_asked": Word("要求停止联系", "asked to stop"),
        "stop_lifted": Word("愿意恢复联系", "may be reached again"),
        "receipt": Word("到账", "receipt"),
        "reversal": Word("冲正", "reversal"),
        "promise": Word("承诺还款", "promise to pay"),
        "promise_kept": Word("承诺已兑现", "promise kept"),
        "promise_partly_kept": Word("承诺部分兑现", "promise partly kept"),
        "promise_broken": Word("跳票", "promise broken"),
        "promise_reopened": Word("承诺重新生效", "promise open again"),
        "promise_withdrawn": Word("承诺已撤回", "promise withdrawn"),
        "note": Word("备注", "note"),
        "note_withdrawn": Word("撤回备注", "note taken back"),
        "task": Word("新任务", "task"),
        "task_done": Word("任务完成", "task done"),
        "task_reopened": Word("任务重新打开", "task opened again"),
        "task_cancelled": Word("任务取消", "task cancelled"),
        "hand_over_offered": Word("提出移交", "hand-over offered"),
        "hand_over_accepted": Word("接受移交", "hand-over accepted"),
        "hand_over_declined": Word("谢绝移交", "hand-over declined"),
        "hand_over_withdrawn": Word("撤回移交", "hand-over withdrawn"),
        "review": Word("账户复查", "review of the account"),
        "reveal": Word("查看完整号码", "number revealed"),
        "hold_set": Word("设置暂停", "hold set"),
        "hold_lifted": Word("解除暂停", "hold lifted"),
        "profile": Word("资料更新", "profile updated"),
    },
    "role": {
        "collector": Word("清收人员", "collectors"),
        "senior_collector": Word("高级清收人员", "senior collectors"),
        "loan_officer": Word("客户经理", "loan officers"),
        "counsel": Word("法务", "counsel"),
        "supervisor": Word("主管", "supervisors"),
    },
    "owed": {
        "principal": Word("本金", "principal"),
        "interest": Word("利息", "interest"),
        "fee": Word("费用", "fee"),
    },
    "entry_sort": {
        "contacts": Word("联系", "contacts"),
        "money": Word("还款", "money"),
        "promises": Word("承诺", "promises"),
        "decisions": Word("判定与状态", "decisions"),
        "people": Word("经办", "people"),
        "notes": Word("备注与任务", "notes and tasks"),
    },
    "task": {
        "call_back": Word("回电", "call back"),
        "send": Word("寄送材料", "send papers"),
        "collect_papers": Word("收集材料", "collect papers"),
        "visit": Word("外访", "visit"),
        "check": Word("核实", "check"),
        "review": Word("复查", "review"),
        "other": Word("其他", "other"),
    },
    "review_item": {
        "contact_points": Word("联系方式", "contact points"),
        "ability": Word("还款能力", "ability to pay"),
        "collateral": Word("担保物及权证", "collateral and its papers"),
        "legal_dates": Word("时效与法律期限", "legal dates"),
        "strategy": Word("策略", "strategy"),
    },
    "review_result": {
        "ok": Word("无变化", "no change"),
        "change": Word("有变化", "change"),
        "not_applicable": Word("不适用", "not applicable"),
    },
    "origin": {
        "law": Word("法规", "law"),
        "strategy": Word("本行策略", "the bank's policy"),
        "house": Word("资料不足", "something is not known"),
    },
    "permit": {
        "used": Word("已使用", "used"),
        "live": Word("有效，未使用", "good, not used yet"),
        "expired": Word("过期未用", "ran out unused"),
        "payment": Word("有还款入账，失效", "dead: a payment arrived"),
        "hold": Word("有冻结或投诉，失效", "dead: a hold or a complaint arrived"),
        "stop": Word("对方要求停止，失效", "dead: the person asked to stop"),
        "renewed": Word("已被新许可取代", "replaced by a newer one"),
        "given_back": Word("已退回", "given back"),
    },
    "profile_record": {
        "statement": Word("收支表", "income and expense statement"),
        "circumstance": Word("个人情况", "circumstance"),
        "proof": Word("证明材料", "proof"),
        "contact_point": Word("联系方式", "contact point"),
    },
    "kind": {
        "retail": Word("个人", "retail"),
        "small_business": Word("小微企业", "small business"),
        "non_retail": Word("对公", "non-retail"),
    },
    "status": {
        "active": Word("在账", "active"),
        "settled": Word("结清", "settled"),
        "written_off": Word("已核销", "written off"),
        "transferred": Word("已转让", "transferred"),
    },
    "security": {
        "unsecured": Word("信用", "unsecured"),
        "guaranteed": Word("保证", "guaranteed"),
        "mortgaged": Word("抵押", "mortgaged"),
        "pledged": Word("质押", "pledged"),
    },
    "party": {
        "debtor": Word("借款人", "debtor"),
        "co_obligor": Word("共同债务人", "co-obligor"),
        "guarantor": Word("保证人", "guarantor"),
        "listed_contact": Word("联系人", "listed contact"),
        "other": Word("其他人", "someone else"),
    },
    "outcome": {
        "answered": Word("接通（非本人）", "answered by someone else"),
        "right_party": Word("本人接通", "right party"),
        "no_answer": Word("无人接听", "no answer"),
        "busy": Word("占线", "busy"),
        "invalid": Word("空号、停机或地址无效", "number or address not in use"),
        "promise": Word("承诺还款", "promise to pay"),
        "refused": Word("拒绝还款", "refused to pay"),
        "asked_to_stop": Word("要求停止联系", "asked not to be contacted"),
        "delivered": Word("已送达", "delivered"),
        "failed": Word("未送达", "not delivered"),
    },
    "letter_step": {
        "made": Word("已生成", "made"),
        "printed": Word("已打印", "printed"),
        "tracked": Word("已寄出", "posted"),
        "delivered": Word("已妥投", "delivered"),
        "unclaimed": Word("逾期未领，退回", "not collected, returned"),
        "refused": Word("拒收，退回", "acceptance refused, returned"),
        "unknown_address": Word("查无此人，退回", "not known at the address, returned"),
    },
    "message_state": {
        "queued": Word("等待寄出", "waits to leave"),
        "sending": Word("正在交付", "being handed over"),
        "sent": Word("已交付", "handed over"),
        "delivered": Word("已送达", "arrived"),
        "failed": Word("未送达", "did not arrive"),
        "stopped": Word("被闸口拦下", "stopped by the gate"),
        "unsure": Word("是否发出不明", "not known whether it left"),
    },
    "hold": {
        "dispute": Word("争议", "dispute"),
        "complaint": Word("投诉", "complaint"),
        "hardship": Word("困难", "hardship"),
        "vulnerable": Word("需特殊关照", "vulnerable"),
        "legal": Word("法律程序", "legal proceedings"),
        "attorney": Word("已委托律师", "attorney"),
        "deceased": Word("身故", "deceased"),
        "bankruptcy": Word("破产", "bankruptcy"),
        "do_not_contact": Word("不要联系", "do not contact"),
        "plan_active": Word("分期履行中", "plan in force"),
    },
    "guarantee": {
        "general": Word("一般保证", "general guarantee"),
        "joint": Word("连带责任保证", "joint and several guarantee"),
    },
    "language": {
        "zh": Word("普通话", "Mandarin"),
        "yue": Word("粤语", "Cantonese"),
        "nan": Word("闽南语", "Hokkien"),
        "wuu": Word("吴语", "Wu"),
        "hak": Word("客家话", "Hakka"),
        "ug": Word("维吾尔语", "Uyghur"),
        "bo": Word("藏语", "Tibetan"),
        "mn": Word("蒙古语", "Mongolian"),
        "en": Word("英语", "English"),
    },
    "skill": {
        "hardship": Word("困难客户", "hardship"),
        "small_business": Word("小微企业", "small business"),
        "non_retail": Word("对公", "non-retail"),
        "mortgage": Word("抵押贷款", "mortgages"),
        "legal": Word("法律程序", "legal proceedings"),
        "visit": Word("外访", "visits"),
        "large": Word("大额", "large amounts"),
    },
    "scope": {
        "bank": Word("全行", "whole bank"),
        "branch": Word("机构", "branch"),
        "product": Word("产品", "product"),
        "team": Word("团队", "team"),
        "portfolio": Word("同事的组合", "portfolio of a colleague"),
    },
    "hand_over": {
        "offered": Word("待接收", "offered"),
        "accepted": Word("已接收", "accepted"),
        "declined": Word("已谢绝", "declined"),
        "returned": Word("已交回", "returned"),
        "lapsed": Word("已到期", "lapsed"),
    },
    "night_status": {
        "waiting": Word("等待运行", "waiting"),
        "running": Word("运行中", "running"),
        "done": Word("完成", "done"),
        "refused": Word("未通过，已停止", "refused"),
        "failed": Word("出错，已停止", "failed"),
        "interrupted": Word("中途停止", "interrupted"),
        "stopped": Word("已停止", "stopped"),
    },
    "night_trigger": {
        "button": Word("手动", "by hand"),
        "schedule": Word("定时", "by schedule"),
        "catch_up": Word("补跑", "catching up"),
        "command": Word("命令行", "by command"),
    },
    "night_step": {
        "take_in": Word("读取并检查账册", "reading and checking the book"),
        "decide": Word("逐批判定", "deciding"),
        "rank": Word("排出工作清单", "ranking the worklist"),
        "report": Word("生成晨报", "writing the morning page"),
        "publish": Word("发布到作业台", "bringing it to the desk"),
        "trace": Word("逐笔推算", "tracing"),
        "flow": Word("规则判定", "rules"),
        "write": Word("写出结果", "writing"),
    },
    "published_record": {
        "debtor": Word("借款人", "debtors"),
        "contract": Word("合同", "contracts"),
        "instalment": Word("还款计划（按合同）", "schedules (by contract)"),
        "bookreceipt": Word("还款记录（按合同）", "receipts (by contract)"),
        "guarantor": Word("保证人", "guarantors"),
        "collateralitem": Word("抵质押物", "collateral"),
        "contactpoint": Word("联系方式", "contact points"),
        "hold": Word("暂停", "holds"),
    },
    "reject_severity": {
        "error": Word("拒收", "refused"),
        "warning": Word("警告", "warning"),
        "note": Word("提示", "note"),
    },
    "roll": {
        "better": Word("好转", "better"),
        "same": Word("不变", "same"),
        "worse": Word("恶化", "worse"),
        "new": Word("新增", "new"),
    },
}
WORDS["verb"] = {code: Word(name.zh, name.en) for code, name in VERB_NAMES.items()}
for _kind, _words in (
    ("act", ACTS),
    ("record", RECORDS),
    ("field", FIELDS),
    ("export", EXPORTS),
    ("approval", APPROVALS),
    ("reveal_reason", REVEAL_REASONS),
):
    WORDS[_kind] = {code: Word(*both) for code, both in _words.items()}
WORDS["room"] = {code: Word(name.zh, name.en) for code, name in ROOM_NAMES.items()}


def _of_the_page() -> None:
    """Take the words for products and treatments from those of the morning page: one wording."""
    text = (files("recoup.engine.report") / "assets" / "words.json").read_text(encoding="utf-8")
    for name, both in json.loads(text).items():
        kind, _, code = name.partition("_")
        if kind in ("product", "treatment") and code:
            WORDS.setdefault(kind, {})[code] = Word(both["zh"], both["en"])


_of_the_page()


def tell_words(*, kind: str, words: Mapping[str, Word]) -> None:
    """Add or replace the words of a kind."""
    WORDS.setdefault(kind, {}).update(words)


def word_of(*, kind: str, code: str) -> str:
    """Yield the word for a code; the code itself, where there is none."""
    found = WORDS.get(kind, {}).get(code)
    if found is None:
        return code or ""
    return found.zh if speaks_chinese() else found.en
