"""The two sites that are compared, in processes of their own, and what their processes cost.

The product is what `tresteg serve` starts, unchanged, with a worker in each web process, as the
settings have it. Its installation has the bench's process in force, 720 people of 60 offices, and
the handlers of the shipped package.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import psutil
import psycopg

from service.release.bundle import Bundle
from service.security.keyring import make_keyring, write_keyring
from service.settings import PREFIX, Settings
from tests.bench._gauge import pause
from tests.bench.over_http import floor_tables
from tests.support import small
from tests.support.browser import PASSWORD
from tests.support.directory import ONE_OFFICE, ROLE, PersonPlan
from tests.support.world import open_world, small_process

ROOT = Path(__file__).parents[3]
COLLEAGUES = 12
"""People of an office."""
PEOPLE = tuple(f"p{n:03}" for n in range(60 * COLLEAGUES))
"""So many that none of them writes more often than the site lets a person."""
THREADS = 8
"""Of a web process, as `tresteg serve` has it."""
PATIENCE = 120.0
OFFICES = replace(
    ONE_OFFICE,
    offices=tuple(
        ONE_OFFICE.offices[0]._replace(id=f"social-{n}") for n in range(len(PEOPLE) // COLLEAGUES)
    ),
    people=tuple(
        PersonPlan(name, f"social-{n // COLLEAGUES}", (ROLE,)) for n, name in enumerate(PEOPLE)
    ),
    password=PASSWORD,
)
TOPIC = b"letters.tell_outcome"
"""The shipped handler that all six services of the process call: it sends one letter."""
READS = "referralDecision"
"""What that handler reads: the form at the start asks it, beside the texts of the others."""
TYPE = f'[{READS}]\ntype = "string"\nvalues = ["YES", "NO"]\nclass = "C0"\n'


@dataclass
class Site:
    """A site that answers, and its processes by what they do: `web`."""

    port: int
    url: str
    """Of its database."""
    roots: dict[str, psutil.Process] = field(default_factory=dict)

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time so far, by what the processes do; `database` is that of
        PostgreSQL's server, which counts for whoever works at the moment.
        """
        used = {what: seconds(process) for what, process in self.roots.items()}
        return used | {"database": server_seconds(self.url)}


def seconds(process: psutil.Process) -> float:
    """Processor time of a process, of those below it, and of those below it that have ended."""
    total: float = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += float(times.user + times.system)
            total += float(times.children_user + times.children_system)
    return total


def server_seconds(url: str) -> float:
    """Processor time of the PostgreSQL server behind an address; 0 of SQLite."""
    return 0.0 if url.startswith("sqlite") else seconds(server_process(url))


def server_process(url: str) -> psutil.Process:
    """The PostgreSQL server behind an address of this machine."""
    with psycopg.connect(url, autocommit=True) as conn:
        (folder,) = conn.execute("SHOW data_directory").fetchone() or ("",)
    first = (Path(folder) / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
    return psutil.Process(int(first))


def bundle() -> Bundle:
    """The bench's process, with a handler that the product ships."""
    files = dict(small.bench().files)
    name = next(file for file in files if file.endswith(".bpmn"))
    for topic in (b"letters.send", b"letters.count"):
        files[name] = files[name].replace(topic, TOPIC)
    files[name] = files[name].replace(b'formId="plain"', b'formId="first"', 1)
    decides = {**small.CHOICE, "key": READS, "id": f"Field_{READS}"}
    files["forms/first.form"] = small.form("first", decides, *small.TEXTS)
    files["workflows/config/types.toml"] += TYPE.encode()
    return Bundle(files)


def install(url: str, folder: Path, *, demo: bool = True) -> dict[str, str]:
    """Make an installation in an empty database; gives the environment of its processes."""
    keyring, keys = make_keyring(demo=demo), folder / "keys" / "keyring.json"
    write_keyring(keyring, keys)
    settings = Settings(database_url=url, mail_url="print:", secret_key=token_urlsafe(16))
    world = small_process(open_world(settings, keyring, directory=OFFICES, topics=None))
    world.clock.set(datetime.now(UTC))
    world.publish(bundle())
    world.database.close()
    shutil.copytree(ROOT / "workflows", folder / "workflows")
    programme = folder / "workflows" / "config" / "programme.toml"
    text = programme.read_text(encoding="utf-8").replace('"return_case"', '"p"', 1)
    programme.write_text(text, encoding="utf-8")
    return {
        "TRESTEG_DATABASE_URL": url,
        "TRESTEG_KEYS_FILE": str(keys),
        "TRESTEG_MAIL_URL": "print:",
        "TRESTEG_LOG_LEVEL": "warning",
        "TRESTEG_WORKFLOWS_DIR": str(folder / "workflows"),
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running(
    folder: Path, words: tuple[str, ...], more: Mapping[str, str], root: Path = ROOT
) -> Iterator[Any]:
    """A process in a folder, with the code of a checkout, until the block ends."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    environment = {**kept, "PYTHONPATH": str(root), **more}
    with (folder / "output").open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(PATIENCE)


def answers(port: int, path: str) -> bool:
    """Whether a site answers, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def wait_for(process: psutil.Process, port: int, path: str) -> None:
    """Wait until a site answers.

    Raises:
        TimeoutError: its process ends, or takes too long.
    """
    begun = time.monotonic()
    while not answers(port, path):
        ended = process.status() == psutil.STATUS_ZOMBIE
        if ended or time.monotonic() - begun > PATIENCE:
            raise TimeoutError(f"nothing answers on port {port}; see the file `output`")
        pause(0.02)


@contextmanager
def product(
    folder: Path, environment: Mapping[str, str], processes: int, root: Path = ROOT
) -> Iterator[Site]:
    """The product, as `tresteg serve` starts it in a checkout."""
    port, url = free_port(), environment["TRESTEG_DATABASE_URL"]
    own = {**environment, "TRESTEG_BASE_URL": f"http://127.0.0.1:{port}"}
    words = ("service.cli", "serve", "--port", str(port), "--processes", str(processes))
    with running(folder, words, own, root) as process:
        wait_for(process, port, "/healthz")
        yield Site(port, url, {"web": process})


@contextmanager
def floor(folder: Path, url: str, processes: int) -> Iterator[Site]:
    """The floor under gunicorn, with as many processes and threads."""
    port = free_port()
    floor_tables.make(url)
    address = ("--bind", f"127.0.0.1:{port}", "--no-control-socket")
    size = ("--workers", str(processes), "--threads", str(THREADS))
    words = ("gunicorn", *address, *size, "tests.bench.over_http.floor:app")
    diagram = folder / "floor.bpmn"
    diagram.write_bytes(small.bench_diagram())
    with running(folder, words, {"FLOOR_URL": url, "FLOOR_DIAGRAM": str(diagram)}) as process:
        wait_for(process, port, "/")
        yield Site(port, url, {"web": process})
