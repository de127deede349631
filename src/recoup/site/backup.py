"""Backs the desk up into one file, and brings it back: records, kept files, the night it shows.

The records are taken first, as one consistent picture, while the desk works on; kept files are
named by their hash and never change, so that those which the picture names are all there when they
are copied afterwards. The file is written beside its place and put there whole.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from recoup.kernel.refusal import Refused

SQLITE, DUMP, CONTENTS = "records.sqlite3", "records.dump", "contents.json"
KEPT = "files"
NIGHTS = "nights"
SECRET = "secret-key"
SECONDS = 6 * 3600


class BackupRefused(Refused):
    """A backup cannot be made, or cannot be brought back here."""


def back_up(*, out: Path, at: datetime) -> int:
    """Write the desk into the file ``out``; yield its size in bytes. Errors: BackupRefused."""
    settings = import_module("django.conf").settings
    beside = out.with_name(f".{out.name}.partial")
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".recoup-backup-") as scratch:
        folder = Path(scratch)
        records = _take_records(settings.DATABASES["default"], folder)
        members = [(records.name, records), *_files(settings)]
        contents = {
            "recoup": version("recoup"),
            "made_at": at.isoformat(),
            "sha256": {name: _digest(path) for name, path in members},
        }
        note = folder / CONTENTS
        note.write_text(json.dumps(contents, indent=1), encoding="utf-8")
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        with tarfile.open(beside, "w:gz", compresslevel=1) as archive:
            archive.add(note, CONTENTS)
            for name, path in members:
                archive.add(path, name)
    beside.replace(out)
    return out.stat().st_size


def _take_records(database: dict[str, Any], folder: Path) -> Path:
    if database["ENGINE"].endswith("sqlite3"):
        target = folder / SQLITE
        with (
            closing(sqlite3.connect(database["NAME"])) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        return target
    target = folder / DUMP
    _run([_program("pg_dump"), "--format=custom", "--no-owner", f"--file={target}"], database)
    return target


def _files(settings: Any) -> Iterator[tuple[str, Path]]:
    """Yield what is kept outside the records: files by their hash, the night that is shown, key."""
    kept = Path(settings.KEPT_FILES)
    for path in sorted(kept.rglob("*")) if kept.is_dir() else ():
        if path.is_file() and not path.name.startswith("."):
            yield f"{KEPT}/{path.relative_to(kept)}", path
    shown = import_module("recoup.apps.portfolio.queries.publications").current_result()
    nights = Path(settings.NIGHTS).resolve()
    if shown is not None and shown.resolve().is_relative_to(nights):
        for path in sorted(shown.resolve().rglob("*")):
            if path.is_file():
                yield f"{NIGHTS}/{path.relative_to(nights)}", path
    secret = Path(settings.DATA) / SECRET
    if secret.is_file():
        yield SECRET, secret


def restore(*, source: Path, over: bool) -> int:
    """Bring a backup back into the desk of these settings; yield how many files it held.

    The desk is stopped meanwhile. Records that are there already are only replaced when ``over``
    says so; every file is compared with its hash before anything is touched.
    Errors: BackupRefused.
    """
    settings = import_module("django.conf").settings
    database = settings.DATABASES["default"]
    if not over and _has_records(database):
        raise BackupRefused(
            zh="这里已有记录；如确需用备份覆盖，请先停止作业台，再加 --over。",
            en="There are records here already; to replace them, stop the desk and say --over.",
        )
    data = Path(settings.DATA)
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data, prefix=".recoup-restore-") as scratch:
        folder = Path(scratch)
        names = _unpacked(source, folder)
        _put_records(database, folder)
        for name in names:
            if name.startswith(f"{KEPT}/"):
                _put(folder / name, Path(settings.KEPT_FILES) / name.removeprefix(f"{KEPT}/"))
            elif name.startswith(f"{NIGHTS}/"):
                _put(folder / name, Path(settings.NIGHTS) / name.removeprefix(f"{NIGHTS}/"))
            elif name == SECRET:
                _put(folder / name, data / SECRET)
    return len(names)


def _unpacked(source: Path, folder: Path) -> Sequence[str]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive:
                _unpack_one(archive, member, folder)
        contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        expected: dict[str, str] = contents["sha256"]
    except (OSError, tarfile.TarError, ValueError, KeyError, EOFError) as failure:
        raise BackupRefused(
            zh=f"{source} 不是完整的备份文件：{failure}",
            en=f"{source} is no whole backup: {failure}",
        ) from failure
    for name, digest in expected.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise BackupRefused(
                zh=f"备份中的 {name} 与其校验值不符；未做任何改动，请换一份备份。",
                en=f"{name} in the backup does not agree with its hash; nothing was changed, take "
                "another backup.",
            )
    return tuple(expected)


def _unpack_one(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write one plain file into the folder; whatever else a backup holds was not put in by us."""
    target = (folder / member.name).resolve()
    held = archive.extractfile(member) if member.isreg() else None
    if held is None or not target.is_relative_to(folder.resolve()):
        if member.isdir():
            return
        raise tarfile.TarError(member.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with held, target.open("wb") as written:
        shutil.copyfileobj(held, written)


def _has_records(database: dict[str, Any]) -> bool:
    if database["ENGINE"].endswith("sqlite3"):
        return Path(database["NAME"]).exists()
    return bool(import_module("django.db").connection.introspection.table_names())


def _put_records(database: dict[str, Any], folder: Path) -> None:
    is_sqlite = database["ENGINE"].endswith("sqlite3")
    if not (folder / (SQLITE if is_sqlite else DUMP)).is_file():
        raise BackupRefused(
            zh="备份与所用的数据库不同（SQLite 或 PostgreSQL）；请用相同的数据库恢复。",
            en="The backup is of the other kind of database (SQLite, PostgreSQL); restore it into "
            "the same kind.",
        )
    import_module("django.db").connection.close()
    if is_sqlite:
        target = Path(database["NAME"])
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        _put(folder / SQLITE, target)
    else:
        words = [_program("pg_restore"), "--clean", "--if-exists", "--no-owner", "--exit-on-error"]
        _run([*words, "--single-transaction", f"{folder / DUMP}"], database, named=True)


def _put(source: Path, target: Path) -> None:
    """Put a file into its place whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, beside)
    shutil.copymode(source, beside)
    beside.replace(target)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    if not installed:
        raise BackupRefused(
            zh=f"没有找到 {name}；请安装 PostgreSQL 客户端"
            "（Debian：apt-get install postgresql-client）。",
            en=f"{name} is not installed; on Debian: apt-get install postgresql-client.",
        )
    return str(installed[-1])


def _run(words: Sequence[str], database: dict[str, Any], *, named: bool = False) -> None:
    """Run a program of PostgreSQL on the desk's database; the password goes by the environment."""
    given = {
        "PGHOST": database.get("HOST"),
        "PGPORT": str(database.get("PORT") or ""),
        "PGUSER": database.get("USER"),
        "PGPASSWORD": database.get("PASSWORD"),
        "PGDATABASE": database["NAME"],
    }
    env = {**os.environ, **{name: value for name, value in given.items() if value}}
    command = [*words, f"--dbname={database['NAME']}"] if named else list(words)
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        raise BackupRefused(
            zh=f"{Path(words[0]).name} 失败：{done.stderr.strip()[-400:]}",
            en=f"{Path(words[0]).name} failed: {done.stderr.strip()[-400:]}",
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
