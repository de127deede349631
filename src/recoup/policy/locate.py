"""Where the packs and strategies lie: in the installed package, else at the root of the sources."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
REPOSITORY = PACKAGE.parent.parent


class FolderMissing(FileNotFoundError):
    """No folder of that name is installed, and none was given."""


def packs_folder(given: Path | str | None = None) -> Path:
    """Yield the folder that holds one folder per pack: the one given, else the shipped one."""
    return _folder("packs", given)


def strategies_folder(given: Path | str | None = None) -> Path:
    """Yield the folder that holds one folder per strategy: the one given, else the shipped one."""
    return _folder("strategies", given)


def _folder(name: str, given: Path | str | None) -> Path:
    if given is not None:
        return Path(given)
    for root in (PACKAGE, REPOSITORY):
        if (root / name).is_dir():
            return root / name
    raise FolderMissing(f"{PACKAGE / name} / {REPOSITORY / name}")
