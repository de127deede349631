"""What is wrong with texts: the findings of their loader, and the refusal that carries them."""

from collections.abc import Mapping
from types import MappingProxyType

from recoup.policy.bilingual import Bilingual
from recoup.policy.findings import Finding, Findings

SENTENCES: Mapping[str, Bilingual] = MappingProxyType(
    {
        # Rules on what must not be said
        "text_rule_empty": Bilingual(
            zh="没有任何词语：至少写出一种语言的 zh 或 en。",
            en="There is no phrase: write zh, en or both.",
        ),
        "phrases_missing": Bilingual(
            zh="没有可借用词语的法规包“{pack}”：它应当就在旁边的文件夹中。",
            en="There is no pack '{pack}' to take phrases from: it must lie in the folder beside.",
        ),
        "phrases_unknown": Bilingual(
            zh="所借用的法规包中没有规则“{rule}”。",
            en="The pack that phrases are taken from has no rule '{rule}'.",
        ),
        "pattern_unreadable": Bilingual(
            zh="词语“{pattern}”无法读懂（{problem}）。",
            en="The phrase '{pattern}' cannot be read ({problem}).",
        ),
        "pinyin_differs": Bilingual(
            zh="“{word}”的拼音“{syllables}”与字数不符。",
            en="'{syllables}' has not one syllable for each character of '{word}'.",
        ),
        # Texts
        "placeholder_unknown": Bilingual(
            zh="不认识的占位符“{{{name}}}”；可用的占位符：{known}。",
            en="Unknown placeholder '{{{name}}}'; the placeholders known are: {known}.",
        ),
        "placeholders_differ": Bilingual(
            zh="中文和英文的占位符不一致，只在一种语言中出现的有：{names}。",
            en="The placeholders of the two languages differ; only in one of them: {names}.",
        ),
        "element_unknown": Bilingual(
            zh="不认识的要素“{element}”；法规包声明的要素：{known}。",
            en="Unknown element '{element}'; the pack declares: {known}.",
        ),
        "element_missing": Bilingual(
            zh="缺少必备要素“{element}”（{name}）：规则 {rule} 要求用途“{purpose}”的文字写明。",
            en="The element '{element}' ({name}) is missing: {rule} asks for it in a text for "
            "'{purpose}'.",
        ),
        "element_empty": Bilingual(
            zh="要素“{element}”没有写出任何一项：{needs}。",
            en="The element '{element}' names none of: {needs}.",
        ),
        "elements_differ": Bilingual(
            zh="中文和英文的要素不一致，只在一种语言中出现的有：{names}。",
            en="The elements of the two languages differ; only in one of them: {names}.",
        ),
        "purpose_silent": Bilingual(
            zh="法规包没有说明用途“{purpose}”的文字须写明什么；已说明的用途：{known}。",
            en="The pack does not say what a text for '{purpose}' must tell; it says so for: "
            "{known}.",
        ),
        "purpose_twice": Bilingual(
            zh="用途“{purpose}”、渠道“{channel}”的文字已在 {first} 中写过。",
            en="A text for '{purpose}' by '{channel}' stands already at {first}.",
        ),
        "version_duplicate": Bilingual(
            zh="版本号 {version} 出现了两次。",
            en="The version {version} stands here twice.",
        ),
        "text_forbidden": Bilingual(
            zh="“{phrase}”不得使用（{rule}）：{says} 建议：{better}",
            en="'{phrase}' must not be said ({rule}): {says} Better: {better}",
        ),
        "sms_too_long": Bilingual(
            zh="短信约占 {count} 条，超过 {most} 条：请写短一些。",
            en="As an SMS it takes about {count} messages, more than {most}: write it shorter.",
        ),
    }
)


class TextsRefused(Exception):
    """The texts are not loaded; ``findings`` says everything that is wrong with them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(one) for one in findings))
        self.findings = findings


class TextFindings(Findings):
    """Collects what is wrong with texts, so that all of it is told at once."""

    sentences = SENTENCES
