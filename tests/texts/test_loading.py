"""Texts are refused as a whole when anything is wrong with one of them."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from recoup.kernel.texts.filling import PLACEHOLDERS, ValuesMissing, placeholders_in
from recoup.kernel.texts.segments import sms_segments
from recoup.policy.pack import Pack, load_pack
from recoup.policy.strategy import Strategy, load_strategy
from recoup.policy.text_findings import SENTENCES
from recoup.policy.text_loading import sample_values
from recoup.policy.texts import NoText, TextForbidden, Texts, TextsRefused, load_texts

ROOT = Path(__file__).resolve().parents[2]
ON = date(2026, 11, 28)
MESSAGES = "texts/messages.yaml"
FORBIDDEN = "texts/forbidden.yaml"
AMOUNT_ZH = "截至{as_of}，您有{overdue}尚未入账。如有困难，请告诉我们。"


@pytest.fixture(scope="module")
def china() -> Pack:
    return load_pack(ROOT / "packs" / "cn", with_cases=False)


@pytest.fixture(scope="module")
def example(china: Pack) -> Strategy:
    return load_strategy(ROOT / "strategies" / "example", pack=china)


@pytest.fixture(scope="module")
def texts(china: Pack, example: Strategy) -> Texts:
    return load_texts(pack=china, strategy=example)


def changed_zedland(folder: Path, file: str, old: str, new: str) -> Pack:
    """The teaching pack with one thing of its texts changed."""
    copy = folder / "zz"
    shutil.copytree(ROOT / "packs" / "zz", copy)
    written = (copy / file).read_text(encoding="utf-8")
    assert written.count(old) >= 1
    (copy / file).write_text(written.replace(old, new, 1), encoding="utf-8")
    return load_pack(copy, with_cases=False)


def test_the_teaching_pack_has_a_text_rules_and_what_is_required() -> None:
    zedland = load_texts(pack=load_pack(ROOT / "packs" / "zz", with_cases=False))

    assert set(zedland.messages) == {"zz-soft"}
    assert zedland.rules.languages == {"zh", "en"}


SECOND = """\
      - version: {version}
        from: {start}
        until: null
        zh: {{who_we_are: "{{bank}}：", amount: "您有{{overdue}}尚未入账。"}}
        en: {{who_we_are: "{{bank}}:", amount: "{{overdue}} has not reached us."}}
"""


PHRASES = "    zh: [告诉|通知 .. <family>]\n    en: [tell|inform .. <family>]\n"
FAULTS = [
    (MESSAGES, "{as_of}，您有", "{as_off}，您有", "placeholder_unknown"),
    (MESSAGES, "截至{as_of}，", "", "placeholders_differ"),
    (MESSAGES, AMOUNT_ZH, "截至{as_of}，您有款项尚未入账。", "element_empty"),
    (MESSAGES, f"          amount: {AMOUNT_ZH}\n", "", "element_missing"),
    (MESSAGES, f"          amount: {AMOUNT_ZH}\n", "", "elements_differ"),
    (MESSAGES, "        zh:\n", "        de:\n", "language_missing"),
    (MESSAGES, "如有困难，请告诉我们", "不还有你好看", "text_forbidden"),
    (MESSAGES, "如有困难，请告诉我们", "另付300元", "text_forbidden"),
    (MESSAGES, "amount: as of", "greting: as of", "element_unknown"),
    (MESSAGES, "purpose: soft_message", "purpose: love_letter", "purpose_silent"),
    (MESSAGES, "contact: collect", "contact: chat", "bad_code"),
    (MESSAGES, "channels: [sms]", "channels: [pigeon]", "bad_code"),
    (MESSAGES, "channels: [sms]", "channels: [sms, sms]", "purpose_twice"),
    (MESSAGES, "messages:\n", "most_sms_segments: 0\nmessages:\n", "sms_too_long"),
    (FORBIDDEN, "rule: ZZ-CON-04", "rule: ZZ-CON-99", "rule_unknown"),
    (FORBIDDEN, "告诉|通知 .. <family>", "告诉|通知 .. <famly>", "pattern_unreadable"),
    (FORBIDDEN, "告诉|通知 .. <family>", "告诉|通知 ..", "pattern_unreadable"),
    (FORBIDDEN, "lists:\n", "pinyin: {坐牢: zuo}\nlists:\n", "pinyin_differs"),
    (FORBIDDEN, "id: ZZ-TXT-THIRD", "id: ZZ-TXT-THREAT", "id_duplicate"),
    (FORBIDDEN, "lists:\n", "phrases_from: nowhere\nlists:\n", "phrases_missing"),
    (FORBIDDEN, "    kind: threat\n", "    kind: threat\n    like: NOBODY\n", "phrases_unknown"),
    ("texts/required.yaml", "rule: ZZ-CON-07", "rule: ZZ-CON-99", "rule_unknown"),
    (
        FORBIDDEN,
        "    zh: [告诉|通知 .. <family>]\n    en: [tell|inform .. <family>]\n",
        "",
        "text_rule_empty",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "code"), FAULTS)
def test_a_fault_is_refused_with_its_code(
    tmp_path: Path, file: str, old: str, new: str, code: str
) -> None:
    pack = changed_zedland(tmp_path, file, old, new)

    with pytest.raises(TextsRefused) as refused:
        load_texts(pack=pack)

    assert code in {one.code for one in refused.value.findings}
    assert all(one.sentence.zh and one.sentence.en for one in refused.value.findings)


def test_every_fault_that_the_loader_knows_stands_above_or_below() -> None:
    told = {code for _, _, _, code in FAULTS} | {"version_duplicate"}

    assert told >= SENTENCES.keys()


@pytest.mark.parametrize(
    ("until", "version", "start", "code"),
    [
        ("2026-06-01", 1, "2026-06-01", "version_duplicate"),
        ("2026-06-01", 2, "2026-06-02", "version_gap"),
        ("2026-06-01", 2, "2026-05-31", "version_overlap"),
        ("null", 2, "2026-06-01", "version_overlap"),
    ],
)
def test_versions_follow_each_other(
    tmp_path: Path, until: str, version: int, start: str, code: str
) -> None:
    pack = changed_zedland(tmp_path, MESSAGES, "until: null", f"until: {until}")
    file = pack.folder / MESSAGES
    second = SECOND.format(version=version, start=start)
    file.write_text(file.read_text("utf-8") + second, encoding="utf-8")

    with pytest.raises(TextsRefused) as refused:
        load_texts(pack=pack)

    assert {one.code for one in refused.value.findings} == {code}


def test_the_version_of_the_day_is_used(tmp_path: Path) -> None:
    pack = changed_zedland(tmp_path, MESSAGES, "until: null", "until: 2026-06-01")
    file = pack.folder / MESSAGES
    second = SECOND.format(version=2, start="2026-06-01")
    file.write_text(file.read_text("utf-8") + second, encoding="utf-8")
    texts = load_texts(pack=pack)

    def version(day: date) -> int:
        return texts.version(purpose="soft_message", channel="sms", on=day).version

    assert version(date(2026, 5, 31)) == 1
    assert version(date(2026, 6, 1)) == 2
    with pytest.raises(NoText, match="2025-12-31"):
        version(date(2025, 12, 31))
    with pytest.raises(NoText):
        texts.version(purpose="soft_message", channel="letter", on=ON)


def test_the_example_has_a_text_for_every_purpose_that_the_law_knows(texts: Texts) -> None:
    assert {one.purpose for one in texts.messages.values()} == set(texts.required.by_purpose)


def test_every_default_text_can_be_written_in_both_languages(texts: Texts) -> None:
    for message in texts.messages.values():
        for channel in message.channels:
            for language in ("zh", "en"):
                values = sample_values(PLACEHOLDERS, language)

                written = texts.write(
                    purpose=message.purpose,
                    channel=channel,
                    on=ON,
                    language=language,
                    values=values,
                    figures=(1_238_455,),
                )

                assert not placeholders_in(written.text)
                assert written.digest == message.versions[-1].digest
                if channel == "sms":
                    assert sms_segments(written.text).count <= 4


def test_a_text_with_an_amount_that_the_ledger_has_not_is_not_written(texts: Texts) -> None:
    with pytest.raises(TextForbidden, match=r"CNY 12,384.56") as refused:
        texts.write(
            purpose="soft_message",
            channel="sms",
            on=ON,
            language="zh",
            values=sample_values(PLACEHOLDERS, "zh"),
            figures=(1_238_456,),
        )

    assert refused.value.findings[0].phrase == "12,384.55元"


def test_a_name_that_carries_a_threat_is_not_written(texts: Texts) -> None:
    with pytest.raises(TextForbidden) as refused:
        texts.write(
            purpose="missed_call",
            channel="sms",
            on=ON,
            language="zh",
            values={**sample_values(PLACEHOLDERS, "zh"), "debtor": "老赖"},
            figures=(),
        )

    assert refused.value.rule == "CN-TXT-SHAME"


def test_a_missing_value_names_itself_and_its_element(texts: Texts) -> None:
    values = sample_values(PLACEHOLDERS, "zh")
    del values["complaint_phone"]

    with pytest.raises(ValuesMissing, match=r"complaint_phone is missing .*how_to_complain"):
        texts.write(
            purpose="soft_message",
            channel="sms",
            on=ON,
            language="zh",
            values=values,
            figures=(1_238_455,),
        )


def test_the_digest_follows_the_words_and_nothing_else(tmp_path: Path, texts: Texts) -> None:
    def digest(pack: Pack) -> str:
        return load_texts(pack=pack).messages["zz-soft"].versions[0].digest

    same = digest(load_pack(ROOT / "packs" / "zz", with_cases=False))

    comment = changed_zedland(tmp_path / "a", MESSAGES, "# A text", "# The text")
    word = changed_zedland(tmp_path / "b", MESSAGES, "如有困难", "有困难")
    assert digest(comment) == same
    assert digest(word) != same
    digests = {one.versions[-1].digest for one in texts.messages.values()}
    assert len(digests) == len(texts.messages)
