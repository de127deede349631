"""Compiles plain loops with Numba, unchanged: one definition, two speeds.

The loops are the kernel's, and those of ``engine.loops``. Such a function refers to other such
functions and to integer constants by name. Numba wants the callees compiled too, so each is rebuilt
from its own code object with its callees replaced.
Compiled code is kept in a folder named by a digest of these source files: a changed loop never
meets an old compilation.
"""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import platformdirs

from recoup import kernel
from recoup.engine import loops

PLAIN = (kernel, loops)


@functools.cache
def loops_digest() -> str:
    """Yield 16 hex digits of the SHA-256 over the loops' source files, in name order."""
    digest = hashlib.sha256(numba.__version__.encode())
    for package in PLAIN:
        for source in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def is_plain(function: FunctionType) -> bool:
    """Whether a function lives where loops are plain enough to be compiled as they stand."""
    return any(function.__module__.startswith(f"{package.__name__}.") for package in PLAIN)


@functools.cache
def use_compilation_folder() -> bool:
    """Point Numba at a per-user folder for these loops' compilations; False when there is none."""
    folder = Path(platformdirs.user_cache_dir("recoup")) / "compiled" / loops_digest()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
    except OSError:
        return False  # a read-only home: compile anew in each process, which costs seconds only
    numba.config.CACHE_DIR = str(folder)
    return True


@functools.cache
def compiled(function: FunctionType) -> Callable[..., Any]:
    """Yield the compiled twin of a plain loop, its callees compiled with it.

    Shape: takes the same positional arguments; sequences must be NumPy arrays.
    Errors: TypeError, if the function lives neither in the kernel nor in ``engine.loops``.
    """
    if not is_plain(function):
        raise TypeError(f"{function.__module__}.{function.__qualname__} is no plain loop")
    own_names = set(function.__code__.co_names)
    rebound = dict(function.__globals__)
    for name in own_names:
        callee = rebound.get(name)
        if isinstance(callee, FunctionType) and is_plain(callee):
            rebound[name] = compiled(callee)
    twin = FunctionType(function.__code__, rebound, function.__name__, function.__defaults__)
    twin.__module__ = function.__module__
    twin.__qualname__ = function.__qualname__
    # The loops allocate nothing, so no references need counting: `_nrt=False` leaves the atomic
    # increments out, which makes the loan loop almost three times as fast.
    machine_code: Callable[..., Any] = numba.njit(
        nogil=True, cache=use_compilation_folder(), _nrt=False
    )(twin)
    return machine_code
