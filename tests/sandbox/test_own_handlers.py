"""Who runs Tresteg adds handlers without touching it: a package beside it names them, and parent
and child both find them.
"""

from __future__ import annotations

import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

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
        f"[tresteg.handlers]\n{name} = {name}\n", encoding="utf-8"
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
