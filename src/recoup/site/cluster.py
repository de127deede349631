"""What a night on Spark needs of this machine: PySpark, Java, one Python for all."""

import importlib
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

from recoup.engine.refusal import NightRefused

#: What PySpark brings and asks for; where one is missing the extra was not installed.
LIBRARIES = frozenset({"pyspark", "py4j", "pandas"})


def cluster_module() -> ModuleType:
    """Yield the module that runs nights on a cluster, ready to be used.

    Errors: NightRefused, when PySpark or Java is not there.
    """
    # PySpark asks for pandas even where only Arrow is handed over; other commands leave it out.
    sys.meta_path[:] = [one for one in sys.meta_path if not hasattr(one, "leaves_out_pandas")]
    try:
        module = importlib.import_module("recoup.engine.cluster_night")
        for name in sorted(LIBRARIES):
            importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in LIBRARIES:
            raise
        raise NightRefused(
            zh="在 Spark 上运行需要 PySpark：pip install 'recoup[spark]'；另需 Java 17。",
            en="A night on Spark needs PySpark: pip install 'recoup[spark]'; and Java 17.",
        ) from missing
    if not has_java():
        raise NightRefused(
            zh="找不到 Java：请安装 Java 17（如 openjdk-17-jre-headless），或设置 JAVA_HOME。",
            en="There is no Java: install Java 17 (such as openjdk-17-jre-headless), or set "
            "JAVA_HOME.",
        )
    # The machines of the cluster run the loops with the Python of this command, unless told
    # otherwise.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return module


def has_java() -> bool:
    """Whether Java can be started here, or runs already because spark-submit started this."""
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return True
    home = os.environ.get("JAVA_HOME")
    if home:
        return os.access(Path(home) / "bin" / "java", os.X_OK)
    return shutil.which("java") is not None
