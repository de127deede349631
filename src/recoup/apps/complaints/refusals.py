"""What cannot be done with a complaint, in sentences that help."""

from recoup.kernel.refusal import Refused
from recoup.policy.complaint_law import ComplaintLaw


class BadComplaint(Refused):
    """What was entered of a complaint cannot be recorded."""

    @classmethod
    def no_words(cls, *, most: int) -> "BadComplaint":
        """Yield the refusal of a complaint that says nothing, or too much."""
        return cls(
            zh=f"请写明投诉的内容（最多 {most} 字）。",
            en=f"Say what the complaint is about, in at most {most} characters.",
        )

    @classmethod
    def no_name(cls) -> "BadComplaint":
        """Yield the refusal of a complaint to which no answer could be sent."""
        return cls(
            zh="请写明怎么称呼您，以及用什么方式（电话、电子邮件或地址）答复您。",
            en="Say what we may call you, and where an answer reaches you: a telephone number, an "
            "e-mail address or a postal address.",
        )

    @classmethod
    def unknown_code(cls, *, field: str, code: str) -> "BadComplaint":
        """Yield the refusal of a code nobody knows."""
        return cls(zh=f"{field} 没有“{code}”这个选项。", en=f"'{code}' is no {field}.")

    @classmethod
    def future(cls) -> "BadComplaint":
        """Yield the refusal of a day that has not come."""
        return cls(zh="日期不能晚于今天。", en="The day lies in the future; take today or before.")

    @classmethod
    def before_receipt(cls) -> "BadComplaint":
        """Yield the refusal of a day before the complaint was received."""
        return cls(
            zh="日期早于收到投诉之日。", en="The day lies before the complaint was received."
        )

    @classmethod
    def missing(cls, *, zh: str, en: str) -> "BadComplaint":
        """Yield the refusal of an act without something that it needs."""
        return cls(zh=f"请填写：{zh}。", en=f"Please fill in: {en}.")


class CannotHandle(Refused):
    """A complaint cannot be handled so, or not by this person."""

    @classmethod
    def about_yourself(cls) -> "CannotHandle":
        """Yield the refusal to whoever is complained of."""
        return cls(
            zh="这件投诉与您本人有关，须由其他同事办理。",
            en="This complaint is about yourself; a colleague handles it.",
            rule="complaints:conflict",
        )

    @classmethod
    def out_of_sight(cls, *, name: str) -> "CannotHandle":
        """Yield the refusal to name somebody who does not see the person."""
        return cls(
            zh=f"此人不在{name}的管理范围内，请另指定一位同事。",
            en=f"The person is not within the scope of {name}; name somebody else.",
        )

    @classmethod
    def not_the_owner(cls, *, name: str) -> "CannotHandle":
        """Yield the refusal to somebody who does not handle it."""
        return cls(
            zh=f"这件投诉由{name or '尚未指定的同事'}办理；需要时请主管改派。",
            en=f"{name or 'Nobody yet'} handles this complaint; a supervisor can give it to you.",
            rule="complaints:owner",
        )

    @classmethod
    def answered(cls) -> "CannotHandle":
        """Yield the refusal where the answer has been given."""
        return cls(
            zh="投诉已经答复；如有新的事实，请登记“新的事实”，投诉会重新办理。",
            en="The complaint has been answered; if there is something new, record it under 'new "
            "facts' and it is opened again.",
        )

    @classmethod
    def no_person(cls) -> "CannotHandle":
        """Yield the refusal where the person must be found first."""
        return cls(
            zh="还没有确认是哪一位借款人，请先确认。",
            en="It is not known yet who the person is; find the person first.",
        )

    @classmethod
    def appraised(cls, *, is_running: bool) -> "CannotHandle":
        """Yield the refusal of a second appraisal at once, or of the end of none."""
        if is_running:
            return cls(zh="已有一项鉴定正在进行。", en="An appraisal is under way already.")
        return cls(zh="没有正在进行的鉴定。", en="No appraisal is under way.")


class NoSuchPeriod(Refused):
    """The law has no such period, or it cannot be chosen now."""

    def __init__(self, *, name: str, law: ComplaintLaw | None) -> None:
        known = ", ".join(one.name for one in law.periods) if law else "-"
        super().__init__(
            zh=f"法规中没有“{name}”这一期限；可选：{known}。",
            en=f"The law has no period '{name}'; it has: {known}.",
            rule=law.rule_id if law else "",
        )


class TooMany(Refused):
    """Too many complaints came from one address within the hour."""

    def __init__(self, *, phone: str) -> None:
        also_zh = f"，或致电 {phone}" if phone else ""
        also_en = f", or call {phone}" if phone else ""
        super().__init__(
            zh=f"从您的网络地址提交的次数过多，请一小时后再试{also_zh}。",
            en=f"Too many complaints came from your address; try again in an hour{also_en}.",
            rule="complaints:throttle",
        )


class NoLetterhead(Refused):
    """The letter of answer cannot be made: the bank's name and address are not set."""

    def __init__(self, *, names: tuple[str, ...]) -> None:
        listed = ", ".join(names)
        super().__init__(
            zh=f"答复函没有生成：信头缺少设置 {listed}，请联系系统管理员。",
            en=f"The letter of answer was not made: the letterhead lacks the settings {listed}; "
            "the administrator can set them.",
        )
