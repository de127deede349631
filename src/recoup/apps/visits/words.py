"""Words for the codes of visits."""

from recoup.web.words import Word

WORDS = {
    "visit_outcome": {
        "right_party": Word("见到本人", "met the person"),
        "promise": Word("承诺还款", "promised to pay"),
        "answered": Word("见到他人", "met somebody else"),
        "no_answer": Word("无人应门", "nobody at home"),
        "refused": Word("拒绝还款", "refused to pay"),
        "asked_to_stop": Word("要求停止联系", "asked not to be contacted"),
        "invalid": Word("地址无效", "address not right"),
    },
}
