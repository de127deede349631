"""``recoup seal``: make the key that signs, seal days, verify seals."""

import argparse
import sys
from datetime import date, datetime
from importlib import import_module
from pathlib import Path

from recoup.kernel.refusal import Refused
from recoup.site.commands.night import business_date
from recoup.site.desk import migrate, prepare_django

DONE, FOUND, _, REFUSED = range(4)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``seal`` with its actions ``key``, ``day`` and ``verify``."""
    seal = subparsers.add_parser(
        "seal",
        help="seal each day's entries, verify seals / 每日封存与校验",
        description="A seal is one signed root over all entries of a day. `recoup serve` seals "
        "each day by itself after midnight, once there is a key. Exit status: 0 done, 1 faults "
        "found, 2 wrong call, 3 refused.",
    )
    actions = seal.add_subparsers(dest="action", metavar="ACTION", required=True)
    key = actions.add_parser("key", help="make the key, print its public half / 生成签名密钥")
    key.add_argument(
        "--algorithm",
        choices=("ed25519-sha256", "sm2-sm3"),
        default="ed25519-sha256",
        help="signature and hash (default: ed25519-sha256)",
    )
    key.add_argument("--out", type=Path, help="the file (default: RECOUP_SEAL_KEY)")
    day = actions.add_parser("day", help="seal all days up to one / 封存至某日")
    day.add_argument("--date", dest="on", type=business_date, required=True)
    verify = actions.add_parser("verify", help="verify seals and entries / 校验封存与记录")
    verify.add_argument("--date", dest="on", type=business_date, help="one day (default: all)")
    verify.add_argument(
        "--key", action="append", default=[], help="fingerprint that must have signed"
    )
    for parser, act in ((key, make_key), (day, seal_days), (verify, verify_seals)):
        parser.add_argument("--data", type=Path, help="the desk's folder (default: RECOUP_DATA)")
        parser.set_defaults(run=run, act=act)


def run(args: argparse.Namespace) -> int:
    """Do one of the actions; yield the exit status."""
    prepare_django(data=args.data)
    migrate()
    try:
        status: int = args.act(args)
    except Refused as refused:
        print(f"{refused.zh}\n{refused.en}", file=sys.stderr)
        return REFUSED
    return status


def make_key(args: argparse.Namespace) -> int:
    """Make the key, register its public half, print it."""
    signing = import_module("recoup.documents.bundle.signing")
    settings = import_module("django.conf").settings
    path = args.out or Path(settings.SEAL_KEY)
    key = signing.make_key(algorithm=args.algorithm, path=path)
    import_module("recoup.apps.evidence.actions").register_key(key=key, at=_now())
    print(f"密钥文件 key file: {path} (mode 600)")
    print(f"算法 algorithm: {key.suite.name}")
    print(f"公钥 public key: {key.public.hex()}")
    print(f"指纹 fingerprint: {key.fingerprint}")
    if path != Path(settings.SEAL_KEY):
        print(f"请设置 set: RECOUP_SEAL_KEY={path}")
    return DONE


def seal_days(args: argparse.Namespace) -> int:
    """Seal all days up to one that are not sealed; print each."""
    actions = import_module("recoup.apps.evidence.actions")
    seal_model = import_module("recoup.apps.evidence.models").Seal
    days: tuple[date, ...] = actions.seal_until(last_on=args.on, at=_now())
    actions.stamp_due(at=_now())
    for seal in seal_model.objects.filter(day__in=days).order_by("day"):
        print(f"{seal.day}  {seal.entries:,} 条 entries  {seal.root}")
    return DONE


def verify_seals(args: argparse.Namespace) -> int:
    """Verify one seal or all, entry by entry; print each fault."""
    verified = import_module("recoup.apps.evidence.verifying").verified
    seals = import_module("recoup.apps.evidence.models").Seal.objects.select_related("key", "stamp")
    found = seals.filter(day=args.on) if args.on else seals.all()
    faults = count = reread = 0
    for seal in found.order_by("day"):
        said = verified(seal, trusted=args.key)
        count, reread, faults = count + 1, reread + said.reread, faults + len(said.faults)
        for fault in said.faults:
            print(f"{seal.day}  异常 FAULT: {fault.zh} / {fault.en}")
    if not count:
        print("没有封存 / there is no seal", file=sys.stderr)
        return REFUSED
    print(f"封存 seals: {count}, 记录 entries: {reread:,}, 异常 faults: {faults}")
    return FOUND if faults else DONE


def _now() -> datetime:
    found: datetime = import_module("recoup.site.clock").now()
    return found
