"""Words for the codes of this room, in Chinese and English."""

from recoup.web.words import Word

WORDS = {
    "promise": {
        "open": Word("未到期", "open"),
        "kept": Word("已兑现", "kept"),
        "partly_kept": Word("部分兑现", "partly kept"),
        "broken": Word("跳票", "broken"),
        "withdrawn": Word("已撤回", "withdrawn"),
    },
    "act": {
        "record_promise": Word("登记承诺", "record a promise"),
        "withdraw_promise": Word("撤回承诺", "withdraw a promise"),
        "match_promise": Word("核对承诺", "match a promise"),
    },
    "record": {"promise": Word("还款承诺", "promise to pay")},
    "field": {
        "due_on": Word("承诺还款日", "due on"),
        "matched_minor": Word("已还", "paid of it"),
        "party": Word("承诺人", "promised by"),
        "status": Word("状态", "status"),
    },
}
