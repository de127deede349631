"""The kinds of rule that a pack may use, with their names.

How each kind is evaluated stands in ``recoup.policy.kinds``; a test holds the two lists together.
This list is apart from it so that the loader, which needs only the names, does not import every
evaluator.
"""

from collections.abc import Mapping
from types import MappingProxyType

from recoup.policy.bilingual import Bilingual

STATEMENT = "statement"

KINDS: Mapping[str, Bilingual] = MappingProxyType(
    {
        STATEMENT: Bilingual(
            zh="条文：只供阅读，不作计算", en="statement: to be read, not evaluated"
        ),
        "threshold": Bilingual(
            zh="界限：把事实与数值比较", en="threshold: facts are compared with values"
        ),
        "bound": Bilingual(
            zh="上下限：数值须在界限之内", en="bound: a figure must keep within limits"
        ),
        "deadline": Bilingual(
            zh="期限：由起算日推算到期日", en="deadline: a day computed from another"
        ),
        "brackets": Bilingual(
            zh="分段累计：按金额分段计费", en="brackets: a fee that adds up by brackets"
        ),
        "decision": Bilingual(
            zh="判断：由若干行条件得出结论", en="decision: rows of conditions and their outcome"
        ),
        "discharge": Bilingual(
            zh="清偿顺序：一笔还款先抵什么", en="discharge: what a receipt pays first"
        ),
        "classify": Bilingual(
            zh="资产分类：至少归入某一类", en="classify: a floor for the class of an asset"
        ),
        "transition": Bilingual(
            zh="过渡：新旧规则的衔接", en="transition: from an old rule to a new one"
        ),
        "observation": Bilingual(
            zh="观察期：起止与重新计算", en="observation: a period that a default begins anew"
        ),
        "limitation": Bilingual(
            zh="诉讼时效：中断、中止与届满",
            en="limitation: a clock that events interrupt or suspend",
        ),
        "interest": Bilingual(
            zh="利息：本金、利率与天数", en="interest: an amount, a rate and a number of days"
        ),
        "identifier": Bilingual(
            zh="号码校验：格式与校验位", en="identifier: the form of a number and its check digit"
        ),
        "contact": Bilingual(
            zh="触达：这次联系是否允许", en="contact: whether this contact is allowed"
        ),
        "retention": Bilingual(
            zh="保存期限：记录须保存到何日", en="retention: until when a record is kept"
        ),
        "calendar": Bilingual(
            zh="工作日历：某日是否为工作日", en="calendar: whether a day is a working day"
        ),
    }
)
