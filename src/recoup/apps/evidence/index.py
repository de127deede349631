"""Writes the index of a case's bundle: what it holds, what a court would miss, what happened.

Everything is told from the entries that the bundle holds, so that index and records say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recoup.apps.evidence.gathering import Entries
from recoup.apps.evidence.lawful import RuleUsed
from recoup.apps.evidence.missing import HERE, MISSING, Standing
from recoup.apps.evidence.models import Seal
from recoup.documents.booklet import Booklet, Part
from recoup.documents.sheet import Fact
from recoup.events.evidence import Paper
from recoup.web.shown import instant
from recoup.web.words import word_of

#: Rows of one table of the index; the records and lists in the bundle have all of them.
MOST_ROWS = 1500
Content = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PackedPaper:
    """A paper as it lies in the bundle: its name there and its hash."""

    paper: Paper
    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """All that the index tells of."""

    debtor_id: str
    name: str
    loans: tuple[str, ...]
    entries: Entries
    papers: tuple[PackedPaper, ...]
    standing: tuple[Standing, ...]
    rules: tuple[RuleUsed, ...]
    policy: str
    seals: tuple[Seal, ...]
    fingerprint: str
    why: str


@dataclass(frozen=True)
class Pen:
    """Writes in one language."""

    language: str

    def say(self, zh: str, en: str) -> str:
        """Yield the text of the language."""
        return zh if self.language == "zh" else en

    def at(self, text: object) -> str:
        """Yield an instant that was stored as text."""
        return instant(datetime.fromisoformat(str(text))) if text else "—"


def index_of(*, case: CaseFile, watermark: str, at: datetime, language: str) -> Booklet:
    """Yield the index in one language; the translation of that language is active."""
    pen = Pen(language)
    return Booklet(
        language=language,
        title=pen.say("证据包目录", "Evidence bundle: index"),
        subtitle=pen.say(
            f"{case.name}（{case.debtor_id}），截至 {instant(at)}",
            f"{case.name} ({case.debtor_id}), as of {instant(at)}",
        ),
        facts=_facts(case, pen),
        parts=(
            _wanted(case, pen),
            _documents(case, pen),
            _contacts(case.entries, pen),
            _messages(case.entries, pen),
            _receipts(case.entries, pen),
            _answers(case.entries, pen),
            _rules(case, pen),
            _timeline(case.entries, pen),
            _seals(case, pen),
        ),
        footer=watermark,
        page_words=("第 ", " / ", " 页") if language == "zh" else ("page ", " of ", ""),
    )


def _facts(case: CaseFile, pen: Pen) -> tuple[Fact, ...]:
    last = case.seals[-1].day.isoformat() if case.seals else pen.say("尚无", "none yet")
    return (
        Fact(label=pen.say("借款人", "Debtor"), value=f"{case.name} ({case.debtor_id})"),
        Fact(label=pen.say("合同", "Contracts"), value=", ".join(case.loans) or "—"),
        Fact(label=pen.say("导出原因", "Taken along because"), value=case.why),
        Fact(label=pen.say("规则与策略", "Rules and strategy"), value=case.policy),
        Fact(
            label=pen.say("记录", "Entries"),
            value=pen.say(
                f"{case.entries.count} 条，其中 {case.entries.unsealed} 条尚未封存",
                f"{case.entries.count}, of which {case.entries.unsealed} not sealed yet",
            ),
        ),
        Fact(label=pen.say("封存至", "Sealed up to"), value=last),
        Fact(label=pen.say("签名密钥指纹", "Signing key"), value=case.fingerprint),
        Fact(
            label=pen.say("校验", "To verify"),
            value=pen.say(
                "解压后运行 python3 verify.py，不需要 recoup 和网络",
                "unpack, run python3 verify.py; needs neither recoup nor a network",
            ),
        ),
    )


def _part(
    pen: Pen,
    zh: str,
    en: str,
    headings: Sequence[tuple[str, str]],
    widths: tuple[int, ...],
    rows: Sequence[tuple[str, ...]],
    *,
    file: str = "",
) -> Part:
    more = len(rows) - MOST_ROWS
    note = pen.say(f"全部见 {file}", f"all of them: {file}") if file else ""
    if more > 0:
        note += pen.say(f"（此处省略 {more} 行）", f" ({more} rows left out here)")
    return Part(
        heading=f"{pen.say(zh, en)} ({len(rows)})",
        note=note,
        headings=tuple(pen.say(*one) for one in headings),
        widths=widths,
        rows=tuple(rows[:MOST_ROWS]),
        empty=pen.say("无", "none"),
    )


def _wanted(case: CaseFile, pen: Pen) -> Part:
    states = {HERE: ("✓ 有", "✓ here"), MISSING: ("✕ 缺", "✕ missing")}
    names = {one.paper.key: one.name for one in case.papers}
    rows = [
        (
            one.item.name.of(pen.language),
            pen.say(*states.get(one.state, ("? 未记录是否需要", "? not known whether asked for"))),
            ", ".join(names.get(paper.key, paper.title) for paper in one.papers) or "—",
            one.item.source(pen.language),
        )
        for one in case.standing
    ]
    headings = (("材料", "Paper"), ("状态", "State"), ("文件", "Document"), ("依据", "Source"))
    return _part(pen, "法院会要求的材料", "What a court asks for", headings, (4, 2, 4, 4), rows)


def _documents(case: CaseFile, pen: Pen) -> Part:
    rows = [(one.name, one.paper.title, instant(one.paper.at), one.sha256) for one in case.papers]
    headings = (("文件", "File"), ("名称", "Title"), ("时间", "When"), ("SHA-256", "SHA-256"))
    return _part(pen, "文件", "Documents", headings, (5, 4, 3, 6), rows, file="documents/")


def contact_rows(entries: Entries, pen: Pen) -> list[tuple[str, ...]]:
    """Yield the contacts, as list and index show them."""
    return [
        (
            pen.at(one["at"]),
            word_of(kind="direction", code=one["direction"]),
            word_of(kind="channel", code=one["channel"]),
            word_of(kind="party", code=one["party"]),
            str(one["number"]),
            word_of(kind="outcome", code=str(one.get("outcome", ""))) or "—",
            str(one["note"])
            + (f" ▶ {one['recording']}" if one.get("recording") else "")
            + "".join(f" [{broken['rule']}]" for broken in one["breaches"]),
        )
        for one in (entry.content for entry in entries.of("contacts"))
    ]


CONTACT_HEADINGS = (
    *(("时间", "When"), ("方向", "Direction"), ("渠道", "Channel"), ("对象", "Who")),
    *(
        ("号码", "Number"),
        ("结果", "Outcome"),
        ("备注、录音、违反的规则", "Note, recording, rules broken"),
    ),
)


def _contacts(entries: Entries, pen: Pen) -> Part:
    rows = contact_rows(entries, pen)
    widths = (4, 2, 2, 2, 4, 3, 6)
    return _part(
        pen, "触达清单", "Contacts", CONTACT_HEADINGS, widths, rows, file="lists/contacts.csv"
    )


def message_rows(entries: Entries, pen: Pen) -> list[tuple[str, ...]]:
    """Yield the messages of both directions with their exact texts, in order of time."""
    rows = [
        (
            str(one["queued_at"]),
            pen.say("发出", "sent"),
            word_of(kind="channel", code=one["channel"]),
            str(one["message_id"]),
            f"{one['subject']}\n{one['body']}".strip(),
        )
        for one in (entry.content for entry in entries.of("messages"))
    ]
    rows += [
        (
            str(one["at"]),
            pen.say("收到", "received"),
            word_of(kind="channel", code=one["channel"]),
            str(one["key"])[:16],
            str(one["text"]),
        )
        for one in (entry.content for entry in entries.of("replies"))
    ]
    return [(pen.at(row[0]), *row[1:]) for row in sorted(rows)]


MESSAGE_HEADINGS = (
    *(("时间", "When"), ("方向", "Direction"), ("渠道", "Channel"), ("编号", "Id")),
    ("原文", "Exact text"),
)


def _messages(entries: Entries, pen: Pen) -> Part:
    rows = message_rows(entries, pen)
    widths = (3, 2, 2, 4, 9)
    return _part(
        pen, "消息原文", "Messages", MESSAGE_HEADINGS, widths, rows, file="lists/messages.csv"
    )


def _receipts(entries: Entries, pen: Pen) -> Part:
    rows = [
        (
            pen.at(one["at"]),
            word_of(kind="channel", code=one["channel"]),
            word_of(kind="outcome", code=one["outcome"]),
            str(one["own_id"]),
            f"{one['provider']} {one['reference']} {one['said']}".strip(),
        )
        for one in (entry.content for entry in entries.of("receipts"))
    ]
    headings = (
        *(("时间", "When"), ("渠道", "Channel"), ("结果", "Outcome"), ("消息", "Message")),
        ("服务商的回执", "What the provider said"),
    )
    return _part(
        pen, "送达回执", "Delivery receipts", headings, (3, 2, 3, 4, 6), rows,
        file="records/receipts.jsonl",
    )  # fmt: skip


def answer_rows(entries: Entries, pen: Pen) -> list[tuple[str, ...]]:
    """Yield each permit and refusal with the rules against it and the versions it rests on."""
    return [
        (
            pen.at(one["at"]),
            " · ".join(
                word_of(kind=kind, code=one[kind]) for kind in ("channel", "party", "purpose")
            ),
            pen.say("许可", "permitted") if one["permitted"] else pen.say("拒绝", "refused"),
            "\n".join(f"{why['rule']} {why[pen.language]}" for why in one["reasons"]) or "—",
            "\n".join(str(basis) for basis in one["basis"]),
        )
        for one in (entry.content for entry in entries.of("gate"))
    ]


ANSWER_HEADINGS = (
    *(
        ("时间", "When"),
        ("拟触达", "Contact"),
        ("答复", "Answer"),
        ("不许可的规则", "Rules against"),
    ),
    ("规则版本", "Versions"),
)


def _answers(entries: Entries, pen: Pen) -> Part:
    rows = answer_rows(entries, pen)
    widths = (3, 4, 2, 8, 4)
    return _part(
        pen, "闸口的许可与拒绝", "Permits and refusals", ANSWER_HEADINGS, widths, rows,
        file="lists/gate.csv, records/gate.jsonl",
    )  # fmt: skip


def _rules(case: CaseFile, pen: Pen) -> Part:
    rows = [
        (one.rule_id, one.period, one.sentence.of(pen.language), one.source.of(pen.language))
        for one in case.rules
    ]
    headings = (
        ("规则", "Rule"),
        ("有效", "In force"),
        ("内容", "What it says"),
        ("出处", "Source"),
    )
    return _part(
        pen, "所用规则", "Rules in force on the days used", headings, (3, 4, 8, 6), rows,
        file="rules/rules.json",
    )  # fmt: skip


def _timeline(entries: Entries, pen: Pen) -> Part:
    rows = [
        (
            str(one.content["place"]),
            pen.at(one.content["entry"]["at"]),
            word_of(kind="entry", code=one.content["entry"]["kind"]),
            str(one.content["entry"]["text"]),
        )
        for one in entries.of("timeline")
    ]
    headings = (("序号", "No."), ("时间", "When"), ("事项", "Entry"), ("内容", "Text"))
    return _part(
        pen, "案件时间线", "Timeline of the case", headings, (1, 3, 4, 9), rows,
        file="records/timeline.jsonl",
    )  # fmt: skip


def _seals(case: CaseFile, pen: Pen) -> Part:
    rows = [
        (
            seal.day.isoformat(),
            f"{seal.entries:,}",
            seal.root,
            instant(seal.stamp.stamped_at) if hasattr(seal, "stamp") else "—",
        )
        for seal in case.seals
    ]
    headings = (("日期", "Day"), ("记录", "Entries"), ("根", "Root"), ("时间戳", "Time stamp"))
    return _part(pen, "每日封存", "Daily seals", headings, (3, 2, 9, 4), rows, file="seals/")
