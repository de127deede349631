"""The command line: one subcommand per module of ``recoup.site.commands``.

Exit status: 0 done, 1 done with rejects or findings, 2 wrong call, 3 refused.
"""

import argparse
import gc
import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Sequence

from recoup import __version__
from recoup.site import commands

#: The status of a command that met with a surprise: not 1, which a scheduler takes for done.
UNFORESEEN = 3
SURPRISED = (
    "发生意外，命令已停止；以上记录供技术人员查看。\n"
    "Something unforeseen happened and the command stopped; what stands above is for technicians."
)
#: Objects that may come to life before the collector of reference cycles looks at them.
_OBJECTS_BETWEEN_LOOKS = 200_000


class NoPandas:
    """A finder of modules that says of pandas that it is not there."""

    leaves_out_pandas = True

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Yield no module. Errors: ModuleNotFoundError, for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def start_lean() -> None:
    """Leave out of this process what no command needs: half a second before any work is done.

    Arrow and DuckDB load pandas where it is installed, to see whether they were handed any of it.
    Reading packs makes a hundred thousand small objects without cycles, looked through repeatedly.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    sys.meta_path.insert(0, NoPandas)


def build_parser(*, only: str | None = None) -> argparse.ArgumentParser:
    """Yield the parser of the command line, with every subcommand in it, or with one only."""
    parser = argparse.ArgumentParser(
        prog="recoup",
        description="recoup (回款): loan collections and recovery, self-hosted.",
    )
    parser.add_argument("--version", action="version", version=f"recoup {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in command_names():
        if only in (None, name):
            module = f"{commands.__name__}.{name.replace('-', '_')}"
            importlib.import_module(module).add_parser(subparsers)
    return parser


def command_names() -> tuple[str, ...]:
    """Yield the names of all subcommands."""
    found = (module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))
    return tuple(sorted(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; yield its exit status.

    Every subcommand sets ``run`` on the parsed arguments (``parser.set_defaults(run=run)``).
    """
    if arguments is None:  # a process of its own
        start_lean()
    words = sys.argv[1:] if arguments is None else list(arguments)
    # Only the command that is called is loaded: the others bring libraries that it does not need.
    only = words[0] if words and words[0] in command_names() else None
    parsed = build_parser(only=only).parse_args(words)
    try:
        status: int = parsed.run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe (`recoup explain ... | head`) has gone: not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        if arguments is not None:
            raise
        traceback.print_exc()
        print(SURPRISED, file=sys.stderr)
        return UNFORESEEN
    return status


if __name__ == "__main__":
    sys.exit(main())
