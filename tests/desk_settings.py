"""Settings of the desk under test: records in a test database, cheap passwords, no lock-out."""

import os
import tempfile

os.environ.setdefault("RECOUP_DATA", tempfile.mkdtemp(prefix="recoup-test-"))
os.environ.setdefault("RECOUP_SECRET_KEY", "only-for-tests-" + "0" * 50)
os.environ.setdefault("RECOUP_CLOCK", "")

from recoup.site.settings import *  # noqa: F403

#: No worker runs beside the tests: persons are decided anew in the act, after its commit.
REDECIDE = "inline"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as in service: connections in memory share one cache and lock each other out.
    DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['RECOUP_DATA']}/test.sqlite3"}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405
