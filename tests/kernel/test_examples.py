"""The examples in the kernel's docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

from recoup import kernel

MODULES = [module.name for module in pkgutil.iter_modules(kernel.__path__)]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_give_what_they_show(module):
    found = doctest.testmod(importlib.import_module(f"recoup.kernel.{module}"))

    assert found.failed == 0


def test_the_kernel_has_examples_at_all():
    tried = [
        doctest.testmod(importlib.import_module(f"recoup.kernel.{module}")).attempted
        for module in MODULES
    ]

    assert sum(tried) >= 10
