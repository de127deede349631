"""What is wrong with a strategy: the findings of its loader, and the refusal that carries them."""

from collections.abc import Mapping
from types import MappingProxyType

from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Finding, Findings

SENTENCES: Mapping[str, Bilingual] = MappingProxyType(
    {
        "strategy_yaml_missing": Bilingual(
            zh="文件夹“{folder}”中没有 strategy.yaml，因此不是策略。",
            en="The folder '{folder}' has no strategy.yaml, so it is not a strategy.",
        ),
        "strategy_file_missing": Bilingual(
            zh="策略缺少文件“{name}”。",
            en="The strategy lacks the file '{name}'.",
        ),
        "strategy_unknown_file": Bilingual(
            zh="策略中不应有文件“{name}”；它不会被读取，请改名、移走或删除。",
            en="A strategy has no place for the file '{name}'; it would not be read: rename, move "
            "or delete it.",
        ),
        "strategy_folder_differs": Bilingual(
            zh="strategy.yaml 中的 id 是“{id}”，而文件夹名是“{folder}”；两者须相同。",
            en="strategy.yaml says id '{id}' but the folder is named '{folder}'; they must be the "
            "same.",
        ),
        "same_person_twice": Bilingual(
            zh="经办与复核是同一人“{name}”；复核须由另一人完成。",
            en="Maker and checker are the same person, '{name}'; another person has to check.",
        ),
        "approval_missing": Bilingual(
            zh="缺少“{role}”的签署。",
            en="The approval of the {role} is missing.",
        ),
        "approval_of_other_content": Bilingual(
            zh="“{name}”（{role}）签署的是另一份内容（{content}…）：签署之后策略又被修改，须重新签署。",
            en="'{name}' ({role}) signed another content ({content}…): the strategy was changed "
            "afterwards and has to be signed again.",
        ),
        "bucket_first": Bilingual(
            zh="第一个账龄段须从0天开始，而不是{start}天。",
            en="The first bucket begins at 0 days, not at {start}.",
        ),
        "bucket_gap": Bilingual(
            zh="账龄段“{name}”从{start}天开始，而前一段到{end}天：第{end}天之后有空档。",
            en="The bucket '{name}' begins at {start} days but the one before ends at {end}: the "
            "days between belong to none.",
        ),
        "bucket_overlap": Bilingual(
            zh="账龄段“{name}”从{start}天开始，而前一段到{end}天：两段重叠。",
            en="The bucket '{name}' begins at {start} days but the one before ends at {end}: they "
            "overlap.",
        ),
        "bucket_last": Bilingual(
            zh="最后一个账龄段不得有终止天数（to_dpd 写 null）。",
            en="The last bucket has no last day (write to_dpd: null).",
        ),
        "not_positive": Bilingual(
            zh="“{key}”须大于0，而不是{number}。",
            en="'{key}' must be greater than 0, not {number}.",
        ),
        "share_out_of_range": Bilingual(
            zh="“{key}”须在 0 至 1000000 ppm 之间，而不是 {number}。",
            en="'{key}' lies between 0 and 1000000 ppm, not at {number}.",
        ),
        "at_most_below_least": Bilingual(
            zh="at_most 小于 at_least。",
            en="at_most is below at_least.",
        ),
        "sheet_empty": Bilingual(
            zh="评分表没有任何评分项。",
            en="The score sheet has no item.",
        ),
        "experiment_moved": Bilingual(
            zh="实验不再写在这里：请移到 experiments.yaml，并在 eligibility.dmn 中写明谁参加。",
            en="An experiment no longer stands here: move it to experiments.yaml, and say in "
            "eligibility.dmn who takes part.",
        ),
        "shares_over_one": Bilingual(
            zh="各挑战组份额之和为 {total} ppm，超过 1000000 ppm。",
            en="The shares of the challengers add up to {total} ppm; that is over 1000000 ppm.",
        ),
        "share_shrinks": Bilingual(
            zh="份额由 {before} ppm 降为 {after} ppm：已分入的人会被改组。份额只能增加；"
            "要缩小，请结束该实验并另立新的 id。",
            en="The share falls from {before} to {after} ppm: people already assigned would be "
            "moved. A share only grows; to make it smaller, end the experiment and begin another "
            "with a new id.",
        ),
        "share_not_later": Bilingual(
            zh="份额须按日期先后排列，而 {on} 不晚于前一个日期。",
            en="Shares stand in the order of their days, but {on} is not after the day before it.",
        ),
        "no_challenger": Bilingual(
            zh="实验没有挑战组。",
            en="The experiment has no challenger.",
        ),
        "bad_experiment_name": Bilingual(
            zh="“{text}”不能作名称：以字母开头，只用字母、数字、- 和 _，至多 40 个字符。",
            en="'{text}' cannot be a name: it begins with a letter and has letters, digits, - and "
            "_ only, at most 40.",
        ),
        "bad_variant_table": Bilingual(
            zh="“{text}”不能作挑战组的表名：须形如 treatment_xxx（小写字母、数字、_），"
            "并有同名的 .dmn 文件；挑战组只能换处置表。",
            en="'{text}' cannot name a variant's table: write treatment_xxx (small letters, "
            "digits, _) with a .dmn file of that name; a variant may change the table of "
            "treatments only.",
        ),
        "experiment_unknown": Bilingual(
            zh="决策表“eligibility”第 {row} 行给出 {value}，而 experiments.yaml 中没有这个实验；"
            "可用：{known}。",
            en="Row {row} of the decision table 'eligibility' gives {value}, an experiment that "
            "experiments.yaml does not have; there are: {known}.",
        ),
        "arm_unknown": Bilingual(
            zh="决策表“{name}”第 {row} 行测试的 {column}“{value}”不在 experiments.yaml 中；"
            "可用：{known}。",
            en="Row {row} of the decision table '{name}' tests the {column} '{value}', which "
            "experiments.yaml does not have; there are: {known}.",
        ),
        "plan_too_small": Bilingual(
            zh="每组 {persons} 人不足以按所定检出力看出所定效果；至少需要 {needed} 人。",
            en="{persons} persons in each arm are too few to see the effect with the power asked "
            "for; it takes {needed}.",
        ),
        "plan_not_reckonable": Bilingual(
            zh="无法由此推算所需人数：effect 不得为 0，power_ppm 与 alpha_ppm "
            "须在 0 与 1000000 之间；"
            "是否类结果的 baseline 与 baseline+effect 须在 0 与 1000000 ppm 之间，"
            "其余（{outcome}）须写明 deviation。",
            en="The size cannot be reckoned from this: effect is not 0, power_ppm and alpha_ppm "
            "lie between 0 and 1000000; for a yes-or-no outcome so do baseline and baseline + "
            "effect, any other ({outcome}) needs its deviation.",
        ),
        "name_twice": Bilingual(
            zh="“{name}”出现两次。",
            en="'{name}' stands here twice.",
        ),
        "treatment_without_channels": Bilingual(
            zh="处置方式“{name}”没有渠道顺序；没有渠道请写空列表。",
            en="The treatment '{name}' has no order of channels; write an empty list if it has "
            "none.",
        ),
        "order_incomplete": Bilingual(
            zh="抵充顺序须把 {known} 各写一次。",
            en="The order of discharge names each of {known} once.",
        ),
        "hold_missing": Bilingual(
            zh="没有写明停催事由“{kind}”阻止什么。",
            en="It does not say what the hold '{kind}' blocks.",
        ),
        "table_unreadable": Bilingual(
            zh="决策表无法读取：{problem}",
            en="The decision table cannot be read: {problem}",
        ),
        "table_missing_decision": Bilingual(
            zh="文件里没有名为“{name}”的决策表；有：{known}。",
            en="The file has no decision table named '{name}'; it has: {known}.",
        ),
        "table_hit_policy": Bilingual(
            zh="决策表“{name}”的命中策略须为 {wanted}，而不是 {found}。",
            en="The decision table '{name}' must have the hit policy {wanted}, not {found}.",
        ),
        "table_column_unknown": Bilingual(
            zh="决策表“{name}”用了不存在的列“{column}”；可用的列：{known}。",
            en="The decision table '{name}' uses the column '{column}', which does not exist; "
            "there are: {known}.",
        ),
        "table_column_type": Bilingual(
            zh="决策表“{name}”的列“{column}”是 {found}，而事实是 {wanted}。",
            en="The column '{column}' of the decision table '{name}' is {found}, but the fact is "
            "{wanted}.",
        ),
        "table_output_missing": Bilingual(
            zh="决策表“{name}”须有唯一的输出“{output}”。",
            en="The decision table '{name}' must have the one output '{output}'.",
        ),
        "table_output_not_allowed": Bilingual(
            zh="决策表“{name}”第 {row} 行的输出 {value} 不在允许的取值之内：{known}。",
            en="Row {row} of the decision table '{name}' gives {value}, which is not allowed; "
            "allowed are: {known}.",
        ),
        "table_not_compilable": Bilingual(zh="{problem}", en="{problem}"),
        "table_row_silent": Bilingual(
            zh="决策表“{name}”第 {row} 行没有中英文说明（描述应写成“zh: … | en: …”）。",
            en="Row {row} of the decision table '{name}' does not say in zh and en what it means "
            "(write the description as 'zh: ... | en: ...').",
        ),
        "table_open_end": Bilingual(
            zh="决策表“{name}”没有兜底行：须有一行全部为“-”，否则有合同得不到结果。",
            en="The decision table '{name}' has no row for all the rest: one row must have '-' in "
            "every cell, or some contract gets no answer.",
        ),
        "segment_unknown": Bilingual(
            zh="决策表“{name}”第 {row} 行测试的分群“{value}”从不由“segment”给出。",
            en="Row {row} of the decision table '{name}' tests the segment '{value}', which "
            "the table 'segment' never gives.",
        ),
        "looser_cap": Bilingual(
            zh="上限“{cap}”允许 {days} 天内 {at_most} 次，比法规 {rule}"
            "（{law_days} 天内 {law_at_most} 次）宽松；策略只能更严。",
            en="The cap '{cap}' allows {at_most} in {days} days, looser than the law's {rule} "
            "({law_at_most} in {law_days} days); a strategy may only be stricter.",
        ),
        "looser_quiet": Bilingual(
            zh="静默时段“{quiet}”（{begins} 至 {ends}）短于法规 {rule}"
            "（{law_begins} 至 {law_ends}）；策略只能更严。",
            en="The quiet hours '{quiet}' ({begins} to {ends}) are shorter than the law's {rule} "
            "({law_begins} to {law_ends}); a strategy may only be stricter.",
        ),
        "looser_source": Bilingual(
            zh="号码来源“{own}”允许 {source}，而法规 {rule} 不允许；策略只能更严。",
            en="The number sources '{own}' allow {source}, which the law's {rule} does not; a "
            "strategy may only be stricter.",
        ),
        "looser_class": Bilingual(
            zh="决策表“retail_class”把逾期 {dpd} 天（产品 {product}）归为 {found}，"
            "轻于法规 {rule} 自 {on} 起的下限 {floor}；策略只能更严。",
            en="The decision table 'retail_class' makes {dpd} days past due (product {product}) "
            "{found}, better than the floor {floor} of {rule} from {on}; a strategy may only be "
            "stricter.",
        ),
        "class_gives_nothing": Bilingual(
            zh="决策表“retail_class”对逾期 {dpd} 天没有给出分类。",
            en="The decision table 'retail_class' gives no class for {dpd} days past due.",
        ),
    }
)


#: What keeps a strategy from being run in earnest, and not from being looked at.
UNSIGNED = ("same_person_twice", "approval_missing", "approval_of_other_content")
LOOSENED = ("looser_cap", "looser_quiet", "looser_class")


class StrategyRefused(Exception):
    """A strategy is not loaded; ``findings`` says everything that is wrong with it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(one) for one in findings))
        self.findings = findings


class StrategyFindings(Findings):
    """Collects what is wrong with a strategy, so that all of it is told at once."""

    sentences = SENTENCES
