"""S14: the demo as `tresteg demo` serves it: from the command to the first page, and memory."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.bench._gauge import Row, report
from tests.bench.over_http.servers import free_port, running, seconds, wait_for

LOOKS = 30
"""Pages that are loaded before the memory is looked at."""


@contextmanager
def demo(folder: Path, port: int, *words: str) -> Iterator[psutil.Process]:
    """`tresteg demo` in a folder, its modules compiled beforehand as an installation's are."""
    environment = {
        "TRESTEG_DATABASE_URL": f"sqlite:///{folder}/lib/demo.db",
        "TRESTEG_KEYS_FILE": f"{folder}/keys/demo.json",
        "PYTHONPYCACHEPREFIX": f"{folder}/pyc",
        "PYTHONDONTWRITEBYTECODE": "",
    }
    command = ("service.cli", "demo", "--port", str(port), *words)
    with running(folder, command, environment) as process:
        yield process


def start(folder: Path, port: int) -> Iterator[Row]:
    """From the command to the first page, and what a web process holds after some pages."""
    begun = time.monotonic()
    with demo(folder, port) as process:
        wait_for(process, port, "/sign-in")
        wall, used = time.monotonic() - begun, seconds(process)
        for _ in range(LOOKS):
            wait_for(process, port, "/sign-in")
        web = max(process.children(), key=lambda child: child.memory_info().rss)
        held, own = web.memory_info().rss / 1e6, web.memory_full_info().uss / 1e6
    yield Row(
        "S14",
        "start to first page",
        "<= 1.5 s",
        f"{used:.1f} s of processor time ({wall:.1f} s by the clock)",
        used <= 1.5,
    )
    yield Row(
        "S14",
        "memory of a web process, its worker inside",
        "<= 100 MB",
        f"{held:.0f} MB ({own:.0f} shared with no other process)",
        held <= 100,
    )


def main() -> None:
    folder, port = Path(tempfile.mkdtemp(prefix="tresteg-bench-")), free_port()
    (folder / "lib").mkdir()
    print("The demo is being filled ...", file=sys.stderr)
    with demo(folder, port, "--seed-only") as process:
        process.wait()
    list(start(folder, port))  # compiles what only a server loads
    rows = list(start(folder, port))
    shutil.rmtree(folder, ignore_errors=True)
    report("start", rows)


if __name__ == "__main__":
    main()
