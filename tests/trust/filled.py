"""An installation with rows in every table, and every state that a row ever had.

A few stories are played, and people do what no story does, as for a golden installation.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from service.access import CLASSES
from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.audit.reporting import counting
from service.casework.approvals import protected_acts, requests, unmasking
from service.casework.break_glass.opening import break_glass
from service.casework.casefile.protected_commands import ask_approval
from service.casework.cases import bars, card_words
from service.casework.cases.bars import Barred
from service.casework.commands.command import Command
from service.casework.retention.erasure import ErasureOrder, erase
from service.clock import SetClock
from service.demo import seed
from service.operations.sequencer import sequence_all
from service.operations.verification_runs import begin_verification
from service.records.context import Actor, actor
from service.records.ids import ulid
from service.release.bundle import Bundle
from service.security import ledger_lines
from service.security.keyring import Keyring
from service.store.casefile import cases, facts
from service.store.installation import reports
from service.store.tables import metadata
from service.worker import batches
from service.worker.loop import Worker
from service.workshop import publish, reviews
from service.workshop.migrations.migration_runs import start_run, start_try
from service.workshop.migrations.plan_review import ask_review
from service.workshop.migrations.plans import make_plan
from tests.golden.make_installation import UNTIL, begun, played
from tests.golden.maker import CASE, Maker
from tests.support.audits import state_matter
from tests.support.shipped import publish_shipped

Row: TypeAlias = dict[str, Any]
"""A row as SQLite has it, by column."""
Result = TypeVar("Result")
ENDED = "no-consent"
STORIES = (CASE, ENDED)
ERASED = "consultation"
"""A story that has ended and of which all was erased."""
CALENDAR: Final = "workflows/calendars/sweden.json"
"""A file that the second release has changed."""


@dataclass(frozen=True)
class FilledInstallation:
    """The installation, the moment at which it was left, and older states of its rows by table."""

    program: Tresteg
    now: datetime
    older: Mapping[str, list[Row]]


def filled(folder: Path, keyring: Keyring) -> FilledInstallation:
    """Make one in an empty folder."""
    file, clock = folder / "tresteg.db", SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
    program = begun(f"sqlite:///{file}", keyring, clock)
    _keep_older(file)
    people = seed.seed_directory(program, clock.now())
    publish_shipped(program, clock.now())
    maker = played(program, clock, people, (*STORIES, ERASED))
    _publish_report(program, people["greta"], clock.now())
    for story in STORIES:
        _bar(maker, maker.cases[story], people["ada"])
        _give_words(maker, maker.cases[story])
    _erase(maker, maker.cases[ERASED])
    _begin_work(maker)
    sequence_all(program)
    program.database.close()
    return FilledInstallation(program, clock.now(), dict(_older(file)))


def _begin_work(maker: Maker) -> None:
    """Begin what goes on: cases that move to a second release, a verification, and approvals that
    nobody has used.
    """
    program, case = maker.program, maker.cases[CASE]
    shipped = shipped_bundle(program.settings)
    changed = {CALENDAR: shipped.files[CALENDAR] + b"\n"}
    prepared = publish.prepare_bundle(program.services, Bundle({**shipped.files, **changed}))
    with program.database.transaction() as tx:
        first = program.services.current(tx).id
    maker.act(publish.publish_bundle, program.services, by=seed.SEED, prepared=prepared)
    plan = _performed(maker, "maja", make_plan)
    _performed(maker, "maja", partial(start_try, plan_id=plan))
    worker = Worker(program.database, program.services, maker.clock, program.mail)
    while batches.run_portion(worker):
        pass
    _approve(maker, partial(ask_review, plan_id=plan, rev=1, note="Nya regler."))
    _performed(maker, "maja", partial(start_run, plan_id=plan))
    batches.run_portion(worker, busy=True)
    worker.handlers.close()
    _performed(maker, "greta", begin_verification)
    _approve(maker, partial(reviews.ask_current, release_id=first, note="Den var bättre."))
    state_matter(program, maker.viewer("greta"), maker.clock.now())
    _approve(
        maker,
        partial(unmasking.ask, case_id=maker.cases[ENDED], classes=("C1",), reason="Klagomål."),
        "greta",
        "disa",
    )
    with program.database.transaction(write=False) as tx:
        (named,) = cases.refs(tx, [maker.cases[ENDED]]).values()
    _approve(maker, partial(break_glass, named=named, reason="Systern ringde."), "kim", "disa")
    kind = protected_acts.PRINT_CASE
    _approve(
        maker,
        partial(ask_approval, case_id=case, kind=kind, subject="", reason="Till domstol."),
        "sara",
        "omar",
    )
    kind = protected_acts.PRINT_TASK
    _performed(
        maker,
        "sara",
        partial(
            ask_approval, case_id=case, kind=kind, subject=maker.task(CASE), reason="Till läkare."
        ),
    )


def _bar(maker: Maker, case: str, person: str) -> None:
    """Let a case not exist for a person."""
    by, now, whom = maker.viewer("omar"), maker.clock.now(), [Barred(person=person)]
    maker.do(lambda tx: bars.bar(tx, by=actor(by), now=now, case_id=case, whom=whom, why=bars.LEFT))


def _erase(maker: Maker, case: str) -> None:
    """Erase what every office wrote in an ended case."""
    services = maker.program.services
    with maker.program.database.transaction(write=False) as tx:
        release = services.current(tx).id
        wrote = {fact.office for fact in facts.of_case(tx, case)}
    for office in sorted(wrote):
        order = ErasureOrder(case, office, CLASSES, "R2", release)
        maker.act(erase, services, order, by=seed.SEED)


def _give_words(maker: Maker, case: str) -> None:
    """Give the person of a case two words."""
    by, now, services = maker.viewer("sara"), maker.clock.now(), maker.program.services
    maker.do(
        lambda tx: card_words.give_words(tx, services, by=by, now=now, case_id=case, lang="sv")
    )


def _performed(maker: Maker, who: str, command: Command[Result]) -> Result:
    """What a command of a person gives."""
    found = list[Result]()
    viewer, services, now = maker.viewer(who), maker.program.services, maker.clock.now
    maker.do(lambda tx: found.append(command(tx, services, viewer, now())))
    return found[0]


def _approve(maker: Maker, ask: Command[str], by: str = "maja", second: str = "nils") -> None:
    """Ask for an approval, and have a second person give it."""
    asked, viewer = _performed(maker, by, ask), maker.viewer(second)
    maker.act(requests.decide, maker.program.services, by=viewer, id_=asked, approve=True)


def _publish_report(program: Tresteg, auditor: str, now: datetime) -> None:
    """Tables of a programme report, as a count of sealed answers leaves them."""
    tables = {"total": 40, "least": 11, "dimensions": [], "crossings": []}
    row = reports.PublishedReport(ulid(now), 2025, 2025, 1, tables, auditor, now)
    body: dict[str, ledger_lines.Canonical] = {"first": 2025, "last": 2025, "version": 1}
    with program.database.transaction() as tx:
        counting.publish_version(tx, program.services, row, by=Actor(auditor), body=body)


def _keep_older(file: Path) -> None:
    """From now on keep each row as it was before it changes or goes."""
    with closing(sqlite3.connect(file)) as raw, raw:
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns]
            old = ", ".join(f'OLD."{name}"' for name in names)
            raw.execute(f"CREATE TABLE old_{table.name} AS SELECT * FROM {table.name} WHERE 0")  # noqa: S608 - names of our own tables
            for act in ("UPDATE", "DELETE"):
                keeps = f"INSERT INTO old_{table.name} VALUES ({old})"  # noqa: S608 - as above
                trigger = f"old_{table.name}_{act} AFTER {act} ON {table.name}"
                raw.execute(f"CREATE TRIGGER {trigger} BEGIN {keeps}; END")


def _older(file: Path) -> Iterator[tuple[str, list[Row]]]:
    """Every state that was kept; nothing of the keeping stays."""
    with closing(sqlite3.connect(file)) as raw, raw:
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns]
            for act in ("UPDATE", "DELETE"):
                raw.execute(f"DROP TRIGGER old_{table.name}_{act}")
            found = raw.execute(f"SELECT DISTINCT * FROM old_{table.name}").fetchall()  # noqa: S608 - as above
            raw.execute(f"DROP TABLE old_{table.name}")
            yield table.name, [dict(zip(names, row, strict=True)) for row in found]


PARTS: Final = {
    "document_chunk": "document_id",
    "batch_case": "batch_id",
    "document_choice": "case_id",
}
"""Tables whose rows are named by what they are parts of, and the column that says it."""


def named(table: str, row: Row, streams: Mapping[int, str]) -> tuple[str, ...]:
    """What a sentence that names a row must hold."""
    if table in ("fact", "fact_payload"):
        return row["case_id"], f"fact {row['rev']}"
    if table == "cases":
        return (row["id"],)
    if table == "stream":
        return (row["name"].removeprefix("case/"),)
    if table in ("line", "log_waiting"):
        return streams.get(row["stream"], "").removeprefix("case/"), "line"
    if table in ("log_index", "checkpoint"):
        return ("I10",)
    if table in PARTS:
        return (row[PARTS[table]],)
    if table == "case_number":
        return (f"case_number {row['year']}",)
    keys = [row[column.name] for column in metadata.tables[table].primary_key]
    return tuple(key.hex() if isinstance(key, bytes) else str(key) for key in keys)
