"""``recoup packs``: check a pack, show a rule as it was in force on a day, write the rule pages."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

from recoup.engine.refusal import NightRefused
from recoup.kernel.contact_facts import INSTITUTIONS
from recoup.policy.bilingual import Bilingual
from recoup.policy.checking import CheckReport, check_pack
from recoup.policy.findings import Finding
from recoup.policy.locate import FolderMissing, packs_folder, strategies_folder
from recoup.policy.pack import NotInForce, Pack, PackRefused, load_pack
from recoup.policy.pages import page_file, pages_of_pack
from recoup.policy.showing import rule_as_json, rule_as_text
from recoup.policy.strategy import StrategyRefused, load_strategy
from recoup.policy.texts import Texts, TextsRefused, load_texts
from recoup.site.pack_replay import pack_lines, replay_pack
from recoup.site.policies import WrongCall as NoSuchFolder
from recoup.site.policies import found_folder

DONE = 0
FOUND = 1
WRONG_CALL = 2
REFUSED = 3


class WrongCall(Exception):
    """The command names something that is not there; the sentence says what is."""

    def __init__(self, sentence: Bilingual) -> None:
        super().__init__(f"{sentence.zh} / {sentence.en}")
        self.sentence = sentence


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``packs`` with its actions ``check``, ``show``, ``pages`` and ``replay``."""
    packs = subparsers.add_parser(
        "packs",
        help="law as data: check, show, write pages / 法规数据：检查、查看、生成页面",
        description="Works on the packs: law as dated, cited data.",
    )
    actions = packs.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_check(actions)
    _add_show(actions)
    _add_pages(actions)
    _add_replay(actions)


def _add_check(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "check",
        help="sources, dates, cases, texts, staleness / 出处、日期、案例、文字、时效",
        description="Loads packs, runs their cases, holds their texts (those of --strategy too) "
        "to their own rules, and says what is due to be checked again. "
        "Exit status: 0 clean (warnings allowed), 1 findings, 2 wrong call, 3 refused to load.",
    )
    parser.add_argument("pack", nargs="?", help="id of one pack; without it, all packs")
    parser.add_argument("--on", type=_day, help="the day of the check; without it, today")
    parser.add_argument("--strategy", help="id of a strategy whose texts are checked as well")
    parser.add_argument("--packs", type=Path, help="folder with packs of your own")
    parser.add_argument("--strategies", type=Path, help="folder with strategies of your own")
    parser.set_defaults(run=run, act=_check)


def _add_show(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "show",
        help="a rule as in force on a day / 某日有效的规则",
        description="Prints value, unit, sentence, source, last-checked day, confidence, history. "
        "Exit status: 0 in force, 1 not in force that day, 2 wrong call, 3 refused to load.",
    )
    parser.add_argument("pack", help="id of the pack, for example cn")
    parser.add_argument("rule", help="id of the rule, for example CN-CLS-05")
    parser.add_argument("--on", type=_day, help="the day asked about; without it, today")
    parser.add_argument("--json", action="store_true", help="print JSON / 输出 JSON")
    parser.add_argument("--packs", type=Path, help="folder with packs of your own")
    parser.set_defaults(run=run, act=_show)


def _add_pages(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "pages",
        help="write the rule pages / 生成规则页面",
        description="Writes <pack>.zh.md and <pack>.en.md for every pack, and an index. "
        "Exit status: 0 written (or current), 1 with --check: not current, 3 refused to load.",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the pages")
    parser.add_argument("--check", action="store_true", help="write nothing; compare / 只比较")
    parser.add_argument("--packs", type=Path, help="folder with packs of your own")
    parser.set_defaults(run=run, act=_pages)


def _add_replay(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "replay",
        help="would past contacts have broken a new version? / 过去的联系会违反新版法规吗",
        description="Judges every outgoing contact of a book by two versions of a pack, each with "
        "only what was before it. Exit status: 0 the new version forbids no more, 1 it does, "
        "2 wrong call, 3 refused.",
    )
    parser.add_argument("old", metavar="OLD", help="a pack's id, or the folder of a version")
    parser.add_argument("new", metavar="NEW", help="a pack's id, or the folder of a version")
    parser.add_argument("--book", type=Path, required=True, help="folder with the bank's files")
    parser.add_argument("--from", dest="first", type=_day, required=True, help="first local day")
    parser.add_argument("--to", dest="last", type=_day, required=True, help="last local day")
    parser.add_argument(
        "--new-law-on",
        type=_day,
        metavar="DATE",
        help="hold every contact against NEW as in force on that day (default: on its own day)",
    )
    parser.add_argument(
        "--institution",
        choices=sorted(INSTITUTIONS),
        default="bank",
        help="who collects (default: bank)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON / 输出 JSON")
    parser.add_argument("--packs", type=Path, help="folder with packs of your own")
    parser.set_defaults(run=run, act=_replay)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = f"'{text}' 不是日期 / is not a date: YYYY-MM-DD"
        raise argparse.ArgumentTypeError(said) from None


def run(args: argparse.Namespace) -> int:
    """Run one action; yield the exit status."""
    act: Callable[[argparse.Namespace], int] = args.act
    try:
        return act(args)
    except WrongCall as wrong:
        print(f"{wrong.sentence.zh}\n{wrong.sentence.en}", file=sys.stderr)
        return WRONG_CALL
    except NightRefused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    except FolderMissing as missing:
        print(f"没有找到法规包文件夹：{missing}", file=sys.stderr)
        print(f"No folder with packs was found: {missing}", file=sys.stderr)
        return WRONG_CALL


def _today() -> date:
    """The day on this machine's calendar; the only clock read of this command."""
    return datetime.now(tz=UTC).astimezone().date()


def _folders(args: argparse.Namespace, named: str | None) -> tuple[Path, ...]:
    """The folder of the pack named, or of every pack there is.

    A folder without pack.yaml that is named is loaded all the same, so that the refusal says it.
    """
    root = packs_folder(args.packs)
    if not root.is_dir():
        raise FolderMissing(str(root))
    known = tuple(sorted(one for one in root.iterdir() if one.is_dir() and one.name[0] != "."))
    if named is None:
        return known
    chosen = tuple(one for one in known if one.name == named)
    if not chosen:
        there = ", ".join(one.name for one in known) or "-"
        raise WrongCall(
            Bilingual(
                zh=f"“{root}”中没有法规包“{named}”；有：{there}。",
                en=f"There is no pack '{named}' in '{root}'; there are: {there}.",
            )
        )
    return chosen


def _loaded(folder: Path, on: date | None = None) -> Pack | None:
    """The pack, or None after printing everything that is wrong with it."""
    try:
        return load_pack(folder, on=on)
    except PackRefused as refused:
        count = len(refused.findings)
        print(f"法规包“{folder.name}”未载入：{count} 处问题。", file=sys.stderr)
        print(f"The pack '{folder.name}' is refused: {count} findings.", file=sys.stderr)
        _print_findings(folder, refused.findings, stream=sys.stderr)
        return None


def _print_findings(
    folder: Path, found: Iterable[Finding], *, stream: TextIO | None = None
) -> None:
    for one in found:
        where = f"{folder.name}/{one.place} {one.path}".rstrip()
        print(f"{one.severity} {one.code} {where}", file=stream)
        print(f"    {one.sentence.zh}\n    {one.sentence.en}", file=stream)


def _check(args: argparse.Namespace) -> int:
    on = args.on or _today()
    status = DONE
    for folder in _folders(args, args.pack):
        pack = _loaded(folder, on)
        if pack is None:
            status = REFUSED
            continue
        texts = _texts(args, pack)
        if texts is None:
            status = REFUSED
            continue
        report = check_pack(pack=pack, on=on)
        _print_findings(folder, report.findings)
        _print_summary(report, texts)
        if report.errors and status == DONE:
            status = FOUND
    return status


def _texts(args: argparse.Namespace, pack: Pack) -> Texts | None:
    """The texts of the pack and the strategy named, or None after printing what is wrong."""
    try:
        strategy = None
        if args.strategy is not None:
            parent = args.strategies or strategies_folder()
            folder = found_folder(parent, args.strategy, zh="策略", en="strategy")
            strategy = load_strategy(folder, pack=pack)
        return load_texts(pack=pack, strategy=strategy)
    except NoSuchFolder as missing:
        raise WrongCall(Bilingual(zh=missing.zh, en=missing.en)) from None
    except (StrategyRefused, TextsRefused) as refused:
        for one in refused.findings:
            print(one, file=sys.stderr)
        return None


def _print_summary(report: CheckReport, texts: Texts) -> None:
    pack = report.pack
    rows = sum(len(table.rows) for table in pack.tables.values())
    years = pack.calendar_years
    known = f"{min(years)}-{max(years)}" if years else "-"
    figures: Mapping[str, object] = {
        "规则 rules": len(pack.rules),
        "版本 versions": len(report.versions),
        "出处 sources": len(pack.sources),
        "表格行 table rows": f"{rows} ({len(pack.tables)})",
        "工作日历 calendar": known,
        "文字 texts": f"{len(texts.messages)} ({len(texts.rules.rules)} 条禁用规则 rules)",
        "案例 cases": f"{report.passed} passed, {report.failed} failed",
        "无案例的规则 rules without a case": _listed(report.without_case),
        "可信度低 low confidence": _listed(report.low_confidence),
        "有未核实之处 something unverified": len(report.unverified),
        "只展示不适用 shown, never applied": _listed(report.not_enforced),
        "问题 findings": f"{len(report.errors)} errors, {len(report.warnings)} warnings",
    }
    print(f"{pack.id} {pack.version}  {pack.name.zh} {pack.name.en}  {report.on}")
    print(f"    sha256 {pack.content_hash}")
    for name, figure in figures.items():
        print(f"    {name}: {figure}")


def _listed(rules: tuple[str, ...]) -> str:
    return f"{len(rules)} ({', '.join(rules)})" if rules else "0"


def _show(args: argparse.Namespace) -> int:
    on = args.on or _today()
    (folder,) = _folders(args, args.pack)
    pack = _loaded(folder)
    if pack is None:
        return REFUSED
    rule = pack.rules.get(args.rule)
    if rule is None:
        raise WrongCall(_no_such_rule(pack, args.rule))
    try:
        version = pack.in_force(args.rule, on=on)
    except NotInForce as silent:
        version = None
        if not args.json:
            print(f"{silent.sentence.zh}\n{silent.sentence.en}")
    if args.json:
        shown = rule_as_json(pack=pack, rule=rule, on=on)
        print(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        print(rule_as_text(rule=rule, version=version, on=on))
    return FOUND if version is None else DONE


def _no_such_rule(pack: Pack, asked: str) -> Bilingual:
    near = get_close_matches(asked, sorted(pack.rules), n=6, cutoff=0.7)
    there = ", ".join(sorted(near) or sorted(pack.rules)[:12])
    return Bilingual(
        zh=f"法规包“{pack.id}”没有编号为“{asked}”的规则；相近的有：{there}。",
        en=f"The pack '{pack.id}' has no rule '{asked}'; near to it: {there}.",
    )


def _pages(args: argparse.Namespace) -> int:
    packs = [_loaded(folder) for folder in _folders(args, None)]
    if any(pack is None for pack in packs):
        return REFUSED
    pages: dict[str, str] = {}
    for pack in packs:
        if pack is not None:
            pages.update(pages_of_pack(pack=pack))
    pages["README.md"] = page_file(packs=[pack for pack in packs if pack is not None])
    if args.check:
        return _compare_pages(args.out, pages)
    args.out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (args.out / name).write_text(text, encoding="utf-8")
        print(args.out / name)
    return DONE


def _replay(args: argparse.Namespace) -> int:
    sides = []
    for name in (args.old, args.new):
        folder = Path(name) if "/" in name and Path(name).is_dir() else _folders(args, name)[0]
        sides.append(_loaded(folder))
    old, new = sides
    if old is None or new is None:
        return REFUSED
    change = replay_pack(
        old=old,
        new=new,
        book=args.book,
        span_of=(args.first, args.last),
        on=args.new_law_on,
        by=args.institution,
    )
    if args.json:
        print(json.dumps(change.tree(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(pack_lines(change)))
    return FOUND if change.found.broken else DONE


def _compare_pages(out: Path, pages: Mapping[str, str]) -> int:
    there = {file.name for file in out.glob("*.md")} if out.is_dir() else set()
    old = sorted(
        name
        for name, text in pages.items()
        if name not in there or (out / name).read_text(encoding="utf-8") != text
    )
    for name in old:
        print(f"{out / name}: 不是最新的，请重新生成 / not current, generate it again")
    for name in sorted(there - pages.keys()):
        print(f"{out / name}: 多余的页面 / a page that no pack yields")
    return FOUND if old or there - pages.keys() else DONE
