"""Words for the codes of quality reviews."""

from recoup.web.words import Word

WORDS = {
    "sample_why": {
        "share": Word("抽样", "drawn"),
        "breach": Word("违规联系，必检", "against a rule: always"),
        "complaint": Word("投诉前联系，必检", "before a complaint: always"),
    },
    "finding_state": {
        "told": Word("已反馈，待本人回应", "told, waits for an answer"),
        "answered": Word("本人已回应", "answered"),
        "to_correct": Word("待整改", "to be corrected"),
        "corrected": Word("已整改，待确认", "corrected, to be confirmed"),
        "closed": Word("已关闭", "closed"),
    },
    "finding_step": {
        "told": Word("反馈", "told"),
        "answered": Word("回应", "answered"),
        "corrected": Word("整改", "corrected"),
        "sent_back": Word("退回整改", "sent back"),
        "closed": Word("关闭", "closed"),
    },
    "score_answer": {
        "yes": Word("是", "yes"),
        "no": Word("否", "no"),
        "na": Word("不适用", "does not apply"),
    },
}
