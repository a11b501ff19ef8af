"""Who runs Tresteg adds handlers without touching it: a package beside it names them, and parent
and child both find them.
"""

from __future__ import annotations

import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

from service.sandbox.isolation import landlock
from tests.support.machine import lacking
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).resolve().parents[2]
OWN = '''
from service.binding import Answer, Call, handler


@handler(answers=("iomNotifiedOn",))
def ask(call: Call) -> Answer:
    """Ask the office next door."""
    return Answer(values={"iomNotifiedOn": call.today().isoformat()})
'''
ASK = """
from datetime import UTC, datetime
from service.binding import Call
from service.sandbox.handler_process import HandlerProcess
from service.sandbox.handlers import declared

print(declared()["nextdoor.ask"].summary)
child = HandlerProcess()
try:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    call = Call(key="k", topic="nextdoor.ask", element="e", now=now, data={})
    print(child.ask(call, 20).values)
finally:
    child.close()
"""
DECLARED = """
from service.errors import BadSettings
from service.sandbox.handlers import declared

try:
    declared()
except BadSettings as e:
    print(e)
"""


def run(folder: Path, name: str, own: str, script: str) -> str:
    """What a script says in an installation that has a package with handlers of its own."""
    venv.create(folder, with_pip=False)
    (place,) = folder.glob("lib/python*/site-packages")
    (place / "tresteg.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{ROOT}\n", encoding="utf-8"
    )
    (place / f"{name}.py").write_text(own, encoding="utf-8")
    about = place / "own_handlers-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: own-handlers\nVersion: 1\n", encoding="utf-8"
    )
    (about / "entry_points.txt").write_text(
        f"[tresteg.handlers]\n{name} = {name}\n[tresteg.channels]\nagent = {name}:deliver\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [folder / "bin" / "python", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_package_beside_tresteg_brings_handlers_of_its_own(tmp_path: Path) -> None:
    assert run(tmp_path, "nextdoor", OWN, ASK).splitlines() == [
        "Ask the office next door.",
        "{'iomNotifiedOn': '2026-03-02'}",
    ]


REACHES = '''
import os, pathlib, socket
from service.binding import Answer, Call, handler

def tried(what):
    try:
        what()
    except OSError:
        return False
    return True

def reached(secret, port, service):
    return {
        "keyring": tried(lambda: pathlib.Path(secret).read_bytes()),
        "environment": tried(lambda: pathlib.Path(f"/proc/{service}/environ").read_bytes()),
        "memory": tried(lambda: open(f"/proc/{service}/mem", "rb")),
        "files": tried(lambda: pathlib.Path(secret + ".new").touch()),
        "network": tried(lambda: socket.create_connection(("127.0.0.1", port), 5)),
    }

@handler(reads=("secret", "port", "service"), answers=("reached",))
def ask(call: Call) -> Answer:
    """Reach for everything."""
    found = reached(call.data["secret"], call.data["port"], call.data["service"])
    return Answer(values={"reached": sorted(name for name, got in found.items() if got)})

def deliver(delivery):
    secret, port, service = delivery.text.split()
    found = reached(secret, int(port), int(service))
    got = sorted(name for name, got in found.items() if got)
    if got != ["network"]:
        raise RuntimeError(got)
'''
REACH = """
import os, pathlib, socket, sys
from datetime import UTC, datetime
from service.binding import Call, Delivery
from service.sandbox.handler_process import HandlerProcess
from service.sandbox.handlers import declared

declared()
pathlib.Path("keyring.json").write_text("secret")
secret, child = str(pathlib.Path("keyring.json").absolute()), HandlerProcess()
with socket.create_server(("127.0.0.1", 0)) as server:
    port, service = server.getsockname()[1], os.getpid()
    try:
        data = {"secret": secret, "port": port, "service": service}
        now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        print(child.ask(Call(key="k", topic="reaching.ask", element="e", now=now, data=data), 60))
        text = f"{secret} {port} {service}"
        child.deliver("agent", Delivery("k", "north", "s", text, "sv", ()), 60)
        print("delivered")
    finally:
        child.close()
"""


def test_a_handler_reaches_nothing_and_a_channel_the_network(tmp_path: Path) -> None:
    if not landlock.version():
        lacking("this kernel has no Landlock")
    handler, channel = run(tmp_path, "reaching", REACHES, REACH).splitlines()
    assert "values={'reached': []}" in handler
    assert channel == "delivered"


@pytest.mark.parametrize(
    ("name", "own", "says"),
    [
        (
            "broken",
            "1 / 0",
            (
                "the package own-handlers names handlers in broken, which cannot be loaded: "
                "ZeroDivisionError: division by zero; mend or uninstall it"
            ),
        ),
        (
            "letters",
            OWN.replace("def ask", "def notify_iom"),
            "handlers.letters has a handler letters.notify_iom already",
        ),
    ],
)
def test_handlers_that_do_not_load_stop_the_start(
    tmp_path: Path, name: str, own: str, says: str
) -> None:
    assert says in run(tmp_path, name, own, DECLARED)
