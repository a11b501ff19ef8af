"""The seed of the demo: invented offices and people, past releases, cases that are played, a draft,
and looks for the log review; and the reset, which makes all of it anew.

The cases move through the same commands as real ones. A demo exists only with a demo keyring.
"""

from __future__ import annotations

import json
import tempfile
import threading
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service import logs
from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.casework.casefile.read_log import record_lookup_reason, record_read
from service.clock import SetClock, ShiftedClock
from service.demo import state
from service.demo.past_releases import DRAFT, PastRelease, overlay, past_releases
from service.demo.player import Interlude, Progress, make_player
from service.demo.scenarios import read_scenarios
from service.errors import BadSettings
from service.operations.start_checks import prepare_database
from service.people import accounts
from service.people.office_contacts import PARTS, set_office_contact
from service.records.context import Actor
from service.settings import Settings
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import installation_values, offices
from service.store.transaction import Tx
from service.worker.erasures import look_after_erasures
from service.worker.loop import Worker
from service.worker.retention import run_retention
from service.workshop import drafts
from service.workshop import publish as publishing
from service.workshop.release_news import begin_reading
from service.workshop.trial.scenario_file import Scenario

SEED = Actor("seed")
SEEDED = "demo.seeded"
"""Setting: the moment of the seed; there once the seed is whole."""
CASES = "demo"
"""Folder of the demo's cases among the scenarios."""
MEANT = ("job_failed", "job_gave_up", "retention_ran")
"""Events of the log that the demo's stories lead to on purpose: its one incident, its one erasure.
Any other fault than theirs ends the seed.
"""
FIRST_DAYS = 431
"""How many days before the seed the demo's offices and people were there."""
Tell = Callable[[str], object]


def fill(
    program: Tresteg,
    tell: Tell = lambda _: None,
    progress: Progress = lambda _done, _steps: None,
) -> None:
    """Put the whole demo into an empty database, or nothing.

    On SQLite the demo is made in a file of its own, and copied over in one piece. On PostgreSQL the
    rest of a seed that was cut off is thrown away first.

    Raises:
        BadSettings: no demo keyring, or a database that holds what is not the demo's.
    """
    _require_own(program)
    if not program.database.postgres:
        _replace(program, tell, progress)
        return
    with program.database.transaction(write=False) as tx:
        begun = bool(offices.everyone(tx))
    if begun:
        clear(program)
    seed(program, tell, progress)


def seed_directory(program: Tresteg, now: datetime) -> dict[str, str]:
    """Put the demo's offices and people into an empty directory; gives first name to person id.

    Raises:
        BadSettings: the keyring is no demo keyring, or the directory is not empty.
    """
    if not program.demo:
        raise BadSettings(
            "the demo needs a demo keyring; a real one would mix invented people with real ones"
        )
    config = read_demo_config(program.settings)
    with program.database.transaction() as tx:
        if offices.everyone(tx):
            raise BadSettings(
                "the database has offices already; the demo is made in an empty one, "
                "or with --fresh in the place of an older demo"
            )
        for row in config["office"]:
            _add_office(tx, program, row, now)
        people = {row["id"]: _add_person(tx, program, row, now) for row in config["person"]}
        installation_values.put(tx, "demo", "yes")
        installation_values.put(tx, state.PEOPLE, json.dumps(people))
    return people


def _add_office(tx: Tx, program: Tresteg, row: Mapping[str, Any], now: datetime) -> None:
    office = offices.Office(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        countries=row.get("countries", []),
        municipalities=row.get("municipalities", []),
        calendar=row["calendar"],
        zone=row["zone"],
        language=row["language"],
    )
    address = row.get("address", f"{row['id']}@example.invalid")
    accounts.add_office(tx, program.services, office=office, address=address, by=SEED, now=now)
    changes = {part: row[part] for part in PARTS if part in row}
    if changes:
        set_office_contact(tx, office=office.id, changes=changes, by=SEED, now=now)


def _add_person(tx: Tx, program: Tresteg, row: Mapping[str, Any], now: datetime) -> str:
    """Add a person of the demo; gives the id."""
    id_ = accounts.new_person_id(now)
    accounts.add_person(
        tx,
        program.services,
        id_=id_,
        sign_in=f"{row['id']}@demo",
        name=row["name"],
        office=row["office"],
        roles=row["roles"],
        password=None,
        language=row["language"],
        by=SEED,
        now=now,
    )
    return id_


def read_demo_config(chosen: Settings) -> dict[str, Any]:
    """What `demo.toml` says: offices, people, the walk, the releases of the past."""
    return tomllib.loads(
        (Path(chosen.workflows_dir) / "config" / "demo.toml").read_text(encoding="utf-8")
    )


def scenarios(program: Tresteg, folder: str = "") -> list[Scenario]:
    """Every scenario, or those of one folder, by path."""
    return list(read_scenarios(Path(program.settings.workflows_dir) / "scenarios" / folder))


def seed(
    program: Tresteg,
    tell: Tell = lambda _: None,
    progress: Progress = lambda _done, _steps: None,
) -> None:
    """Fill an empty database with the demo: offices, people, releases, cases and a draft.

    The cases end in the states that their scenarios name, at this moment. Everything is played
    through the same commands as at the screens, with the clock set for each step.

    Raises:
        BadSettings: no demo keyring, or a database that holds something.
    """
    until = program.clock.now()
    clock = SetClock(until - timedelta(days=FIRST_DAYS))
    past = replace(program, clock=clock)
    people = seed_directory(past, clock.now())
    stories = scenarios(program, CASES)
    tell(f"The demo's {len(stories)} cases are being played ...")
    config = read_demo_config(past.settings)
    interludes = [
        Interlude(until - timedelta(days=release.days), _publishing(past, release))
        for release in past_releases(config["release"], shipped_bundle(past.settings))
    ]
    player = make_player(past, clock, people)
    looked = until - timedelta(days=config["retention"]["days"])
    interludes.append(Interlude(looked, partial(_erase, player.worker, looked)))
    try:
        with logs.leave_out(*MEANT):
            player.play_all(stories, until, interludes, progress)
    finally:
        player.close()
    _draft(past, people, until)
    _add_looks(program, people, read_demo_config(program.settings).get("look", ()), until)
    with program.database.transaction() as tx:
        for person in people.values():  # the next release is news to each
            begin_reading(tx, program.services, person)
        installation_values.put(tx, state.CLOCK, "0")
        installation_values.put(tx, SEEDED, until.isoformat())
    tell("The demo is ready.")


def _publishing(program: Tresteg, release: PastRelease) -> Callable[[], object]:
    def publish() -> None:
        prepared = publishing.prepare_bundle(program.services, release.bundle)
        with program.database.transaction() as tx:
            publishing.publish_bundle(
                tx,
                program.services,
                by=SEED,
                now=program.clock.now(),
                prepared=prepared,
                note=release.note,
            )

    return publish


def _erase(worker: Worker, now: datetime) -> None:
    """Erase what has fallen due, and confirm it, as the worker does once a day."""
    run_retention(worker, now)
    look_after_erasures(worker, now)


def _draft(program: Tresteg, people: Mapping[str, str], now: datetime) -> None:
    """The owner's draft of the next release, with its one fault."""
    owner = read_demo_config(program.settings)["draft"]["owner"]
    changed = overlay(DRAFT)
    with program.database.transaction() as tx:
        viewer = accounts.load_viewer(tx, people.get(owner, ""))
        if viewer is None:
            raise BadSettings("workflows/config/demo.toml names no process owner")
        draft = drafts.open_draft(tx, program.services, by=viewer, now=now)
    found = drafts.check_draft(program.services, draft, changed)
    with program.database.transaction() as tx:
        drafts.save_files(
            tx,
            program.services,
            by=viewer,
            draft_id=draft.id,
            changed=changed,
            found=found,
            rev=draft.rev,
            now=now,
        )


def _add_looks(
    program: Tresteg, people: Mapping[str, str], rows: Iterable[Mapping[str, Any]], until: datetime
) -> None:
    """Record the looks that `demo.toml` names, where their case is played and had begun by then.

    Args:
        people: first name to person id.
        until: when the demo begins.
    """
    with program.database.transaction() as tx:
        for row in rows:
            _add_look(tx, program, people, row, until)


def _add_look(
    tx: Tx, program: Tresteg, people: Mapping[str, str], row: Mapping[str, Any], until: datetime
) -> None:
    by = accounts.load_viewer(tx, people.get(row["who"], ""))
    case = cases.find(tx, row["case"])
    if by is None:
        raise BadSettings(f"workflows/config/demo.toml: {row['who']} is nobody who could look")
    if case is None:
        return
    this = until.astimezone(ZoneInfo(program.services.zone)).replace(day=1)
    before = (this - timedelta(days=1)).replace(day=row["day"])
    now = before.replace(hour=row["hour"], minute=10).astimezone(until.tzinfo)
    if now < case.opened_at:
        return
    about: dict[str, Any] = {"by": by, "now": now, "case_id": case.id}
    if "reason" in row:
        record_lookup_reason(tx, program.services, **about, purpose=row["reason"], reason="")
    record_read(tx, **about, purpose="case", classes=("C0",))


def reset(program: Tresteg, tell: Tell = lambda _: None) -> None:
    """Throw the demo's content away and seed again, while the server goes on answering.

    On SQLite the new content is made in a file of its own and copied over in one piece, so readers
    see the old demo until they see the new one.

    Raises:
        BadSettings: the keyring is no demo keyring.
    """
    if not program.demo:
        raise BadSettings("only a demo can be reset: the keyring is a real one")
    clock = program.clock
    if isinstance(clock, ShiftedClock):
        clock.shift = timedelta()
    if program.database.postgres:
        clear(program)
        seed(program, tell)
        return
    _replace(program, tell)


def _replace(program: Tresteg, tell: Tell, progress: Progress = lambda _done, _steps: None) -> None:
    """Make a demo in a SQLite file of its own, and copy it over in one piece."""
    with tempfile.TemporaryDirectory(prefix="tresteg-demo-") as folder:
        fresh = replace(program, database=Database(f"sqlite:///{folder}/demo.db"))
        try:
            prepare_database(fresh)
            fresh.database.forgo_durability()  # nobody misses this file after a power cut
            seed(fresh, tell, progress)
            program.database.take_over(fresh.database)
        finally:
            fresh.database.close()


def clear(program: Tresteg) -> None:
    """Throw away everything that a demo's database holds, and make its tables again.

    Raises:
        BadSettings: the keyring is no demo keyring, or the database holds what no demo has made.
    """
    _require_own(program)
    program.database.drop_everything()
    prepare_database(program)


def _require_own(program: Tresteg) -> None:
    with program.database.transaction(write=False) as tx:
        others = installation_values.get(tx, "demo") != "yes" and (
            bool(offices.everyone(tx)) or not program.services.has_no_release(tx)
        )
    if others or not program.demo:
        raise BadSettings(
            f"{program.database} holds what is not the demo's; nothing was thrown away"
        )


def renew_of_0_1_0(program: Tresteg) -> None:
    """Make new tables in the place of a demo of 0.1.0, which no migration leads on from.

    Raises:
        BadSettings: the keyring is no demo keyring, or the database held no demo.
    """
    with program.database.transaction(write=False) as tx:
        theirs = installation_values.get(tx, "demo") == "yes"
    if not theirs or not program.demo:
        program.database.check()
    program.database.drop_everything()
    prepare_database(program)


@dataclass
class DemoProgram:
    """The demo's program, with the clock as the last visitor left it."""

    program: Tresteg
    _resetting: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        clock = self.program.clock
        with self.program.database.transaction(write=False) as tx:
            ahead = installation_values.get(tx, state.CLOCK, "0")
        if isinstance(clock, ShiftedClock):
            clock.shift = timedelta(seconds=int(ahead))

    def seeded(self) -> bool:
        """Whether the database holds a whole demo."""
        with self.program.database.transaction(write=False) as tx:
            return installation_values.get(tx, SEEDED) != ""

    def reset(self) -> None:
        """Begin the demo anew; a second request waits for the first and begins no other."""
        if not self._resetting.acquire(blocking=False):
            with self._resetting:
                return
        try:
            reset(self.program)
        finally:
            self._resetting.release()
