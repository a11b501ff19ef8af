"""Makes a golden installation: a database that holds every kind of kept byte, and its keyring.

`python -m tests.golden.make_installation` plays a few of the demo's stories on the shipped release
and lets invented people do what no story does. It is run once for each released version, by that
version, into `databases/<version>`; a folder that is there is never written again.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service import VERSION
from service.application.container import Tresteg
from service.audit import verify
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.demo.scenarios import read_scenarios
from service.operations.start_checks import prepare_database
from service.security.keyring import Keyring, make_keyring, write_keyring
from service.settings import Settings
from service.web.api import v1
from service.web.api.v1 import openapi
from tests.golden.kept import NEVER_WRITTEN, digests, rows, sealed_columns
from tests.golden.maker import CASE, Maker
from tests.support.programs import make_program
from tests.support.shipped import publish_shipped

DATABASES = Path(__file__).with_name("databases")
OPENAPI = Path(__file__).with_name("openapi.json")
UNTIL = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
STORIES = (
    CASE,
    "10-stilla-gran",
    "20-rak-syren",
    "31-koppar-ek",
    "32-skarp-torn",
    "no-consent",
    "corrected",
)
"""Between them: every kind of fact, and many kinds of rows of a snapshot."""


def make(folder: Path) -> None:
    """Make the whole installation in an empty folder."""
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / "tresteg.db"
        keyring, clock = make_keyring(demo=True), SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
        program = begun(f"sqlite:///{path}", keyring, clock)
        people = seed.seed_directory(program, clock.now())
        publish_shipped(program, clock.now())
        maker = played(program, clock, people)
        found = checked_digests(program, maker)
        player = maker.player
        task = {
            "case": maker.cases[CASE],
            "key": maker.task(CASE),
            "answers": player.answers("referral", {}, maker.viewer("sara"), clock.now()),
        }
        program.database.close()
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA journal_mode = DELETE")
            file.execute("VACUUM")
        folder.mkdir()
        write_keyring(keyring, folder / "keyring.json")
        (folder / "keyring.json").chmod(0o644)  # invented people's, and kept with the tests
        (folder / "tresteg.db.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        write(folder / "digests.json", found)
        about = {
            "now": clock.now().isoformat(),
            "token": maker.token,
            "secrets": maker.secrets,
            "people": people,
            "task": task,
        }
        write(folder / "about.json", about)


def begun(url: str, keyring: Keyring, clock: SetClock) -> Tresteg:
    """The program of an installation that has not begun."""
    settings = Settings(
        database_url=url, base_url="http://localhost", secret_key="golden", mail_url="print:"
    )
    program = make_program(settings, keyring, clock)
    prepare_database(program)
    return program


def played(
    program: Tresteg,
    clock: SetClock,
    people: dict[str, str],
    stories: Collection[str] = STORIES,
) -> Maker:
    """Play the stories, and let people do what no story does.

    Args:
        stories: `CASE` and `no-consent` among them.
    """
    folder = Path(program.settings.workflows_dir) / "scenarios"
    scenarios = [scenario for scenario in read_scenarios(folder) if scenario.name in stories]
    player = make_player(program, clock, people)
    maker = Maker(program, clock, player, player.play_all(scenarios, UNTIL))
    for act in (maker.refer, maker.handle, maker.look, maker.operate, maker.browse):
        act()
    player.close()
    return maker


def checked_digests(program: Tresteg, maker: Maker) -> dict[str, Any]:
    """What was kept, by digest; every sealed column has a value, and history is whole."""
    with program.database.transaction(write=False) as tx:
        empty = {
            (table, column)
            for table, column in sealed_columns()
            if not any(row[column] is not None for row in rows(tx, table))
        }
        assert empty == NEVER_WRITTEN.keys(), empty ^ NEVER_WRITTEN.keys()
        result = verify.verify_all(tx, program.services, now=maker.clock.now())
        assert result.faults == (), result.faults
        return digests(tx, program, maker.secrets)


def described() -> str:
    """The OpenAPI document as text, without the version of the program."""
    document = openapi.document(v1.OPERATIONS, Settings(base_url="http://localhost"))
    return as_text({**document, "info": {**document["info"], "version": "*"}})


def as_text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(path: Path, document: object) -> None:
    path.write_text(as_text(document), encoding="utf-8")


if __name__ == "__main__":
    if (DATABASES / VERSION).exists():
        sys.exit(f"{DATABASES / VERSION} is there; it is never written again")
    make(DATABASES / VERSION)
    OPENAPI.write_text(described(), encoding="utf-8")
