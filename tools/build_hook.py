"""Makes the files that ship inside the wheel and are not committed, before a build.

The front-end files come from the npm registry by the versions in ``package-lock.json``; the
catalogues of words are compiled from the ``.po`` files beside them.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
DESK = "src/recoup/web/static/vendor"
#: Where a file goes -> where it comes from.
FETCHED = {
    "src/recoup/engine/report/vendor/echarts.min.js": "node_modules/echarts/dist/echarts.min.js",
    f"{DESK}/echarts.min.js": "node_modules/echarts/dist/echarts.min.js",
    f"{DESK}/htmx.min.js": "node_modules/htmx.org/dist/htmx.min.js",
    f"{DESK}/alpine-csp.min.js": "node_modules/@alpinejs/csp/dist/cdn.min.js",
    f"{DESK}/tabler.min.css": "node_modules/@tabler/core/dist/css/tabler.min.css",
    f"{DESK}/tabler.min.js": "node_modules/@tabler/core/dist/js/tabler.min.js",
}


class FrontEndMissing(RuntimeError):
    """The front-end files are not there and could not be fetched."""


def fetch_front_end(root: Path) -> None:
    """Put every file of FETCHED in its place, running ``npm ci`` when one is missing.

    Errors: FrontEndMissing, when npm is not installed or does not deliver a file.
    """
    wanted = {root / target: root / source for target, source in FETCHED.items()}
    if not all(source.exists() for source in wanted.values()):
        if all(target.exists() for target in wanted):
            return  # a source distribution, which carries them already
        if shutil.which("npm") is None:
            raise FrontEndMissing(
                "npm is needed once, to fetch the front-end files of the desk and the page; "
                "install Node.js with npm (Debian: apt-get install npm) and build again"
            )
        subprocess.run(["npm", "ci", "--silent", "--no-progress"], cwd=root, check=True)
    for target, source in wanted.items():
        if not source.exists():
            raise FrontEndMissing(f"npm did not deliver {source.relative_to(root)}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def compile_words(root: Path) -> None:
    """Write the ``.mo`` file beside every ``.po`` file of the product."""
    for source in sorted((root / "src" / "recoup").rglob("locale/*/LC_MESSAGES/*.po")):
        with source.open("rb") as read, source.with_suffix(".mo").open("wb") as written:
            write_mo(written, read_po(read))


class FrontEndHook(BuildHookInterface[Any]):  # type: ignore[misc]
    """Runs before each build of a wheel or an editable installation."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch and compile what the wheel carries."""
        fetch_front_end(Path(self.root))
        compile_words(Path(self.root))


if __name__ == "__main__":
    try:
        fetch_front_end(ROOT)
        compile_words(ROOT)
    except FrontEndMissing as failure:
        sys.exit(str(failure))
