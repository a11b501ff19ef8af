"""A writer of the database whose change the product then uses: people open pages and act, a worker
does what is due, and only then is everything verified.

Each change is made on a copy of the file. It has failed if the row is named afterwards, was refused
when it was used, or is again what it would be without the change. Otherwise the product has made
true what somebody else wrote.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from itertools import cycle
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Table
from structlog.testing import capture_logs

from service.access import RECORDS_OFFICER, Viewer
from service.audit.verify import verify_all
from service.casework import incidents
from service.casework.document_requests import deciding
from service.casework.retention.holds import end_hold
from service.casework.subject_requests import asking
from service.casework.subject_requests.masks import Mask
from service.clock import SetClock
from service.engine import Definition
from service.forms import flatten
from service.operations.sequencer import sequence_all
from service.people import accounts, directory
from service.records.context import Actor
from service.records.ids import ulid
from service.store.casefile import document_requests, holds, subject_requests
from service.store.tables import metadata
from service.worker.loop import Worker
from service.workshop.trial.scenario_times import resolve
from tests.support.audits import state_matter
from tests.support.browser import PASSWORD, Browser
from tests.support.directory import give_password
from tests.support.local_handlers import LocalHandlers
from tests.support.programs import make_application
from tests.support.shipped import people_of
from tests.support.world import usual
from tests.trust.filled import FilledInstallation, Row
from tests.trust.writer import (
    COLUMNS_OF_NOTHING,
    TABLES_OF_NOTHING,
    Change,
    Writer,
    cases_of,
    update_row,
)

OPERATOR: Final = Actor("cli")
PEOPLE: Final = ("sara", "omar", "kim", "berit", "iva", "maja", "nils", "greta", "disa", "stina")
"""Whose browsers are signed in."""
FOR_EVER: Final = 100 * 365 * 86_400 * 10**6
"""Microseconds by which somebody puts work off."""
MOMENTS_OF_WORK: Final = frozenset({"not_before", "lease_until"})
OVER: Final = frozenset({"done", "stopped", "planned"})
"""States of a batch on which nobody works."""
ROUNDS: Final = 3
"""Rounds of a worker after which no more is asked of it."""
DENIED: Final = frozenset(
    {"incident", "part_failing", "part_over", "sign_in_failed", "sign_in_alarm", "sessions_ended"}
)
"""Kinds of entries by which nothing comes true: something was refused, or taken away."""
REFUSAL: Final = 400
"""Status from which on a page has refused something; no worker does so much."""
REFUSED: Final = frozenset({"row_refused", "work_was_postponed"})
"""What the log says of a row that was not taken as it was."""
HARMLESS_TABLES: Final = {
    name: why for name, why in TABLES_OF_NOTHING.items() if name not in ("batch", "batch_case")
}
"""Tables whose rows decide nothing, and why."""
HARMLESS: Final[Mapping[tuple[str, str], str]] = {
    **{key: why for key, why in COLUMNS_OF_NOTHING.items() if key[1] not in MOMENTS_OF_WORK},
    ("batch", "leased_by"): "which worker has a batch: another one takes it when the lease is over",
    ("batch", "done"): "how far a batch has come, for its page: which cases are left is asked anew",
}
"""Columns that can do no harm, and why."""
Outcome: TypeAlias = str
NAMED, WAS_REFUSED, UNDONE, MADE_TRUE = "named", "refused", "undone", "made true"
"""What becomes of a change in the end; the last must not be."""
Kind: TypeAlias = tuple[str, str]
"""A table, and one of its columns or what is done with whole rows."""


@dataclass(frozen=True)
class Act:
    """Something that a person does at a page, or the worker or an operator without one."""

    who: str = ""
    path: str = ""
    data: Mapping[str, object] | None = None
    days: int = 0
    command: Callable[[UsedInstallation], object] | None = None


@dataclass(frozen=True)
class After:
    """What there is after the use: entries and facts, rows of a table by key, what was answered."""

    told: Counter[tuple[object, ...]]
    rows: Mapping[tuple[object, ...], Row]
    answers: tuple[object, ...] = ()


@dataclass
class UsedInstallation:
    """An installation with its site and a worker, which is as before after each use."""

    here: FilledInstallation
    clock: SetClock
    app: Flask
    file: Path
    kept: Path
    people: Mapping[str, str]
    process: Definition
    browsers: dict[str, Browser] = field(default_factory=dict)
    cookies: dict[str, dict[Any, Any]] = field(default_factory=dict)
    controls: dict[tuple[str, str], After] = field(default_factory=dict)
    """Table and case to what there is after the use without a change; each use begins the same."""

    # ---- how it begins, and begins again

    def sign_in(self) -> None:
        """Sign everybody in, and keep the file as it is then."""
        program, now = self.here.program, self.here.now
        secret = program.passwords.hash(PASSWORD)
        for who in PEOPLE:
            with program.database.transaction() as tx:
                about: dict[str, Any] = {"sign_in": f"{who}@demo", "password": secret}
                give_password(tx, program.services, by=OPERATOR, now=now, **about)
            browser = Browser(self.app.test_client())
            assert browser.sign_in(f"{who}@demo").status_code == 303
            assert browser.get("/settings").status_code == 200
            self.browsers[who] = browser
        with program.database.transaction(write=False) as tx:
            auditor = accounts.load_viewer(tx, self.people["greta"])
        assert auditor is not None
        state_matter(program, auditor, now)
        for who, browser in self.browsers.items():
            self.cookies[who] = dict(browser.client._cookies or {})
        sequence_all(program)
        program.database.close()
        with closing(sqlite3.connect(self.file)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.file, self.kept)

    def begin_again(self) -> None:
        """The file, the clock and the browsers are as they were kept."""
        self.here.program.database.close()
        for end in (
            "",
            "-wal",
            "-shm",
        ):  # another file: a connection that was lost writes into none
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.file)
        self.clock.set(self.here.now)
        for who, browser in self.browsers.items():
            browser.client._cookies = dict(self.cookies[who])

    # ---- how it is used

    def use(self, acts: Sequence[Act]) -> tuple[object, ...]:
        """Let people and the worker act, whatever is refused; gives what was answered."""
        return tuple(self._done(act) for act in acts)

    def _done(self, act: Act) -> object:
        """The status of a page, the pieces of work of a worker, or the fault."""
        if act.path:
            browser, more = self.browsers[act.who], {"_once": ulid(self.clock.now())}
            if act.data is None:
                return browser.client.get(act.path).status_code
            hidden = {**browser.hidden(), **more}
            form = {**hidden, **act.data}
            sent = browser.client.post(act.path, data=form, headers=browser.headers)
            return sent.status_code
        try:
            return act.command(self) if act.command is not None else self._work(act.days)
        except Exception as fault:  # noqa: BLE001 - a refusal; what it has left is verified
            return type(fault).__name__

    def _work(self, days: int) -> int:
        """A worker does what is due, after some days."""
        self.clock.set(self.clock.now() + timedelta(days=days))
        program, done = self.here.program, 0
        handlers = LocalHandlers({})
        parts = (program.database, program.services, self.clock, program.mail)
        worker = Worker(*parts, handlers=handlers)
        try:
            for _ in range(ROUNDS):
                worked = worker.step()
                done += worked
                if not worked:
                    break
        finally:
            handlers.close()
        return done

    # ---- what is there

    def after(self, table: Table) -> After:
        """What the ledger and the histories tell now, and the rows of a table."""
        self.here.program.database.close()
        with closing(sqlite3.connect(self.file)) as raw:
            entries = raw.execute(
                "SELECT stream.name, kind, actor, office FROM line JOIN stream ON number = stream"
            )
            told = Counter(entry for entry in entries if entry[1] not in DENIED)
            told.update(raw.execute("SELECT case_id, kind, element, actor FROM fact"))
            return After(told, _by_key(raw, table))

    def sentences(self, folded: frozenset[str] | None) -> list[str]:
        """What verification says now."""
        program, now = self.here.program, self.clock.now()
        with program.database.transaction(write=False) as tx:
            report = verify_all(tx, program.services, now=now, folded=folded)
        return [str(fault) for fault in report.faults]


def _by_key(raw: sqlite3.Connection, table: Table) -> dict[tuple[object, ...], Row]:
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    found = raw.execute(f"SELECT {listed} FROM {table.name}").fetchall()  # noqa: S608 - names of our own tables
    rows = [dict(zip(names, row, strict=True)) for row in found]
    return {_key(table, row): row for row in rows}


def _key(table: Table, row: Row) -> tuple[object, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def used(here: FilledInstallation) -> UsedInstallation:
    """The installation, whose people are signed in."""
    program = here.program
    assert isinstance(program.clock, SetClock)
    app = make_application(program)
    app.testing = False
    file = Path(program.settings.database_url.removeprefix("sqlite:///"))
    with program.database.transaction(write=False) as tx:
        stina = directory.find_person(tx, program.services, "stina@demo").person.id
        process = program.services.current(tx).definitions[program.services.programme.process]
    people = {**people_of(program), "stina": stina}
    kept = file.with_suffix(".kept")
    made = UsedInstallation(here, program.clock, app, file, kept, people, process)
    made.sign_in()
    return made


# ---- who does what with which table


@dataclass(frozen=True)
class Places:
    """What there is to act on in the installation, and in one of its cases."""

    case: str
    person: Mapping[str, str]
    tasks: Sequence[Row]
    answers: Mapping[str, Mapping[str, object]]
    """Element of a task to what is typed into its form; and of a message."""
    referrals: Sequence[Row]
    approvals: Sequence[Row]
    documents: Sequence[Row]
    drafts: Sequence[Row]
    batches: Sequence[Row]
    releases: Sequence[Row]

    def one(self, rows: Sequence[Row], **wanted: object) -> Row:
        """The first row with these values."""
        return next(row for row in rows if all(row[name] == is_ for name, is_ in wanted.items()))


def look(who: str, *paths: str) -> list[Act]:
    """Somebody opens pages."""
    return [Act(who, path) for path in paths]


def send(who: str, path: str, /, **data: object) -> list[Act]:
    """Somebody sends a form."""
    return [Act(who, path, data)]


def work(days: int = 0) -> list[Act]:
    """The worker does what is due."""
    return [Act(days=days)]


def operate(command: Callable[[UsedInstallation], object]) -> list[Act]:
    """An operator does something at the terminal."""
    return [Act(command=command)]


def place() -> list[Act]:
    """Entries of the ledger get their places."""
    return operate(lambda use: sequence_all(use.here.program))


def stop(at: Places) -> list[Act]:
    """The verification that goes on is stopped: a worker would do nothing else for long."""
    run = at.one(at.batches, kind="verify")["id"]
    return send("greta", "/audit/verify", do="stop", run=run)


def complete(at: Places) -> list[Act]:
    """A stranger and the right person finish each task of the case."""
    return [
        act
        for task in at.tasks
        for who in ("kim", "sara")
        for act in send(who, f"/tasks/{task['key']}", confirmed="1", **at.answers[task["element"]])
    ]


def of_case(at: Places) -> list[Act]:
    """The case is opened by its officers and by people of other offices, and goes on."""
    case = f"/cases/{at.case}"
    return [*look("omar", case), *look("kim", case), *look("stina", case), *complete(at)]


def of_tasks(at: Places) -> list[Act]:
    """A task changes hands, is late, and is finished."""
    keys = [task["key"] for task in at.tasks]
    takes = [
        act
        for key in keys
        for act in send("stina", f"/tasks/{key}/claim", do="take_over", word="Sjuk.")
    ]
    back = [
        act for key in keys for act in send("stina", f"/tasks/{key}/put-back", word="Inte min.")
    ]
    return [*look("sara", "/inbox"), *takes, *back, *complete(at)]


def of_parties(at: Places) -> list[Act]:
    """Who has to do with a case opens it, gives it to a colleague, and moves it on."""
    case = f"/cases/{at.case}"
    given = send("sara", f"{case}/officer", to=at.person["stina"])
    return [*of_case(at), *given, *look("berit", case), *look("iva", case)]


def of_consents(at: Places) -> list[Act]:
    """Consents are looked at and taken back."""
    case = f"/cases/{at.case}"
    form: dict[str, object] = {"who": "SELF", "how": "MEETING", "effect": "", "on": "2026-05-09"}
    taken = send("sara", f"{case}/consents", purposes=["REFER", "PARTICIPATE"], **form)
    said = send(
        "sara", f"{case}/messages/withdraw", do="send", confirmed="1", **at.answers["withdraw"]
    )
    return [*look("omar", case), *look("sara", f"{case}/consents"), *taken, *said]


def of_names(at: Places) -> list[Act]:
    """Somebody who is not named looks; people are named, and it is taken back."""
    case, person = f"/cases/{at.case}", at.person
    named = send("sara", f"{case}/named", person=person["stina"], why="Tar över.")
    back = send("sara", f"{case}/named/end", person=person["omar"], why="Slutat.")
    return [*look("stina", case), *look("iva", case), *named, *back, *look("sara", case)]


def of_words(at: Places) -> list[Act]:
    """The person of a case gets other words; those that she had end."""
    case = f"/cases/{at.case}"
    return [*look("sara", case), *send("sara", f"{case}/card", lang="sv")]


def of_bars(at: Places) -> list[Act]:
    """People look at a case that is barred to somebody, and find it in their lists."""
    case = f"/cases/{at.case}"
    return [*look("sara", case), *look("sara", "/cases"), *look("omar", case), *look("iva", case)]


def of_approvals(at: Places) -> list[Act]:
    """What was approved is used, ended and decided; a release is current again; what is open in
    danger to life is read, closed and reviewed.
    """
    print_, end = look("sara", f"/cases/{at.case}/print"), at.one(at.approvals, kind="unmask_case")
    first = at.one(at.releases, number=1)["id"].hex()
    asked = at.one(at.approvals, state="asked")["id"]
    glass = at.one(at.approvals, kind="break_glass")["id"]
    plan = at.one(at.batches, kind="migration_plan")["id"]
    return [
        *stop(at),
        *print_,
        *look("greta", f"/audit/cases/{end['case_id']}/replay"),
        *send("greta", f"/approvals/{end['id']}/end"),
        *send("omar", f"/approvals/{asked}", do="approve"),
        *look("kim", f"/break-glass/{glass}", "/help"),
        *send("kim", f"/approvals/{glass}/end"),
        *look("disa", f"/break-glass/{glass}/review"),
        *send("disa", f"/break-glass/{glass}/review", why="Det var rätt."),
        *send("maja", f"/migrations/{plan}", do="run"),
        *send("maja", f"/releases/{first}/current", do="current"),
        *work(4),
    ]


def of_referrals(at: Places) -> list[Act]:
    """Referrals are answered, taken back, and lapse."""
    ids = [row["id"] for row in at.referrals if row["state"] in ("sent", "opened", "asked")]
    return [
        *stop(at),
        *(act for id_ in ids for act in send("kim", f"/referrals/{id_}", do="accept")),
        *(act for id_ in ids for act in send("berit", f"/referrals/{id_}", do="accept")),
        *(act for id_ in ids for act in send("sara", f"/referrals/{id_}", do="revoke")),
        *look("sara", f"/cases/{at.case}?tab=referrals"),
        *work(10),
    ]


def of_incidents(at: Places) -> list[Act]:
    """An operator tries the work of every incident again."""
    return [*stop(at), *look("sara", f"/cases/{at.case}"), *operate(_retry), *work()]


def _retry(use: UsedInstallation) -> object:
    program, tried = use.here.program, 0
    with program.database.transaction(write=False) as tx:
        found = incidents.open_incidents(tx)
    for one in found:
        with suppress(Exception), program.database.transaction() as tx:
            about: dict[str, Any] = {"by": OPERATOR, "now": use.clock.now()}
            incidents.retry_incident(tx, incident_id=one.id, **about)
            tried += 1
    return tried


def of_work(at: Places) -> list[Act]:
    """The worker does what is due now, and what is due in ten days."""
    return [*stop(at), *work(), *work(10)]


def of_batches(at: Places) -> list[Act]:
    """A batch goes on; its plan is chosen anew, run, stopped and taken back."""
    plan = f"/migrations/{at.one(at.batches, kind='migration_plan')['id']}"
    return [
        *look("maja", plan, f"{plan}/work"),
        *work(),
        *send("maja", plan, do="run"),
        *send("maja", plan, do="undo"),
        *stop(at),
    ]


def of_releases(at: Places) -> list[Act]:
    """A release is looked at, made current, and a case goes on on it."""
    first = at.one(at.releases, number=1)["id"].hex()
    made = send("maja", f"/releases/{first}/current", do="current")
    return [*look("maja", "/processes"), *made, *complete(at)]


def of_drafts(at: Places) -> list[Act]:
    """A draft is opened, put back, thrown away and taken up again."""
    draft = at.drafts[-1]
    here, state = f"/drafts/{draft['id']}", f"/states/{DRAWN}"
    return [
        *look("maja", f"{here}/files", f"{here}{state}"),
        *send("maja", f"{here}{state}", state="2", rev=draft["rev"]),
        *send("maja", f"{here}/discard"),
        *send("maja", f"{here}/reopen"),
        *send("nils", f"{here}/discard"),
    ]


def of_documents(at: Places) -> list[Act]:
    """A document is opened and dropped, and the tasks that have some are finished."""
    return [
        *look("sara", f"/cases/{at.case}?tab=papers"),
        *(
            act
            for row in at.documents
            for act in [
                *look("sara", f"/files/{row['id']}"),
                *send("sara", f"/cases/{at.case}/papers/{row['id']}/drop", why="Fel papper."),
            ]
        ),
        *complete(at),
    ]


def of_notes(at: Places) -> list[Act]:
    """Notes are read and written; the ledger gets places for what was written."""
    case = f"/cases/{at.case}"
    return [*look("sara", case), *send("sara", f"{case}/notes", text="Ring igen."), *place()]


def of_people(at: Places) -> list[Act]:
    """People sign in and out, and are away; the directory changes."""
    return [
        *look("sara", "/inbox", "/office"),
        *look("kim", f"/cases/{at.case}"),
        *send("sara", "/settings/sessions"),
        *send("sara", "/office/absences", do="end", person=at.person["sara"]),
        *send("stina", "/sign-in", user="stina@demo", password=PASSWORD),
        *send("omar", "/sign-out"),
        *operate(_directory),
    ]


def _directory(use: UsedInstallation) -> object:
    program, about = use.here.program, {"by": OPERATOR, "now": use.clock.now()}
    for who in ("stina", "kim"):
        with suppress(Exception), program.database.transaction() as tx:
            given: dict[str, Any] = {"sign_in": f"{who}@demo", "roles": [], **about}
            directory.set_roles(tx, program.services, **given)
    return None


def of_reports(_at: Places) -> list[Act]:
    """The auditor reads the report and the log, and the ledger gets places."""
    return [*look("greta", "/audit/report", "/audit/streams"), *place()]


def of_retention(at: Places) -> list[Act]:
    """Data protection looks at what is held and erased and ends the holds; the case is opened."""
    return [*look("disa", "/retention"), *look("omar", f"/cases/{at.case}"), *operate(_holds)]


def of_requests(at: Places) -> list[Act]:
    """The records officer reads what the office was asked, and does what waits."""
    return [*look("omar", f"/cases/{at.case}"), *operate(_requests)]


def _requests(use: UsedInstallation) -> object:
    program, now = use.here.program, use.clock.now()
    with program.database.transaction(write=False) as tx:
        rows = subject_requests.open_ones(tx)
    for row in rows:
        by = Viewer(row.by, row.office_id, frozenset({RECORDS_OFFICER}))
        about: dict[str, Any] = {"by": by, "now": now, "request": row.id}
        for act in (
            partial(asking.show_identity, **about, proven="document"),
            partial(asking.read_parts, **about, marked={}, lang="sv"),
            partial(asking.give, **about, how="handed"),
        ):
            with suppress(Exception), program.database.transaction() as tx:
                act(tx, program.services)
    return None


def of_public_documents(at: Places) -> list[Act]:
    """The records officer decides on public documents, and gives them."""
    return [*look("omar", f"/cases/{at.case}"), *operate(_documents)]


def _documents(use: UsedInstallation) -> object:
    program, now = use.here.program, use.clock.now()
    with program.database.transaction(write=False) as tx:
        rows = document_requests.open_ones(tx)
    for row in rows:
        by = Viewer(row.by, row.office_id, frozenset({RECORDS_OFFICER}))
        about: dict[str, Any] = {"by": by, "now": now, "request": row.id}
        marked: dict[str, Mask | None] = {}
        for act in (
            partial(deciding.choose_parts, **about, marked=marked),
            partial(deciding.decide, **about, outcome="whole"),
            partial(deciding.give, **about, how="handed"),
        ):
            with suppress(Exception), program.database.transaction() as tx:
                act(tx, program.services)
    return None


def _holds(use: UsedInstallation) -> object:
    program, now = use.here.program, use.clock.now()
    with program.database.transaction(write=False) as tx:
        lasting = [row.id for row in holds.lasting(tx, now)]
    for id_ in lasting:
        with suppress(Exception), program.database.transaction() as tx:
            end_hold(tx, hold_id=id_, by=OPERATOR, now=now)
    return None


DRAWN: Final = "workflows/calendars/sweden.json"
"""A file of the draft that has states."""
ACTS: Final[Mapping[str, Callable[[Places], list[Act]]]] = {
    **dict.fromkeys(("cases", "fact", "fact_payload", "vault_key", "case_number"), of_case),
    **dict.fromkeys(("open_case_count", "release_case_count", "officer_case_count"), of_case),
    **dict.fromkeys(("task", "case_access"), of_tasks),
    **dict.fromkeys(("party", "case_grant", "case_officer"), of_parties),
    "consent": of_consents,
    "named_person": of_names,
    "word_pair": of_words,
    "case_bar": of_bars,
    "approval": of_approvals,
    "referral": of_referrals,
    "incident": of_incidents,
    **dict.fromkeys(("job", "letter"), of_work),
    **dict.fromkeys(("batch", "batch_case"), of_batches),
    **dict.fromkeys(("release", "release_dossier"), of_releases),
    "draft": of_drafts,
    **dict.fromkeys(("document", "document_chunk"), of_documents),
    **dict.fromkeys(("note", "line", "stream", "log_index", "log_waiting", "checkpoint"), of_notes),
    **dict.fromkeys(("office", "person", "membership", "absence"), of_people),
    **dict.fromkeys(("login_session", "setting", "credential"), of_people),
    "report": of_reports,
    **dict.fromkeys(("hold", "retention_act"), of_retention),
    "subject_request": of_requests,
    **dict.fromkeys(("document_request", "document_choice"), of_public_documents),
}
"""What people and the worker do with the rows of each table that is changed."""


def places(raw: sqlite3.Connection, use: UsedInstallation, case: str) -> Places:
    """What there is to act on, in a case."""

    def rows(table: str) -> list[Row]:
        found = [*_by_key(raw, metadata.tables[table]).values()]
        return [row for row in found if row.get("case_id", case) in (case, None)]

    now, process = use.here.now, use.process
    tasks, zone = rows("task"), ZoneInfo("Europe/Stockholm")
    forms = {task["element"]: process.elements[task["element"]].form for task in tasks}
    filled: dict[str, Mapping[str, object]] = {
        name: flatten(resolve(usual().get(form, {}), now, zone))
        for name, form in {**forms, "withdraw": "withdraw"}.items()
    }
    approvals = [*_by_key(raw, metadata.tables["approval"]).values()]
    return Places(
        case,
        use.people,
        tasks,
        filled,
        *(rows("referral"), approvals, rows("document"), rows("draft"), rows("batch")),
        rows("release"),
    )


# ---- the matrix

TOLD_OTHERWISE: Final[Mapping[str, str]] = {
    "stream": "what its entries bound is named, and the places of the next one",
    "case_access": "written anew with its case; what was counted by it is named",
}
"""Tables of which verification may name other rows than the one that was changed, and which."""
NOT_YET: Final[Mapping[Kind, str]] = {
    ("batch", "replay"): "a trial of a plan that is over is done once more; no entry begins one",
    ("batch_case", "replay"): "a case of a batch that was stopped stands there as not come to",
    ("consent", "detail"): "outside the MAC: one taken away is bound so by the next change",
    ("letter", "delete"): "a reminder that was taken away is made and sent once more",
}
"""What may come true by being used, and why: it only gets shorter."""


def is_not_yet(kind: Kind) -> bool:
    """Whether a kind of change is among what is not safe yet."""
    return kind in NOT_YET


class UsedWriter(Writer):
    """Changes an installation that is used afterwards; each change on a copy of its file."""

    nothing = HARMLESS

    def __init__(self, use: UsedInstallation, seed: str) -> None:
        super().__init__(use.here, seed)
        self.use = use
        self.tables = [t for t in metadata.sorted_tables if t.name not in HARMLESS_TABLES]
        self._acts: dict[tuple[str, str], list[Act]] = {}
        self.whole: Mapping[str, Callable[[sqlite3.Connection, Table], Change | None]] = {
            "delete": self._delete,
            "insert": self._insert,
            "swap": self._swap,
            "exchange": self._exchange,
            "replay": self._replay,
        }

    def unnamed(self, change: Change, sentences: Sequence[str]) -> list[tuple[Row, ...]]:
        """Rows of a change that no sentence names; some are told by what else is wrong then."""
        if change.table in TOLD_OTHERWISE and sentences:
            return []
        return super().unnamed(change, sentences)

    def kinds(self) -> list[Kind]:
        """Each table with each of its columns, and what is done with whole rows."""
        return [
            (table.name, what)
            for table in self.tables
            for what in (*(column.name for column in table.columns), *self.whole)
            if (table.name, what) not in HARMLESS
        ]

    def tried(self, kind: Kind) -> tuple[Change, Outcome, str] | None:
        """Change something, let the product use it, and verify; None when there was nothing to
        change, or the database itself refuses it.
        """
        self.use.begin_again()
        table = metadata.tables[kind[0]]
        with closing(sqlite3.connect(self.use.file)) as raw:
            before = _by_key(raw, table)
            change = self._made(raw, table, kind[1])
            written = _by_key(raw, table)
        touched = _touched(before, written)
        if change is None or not touched:
            return None
        case = self._case_of(change)
        acts = self.acts_of(table.name, case)
        with capture_logs() as logged:
            answers = self.use.use(acts)
        sentences = self.use.sentences(cases_of(change))
        unnamed = self.unnamed(change, sentences)
        if not unnamed:
            return change, NAMED, ""
        after, control = self.use.after(table), self._control(table, case, acts)
        more, less = after.told - control.told, control.told - after.told
        refused = any(
            line["event"] in REFUSED and line.get("where") == table.name for line in logged
        ) or any(_is_refusal(one, was) for one, was in zip(answers, control.answers, strict=True))
        same = all(
            _is_same(after.rows.get(key), control.rows.get(key), names)
            for key, names in touched.items()
            if key in {_key(table, row) for versions in unnamed for row in versions}
        )
        told = f"{[*more]} {[*less]} {answers} {sentences[:2]}"
        if not more and refused:
            return change, WAS_REFUSED, told
        if not more and not less and same:
            return change, UNDONE, told
        return change, MADE_TRUE, told

    def _made(self, raw: sqlite3.Connection, table: Table, what: str) -> Change | None:
        """Change the file; what guards it is taken away meanwhile."""
        guards = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_%'"
        ).fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        self.streams = dict(raw.execute("SELECT number, name FROM stream").fetchall())
        try:
            if what in self.whole:
                change = self.whole[what](raw, table)
            else:
                change = self.edit_column(raw, table, what)
        except sqlite3.IntegrityError:
            raw.rollback()
            return None
        for _, sql in guards:
            raw.execute(sql)
        raw.commit()
        return change

    def edit_column(self, raw: sqlite3.Connection, table: Table, name: str) -> Change | None:
        """As for every writer; but what says when there is work puts it off for ever."""
        if name not in MOMENTS_OF_WORK:
            return super().edit_column(raw, table, name)
        rows = [row for row in self._rows(raw, table) if row["state"] not in OVER]
        if not rows:
            return None
        row = self.random.choice(rows)
        value = int(self.here.now.timestamp() * 10**6) + FOR_EVER
        update_row(raw, table, row, {name: value})
        return Change("edit", table.name, ((row,),), f"{name} of {row}")

    @cached_property
    def cases(self) -> list[str]:
        with closing(sqlite3.connect(self.use.kept)) as raw:
            return [id_ for (id_,) in raw.execute("SELECT id FROM cases ORDER BY status DESC, id")]

    def _case_of(self, change: Change) -> str:
        """The case that is used: the one of the row, or an open one."""
        name = "id" if change.table == "cases" else "case_id"
        found = [row.get(name) for versions in change.rows for row in versions]
        return next((case for case in found if case in self.cases), self.cases[0])

    def places(self, case: str) -> Places:
        """What there is to act on, as the file was kept."""
        with closing(sqlite3.connect(self.use.kept)) as raw:
            return places(raw, self.use, case)

    def acts_of(self, table: str, case: str) -> list[Act]:
        """What is done with rows of a table."""
        if (table, case) not in self._acts:
            self._acts[table, case] = ACTS[table](self.places(case))
        return self._acts[table, case]

    def _control(self, table: Table, case: str, acts: Sequence[Act]) -> After:
        """What there would be without the change."""
        if (table.name, case) not in self.use.controls:
            self.use.begin_again()
            answers = self.use.use(acts)
            after = self.use.after(table)
            self.use.controls[table.name, case] = After(after.told, after.rows, answers)
        return self.use.controls[table.name, case]

    def kinds_of(self, part: int, parts: int) -> list[Kind]:
        """The kinds of a part: first of every table a column and something done with a whole row,
        which the usual figure reaches, and then the others by lot.
        """
        kinds = self.kinds()
        random.Random(0).shuffle(kinds)  # noqa: S311 - the same parts for everybody
        first = {(table, what in self.whole): (table, what) for table, what in reversed(kinds)}
        kinds.sort(key=lambda kind: first[kind[0], kind[1] in self.whole] != kind)
        return kinds[part::parts]

    def changes(
        self, count: int, part: int, parts: int
    ) -> Iterator[tuple[Kind, Change, Outcome, str]]:
        """So many changes, of every kind of a part in turn, each with what became of it."""
        for kind in cycle(self.kinds_of(part, parts)):
            if not count:
                return
            if found := self.tried(kind):
                yield kind, *found
                count -= 1


def _touched(
    before: Mapping[tuple[object, ...], Row], after: Mapping[tuple[object, ...], Row]
) -> dict[tuple[object, ...], list[str]]:
    """Key of each row that was changed to the columns that were; to none for a whole row."""
    return {
        key: [
            name
            for name, value in after.get(key, {}).items()
            if key in before and before[key][name] != value
        ]
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }


def _is_refusal(answer: object, control: object) -> bool:
    """Whether a page, or the worker, refuses what it does without the change."""
    fault = isinstance(answer, str) or (isinstance(answer, int) and answer >= REFUSAL)
    return fault and answer != control


def _is_same(row: Row | None, control: Row | None, names: Sequence[str]) -> bool:
    """Whether a row is in these columns as it would be without the change."""
    if row is None or control is None:
        return row is control
    return all(row[name] == control[name] for name in names)
