"""Compiles the kernel's plain loops with Numba, unchanged: one definition, two speeds.

A kernel function refers to other kernel functions and to integer constants by name. Numba wants
the callees compiled too, so each is rebuilt from its own code object with its callees replaced.
Compiled code is kept in a folder named by a digest of the kernel's source files: a changed kernel
never meets an old compilation.
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

KERNEL_PREFIX = "recoup.kernel."


@functools.cache
def kernel_digest() -> str:
    """Yield 16 hex digits of the SHA-256 over the kernel's source files, in name order."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(kernel.__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@functools.cache
def use_compilation_folder() -> bool:
    """Point Numba at a per-user folder for this kernel's compilations; False when there is none."""
    folder = Path(platformdirs.user_cache_dir("recoup")) / "compiled" / kernel_digest()
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
    """Yield the compiled twin of a plain kernel function, its callees compiled with it.

    Shape: takes the same positional arguments; sequences must be NumPy arrays.
    Errors: TypeError, if the function does not live in the kernel.
    """
    if not function.__module__.startswith(KERNEL_PREFIX):
        raise TypeError(f"{function.__module__}.{function.__qualname__} is not a kernel function")
    own_names = set(function.__code__.co_names)
    rebound = dict(function.__globals__)
    for name in own_names:
        callee = rebound.get(name)
        if isinstance(callee, FunctionType) and callee.__module__.startswith(KERNEL_PREFIX):
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
