"""Fetches the front-end files that ship inside the wheel, before a build.

The morning page carries ECharts in itself. The file comes from the npm registry by the versions in
``package-lock.json`` and is not committed.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
FETCHED = {
    "node_modules/echarts/dist/echarts.min.js": "src/recoup/engine/report/vendor/echarts.min.js",
}


class FrontEndMissing(RuntimeError):
    """The front-end files are not there and could not be fetched."""


def fetch_front_end(root: Path) -> None:
    """Put every file of FETCHED in its place, running ``npm ci`` when one is missing.

    Errors: FrontEndMissing, when npm is not installed or does not deliver a file.
    """
    wanted = {root / target: root / source for source, target in FETCHED.items()}
    if not all(source.exists() for source in wanted.values()):
        if all(target.exists() for target in wanted):
            return  # a source distribution, which carries them already
        if shutil.which("npm") is None:
            raise FrontEndMissing(
                "npm is needed once, to fetch the chart library of the morning page; "
                "install Node.js with npm (Debian: apt-get install npm) and build again"
            )
        subprocess.run(["npm", "ci", "--silent", "--no-progress"], cwd=root, check=True)
    for target, source in wanted.items():
        if not source.exists():
            raise FrontEndMissing(f"npm did not deliver {source.relative_to(root)}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


class FrontEndHook(BuildHookInterface[Any]):  # type: ignore[misc]
    """Runs before each build of a wheel or an editable installation."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what the wheel carries."""
        fetch_front_end(Path(self.root))


if __name__ == "__main__":
    try:
        fetch_front_end(ROOT)
    except FrontEndMissing as failure:
        sys.exit(str(failure))
