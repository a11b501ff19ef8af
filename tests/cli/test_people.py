"""Offices and people of a real installation, put in from the command line: what is mistyped is a
sentence, and nothing is half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.actions.context import Actor
from service.actions.people import accounts, directory, sessions
from service.app import assemble
from service.application.container import Tresteg
from service.errors import Stale
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import ledger_entries, offices, people
from service.store.row_scope import as_system
from service.store.tables import line, login_session, office
from service.store.tables import person as person_rows
from service.store.transaction import Tx
from service.store.work import tasks
from tests.support.desk import NOON, OFFICE, ROLE, Desk, open_desk
from tests.support.small import one, person
from tests.support.terminal import REAL, begin, one_sentence, signs_in, tresteg

LIMITS = sessions.SessionLimits(timedelta(minutes=15), timedelta(hours=8))
PASSWORD = "correct horse battery staple"
SOCIAL = ("office", "add", "social", "--name", "Socialtjänsten", "--kind", "SOCIALTJANST")
ANNA = (
    "person",
    "add",
    "anna@example.org",
    "--name",
    "Anna Ek",
    "--office",
    "social",
    "--role",
    "ReferringPartner",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real installation with empty tables."""
    begin(tmp_path, monkeypatch)
    assert tresteg("db", "upgrade").exit_code == 0
    return tmp_path


def program(folder: Path) -> Tresteg:
    """The installation as a server opens it."""
    return assemble(
        Settings(
            database_url=f"sqlite:///{folder}/tresteg.db", mail_url="smtp://mail.example.org:587"
        ),
        keyring=REAL,
    )


def counted(folder: Path) -> tuple[int, int, int]:
    """Offices, people and lines that are there."""
    database = Database(f"sqlite:///{folder}/tresteg.db")
    with database.transaction(write=False) as tx:
        found = [
            len(tx.all(lambda *row: row, as_system("schema", select(table))))
            for table in (office, person_rows, line)
        ]
    database.close()
    return found[0], found[1], found[2]


def kinds(made: Tresteg, stream: str) -> list[str]:
    with made.database.transaction(write=False) as tx:
        return [one.kind for one in ledger_entries.of_stream(tx, stream)]


def test_an_office_is_put_in_with_all_that_is_said_of_it(folder: Path) -> None:
    done = tresteg(
        *(
            "office",
            "add",
            "iom-sofia",
            "--name",
            "IOM Sofia",
            "--kind",
            "IOM_MISSION",
            "--address",
            "sofia@example.org",
            "--country",
            "BG",
        ),
        *(
            "--municipality",
            "0180",
            "--calendar",
            "plain-sofia",
            "--zone",
            "Europe/Sofia",
            "--language",
            "en",
        ),
    )
    assert (done.exit_code, done.output) == (0, "")
    made = program(folder)
    with made.database.transaction(write=False) as tx:
        kept = offices.get(tx, "iom-sofia")
        key = made.services.key(tx, "office:iom-sofia")
    assert kept is not None
    assert key is not None
    assert kept.address is not None
    assert (kept.name, kept.kind, kept.countries, kept.municipalities) == (
        "IOM Sofia",
        "IOM_MISSION",
        ["BG"],
        ["0180"],
    )
    assert (kept.calendar, kept.zone, kept.language) == ("plain-sofia", "Europe/Sofia", "en")
    assert (
        key.open("contact", kept.address, table="office", column="address", row="iom-sofia")
        == b"sofia@example.org"
    )
    assert kinds(made, "system") == ["office_added"]
    made.database.close()


def test_an_office_counts_days_as_the_programme_does_unless_it_says_otherwise_and_hears_that_no_letter_can_leave(
    folder: Path,
) -> None:
    done = tresteg(*SOCIAL)
    assert done.exit_code == 0
    assert "No letter can leave for social before `tresteg office address social …`" in done.stderr
    assert tresteg("office", "address", "social", "social@example.org").exit_code == 0
    made = program(folder)
    with made.database.transaction(write=False) as tx:
        kept = offices.get(tx, "social")
    assert kept is not None
    assert (kept.calendar, kept.zone, kept.language, kept.address is not None) == (
        "sweden",
        "Europe/Stockholm",
        "sv",
        True,
    )
    made.database.close()


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (
            ("--kind", "SOCIALTJÄNST"),
            "there is no kind of office SOCIALTJÄNST; did you mean SOCIALTJANST?",
            2,
        ),
        (
            ("--kind", "SCHOOL"),
            "there is no kind of office SCHOOL; there is DRIFT, IOM_MISSION, ",
            2,
        ),
        (("--country", "Bulgaria"), "there is no country Bulgaria", 2),
        (("--municipality", "0181x"), "there is no municipality 0181x; did you mean 018", 2),
        (("--calendar", "swedn"), "there is no calendar swedn; did you mean sweden?", 2),
        (
            ("--zone", "Europe/Stokholm"),
            "there is no time zone Europe/Stokholm; did you mean Europe/Stockholm?",
            2,
        ),
        (("--address", "social.example.org"), "social.example.org is no mail address", 2),
        (("--name", " "), "a name has 1 to 200 characters", 2),
    ],
)
def test_a_mistyped_word_of_an_office_is_told_and_nothing_is_written(
    folder: Path, words: tuple[str, str], said: str, code: int
) -> None:
    done = tresteg(*SOCIAL, *words)
    assert one_sentence(done).startswith(said)
    assert (done.exit_code, counted(folder)) == (code, (0, 0, 0))


@pytest.mark.parametrize("id_", ["Social", "social services", "-social", "social--x", "", "så"])
def test_an_id_that_is_none_is_told(folder: Path, id_: str) -> None:
    done = tresteg("office", "add", "--name", "Social", "--kind", "NGO", "--", id_)
    assert one_sentence(done).startswith(f"{id_} cannot be the id of an office")
    assert (done.exit_code, counted(folder)) == (2, (0, 0, 0))


def test_an_id_that_is_taken_is_refused(folder: Path) -> None:
    assert tresteg(*SOCIAL, "--address", "social@example.org").exit_code == 0
    done = tresteg(*SOCIAL)
    assert one_sentence(done) == "there is an office social already"
    assert (done.exit_code, counted(folder)) == (3, (1, 0, 1))


def test_the_list_tells_what_cases_would_miss(folder: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*ANNA, typed=PASSWORD).exit_code == 0
    done = tresteg("office", "list")
    assert done.stdout == "social SOCIALTJANST 1 ReferringPartner Socialtjänsten\n"
    assert (
        "programme.toml names iom-helsinki as iom_office, and there is no such office"
        in done.stderr
    )
    assert "nobody holds the role CaseApprover" in done.stderr
    assert "ReferringPartner" not in done.stderr
    assert done.exit_code == 0
    assert folder.is_dir()


def test_a_person_who_was_put_in_signs_in(folder: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    done = tresteg(*ANNA, typed=f"{PASSWORD}\n")
    assert (done.exit_code, done.output) == (0, "")
    assert tresteg("publish").exit_code == 0
    assert anna_signs_in(folder, PASSWORD)
    assert not anna_signs_in(folder, "correct horse battery stapel")


def anna_signs_in(folder: Path, password: str) -> bool:
    """Whether Anna comes in."""
    made = program(folder)
    came = signs_in(made, "anna@example.org", password)
    made.database.close()
    return came


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("--office", "socal"), "there is no office socal; did you mean social?", 2),
        (
            ("--role", "ReferringPatner"),
            "there is no role ReferringPatner; did you mean ReferringPartner?",
            2,
        ),
        (("--role", "Boss"), "there is no role Boss", 2),
        (
            ("--role", "CaseApprover"),
            "nobody of social (SOCIALTJANST) may hold the role CaseApprover: it is for MYNDIGHET",
            3,
        ),
        (("--name", ""), "a name has 1 to 200 characters", 2),
    ],
)
def test_a_mistyped_word_of_a_person_is_told_before_a_password_is_asked_for(
    folder: Path, words: tuple[str, str], said: str, code: int
) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    before = counted(folder)
    done = tresteg(*ANNA, *words, typed="short")
    assert one_sentence(done).startswith(said)
    assert (done.exit_code, counted(folder)) == (code, before)


@pytest.mark.parametrize("password", ["", "short", "x" * 129])
def test_a_password_that_is_none_puts_nobody_in(folder: Path, password: str) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    before = counted(folder)
    done = tresteg(*ANNA, typed=password)
    assert one_sentence(done) == "a password has 15 to 128 characters"
    assert (done.exit_code, counted(folder)) == (2, before)


def test_a_sign_in_name_that_is_taken_is_refused(folder: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*ANNA, typed=PASSWORD).exit_code == 0
    before = counted(folder)
    done = tresteg(*ANNA, typed=PASSWORD)
    assert one_sentence(done) == "the sign-in name anna@example.org is taken"
    assert (done.exit_code, counted(folder)) == (3, before)


def test_another_password_counts_at_once(folder: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*ANNA, typed=PASSWORD).exit_code == 0
    assert (
        tresteg(
            "person", "password", "anna@example.org", typed="staple battery horse correct"
        ).exit_code
        == 0
    )
    assert not anna_signs_in(folder, PASSWORD)
    assert anna_signs_in(folder, "staple battery horse correct")


def test_who_is_closed_signs_in_no_more_and_cannot_be_changed(folder: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*ANNA, typed=PASSWORD).exit_code == 0
    assert tresteg("person", "close", "anna@example.org").exit_code == 0
    assert not anna_signs_in(folder, PASSWORD)
    before = counted(folder)
    for words in (
        ("close", "anna@example.org"),
        ("password", "anna@example.org"),
        ("roles", "anna@example.org", "--role", "auditor"),
    ):
        done = tresteg("person", *words, typed=PASSWORD)
        assert one_sentence(done).startswith("anna@example.org was closed on ")
        assert done.exit_code == 3
    assert counted(folder) == before


@pytest.mark.parametrize(
    "words", [("close",), ("password",), ("roles", "--role", "auditor")], ids=lambda words: words[0]
)
def test_who_is_not_there_is_told(folder: Path, words: tuple[str, ...]) -> None:
    done = tresteg("person", words[0], "nobody@example.org", *words[1:], typed=PASSWORD)
    assert one_sentence(done) == "nobody signs in as nobody@example.org"
    assert (done.exit_code, counted(folder)) == (2, (0, 0, 0))


# roles and tasks of somebody who works in a case


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[Desk]:
    """An office at work: Sara has claimed a task and is signed in."""
    made = open_desk(database_url, keyring, one(person("a"), "s>a a>e"))
    made.start()
    with made.database.transaction() as tx:
        sara = accounts.person(tx, made.program.services, "p_sara")
        assert sara is not None
        sessions.begin_session(tx, sara, limits=LIMITS, now=NOON)
        assert tasks.claim(tx, task_of(tx).key, "p_sara", NOON)
    yield made
    made.database.close()


def task_of(tx: Tx) -> tasks.Task:
    (case,) = cases.listed(tx)
    (task,) = tasks.of_case(tx, case.id)
    return task


def signed_in(tx: Tx) -> int:
    return int(tx.value(select(func.count()).select_from(login_session)))


@dataclass(frozen=True)
class After:
    """What is left once an operator has acted."""

    claimed_by: str | None
    roles: frozenset[str]
    sessions: int
    office: list[str]
    case: list[str]


def after(desk: Desk, verb: Callable[[Tx], object]) -> After:
    with desk.database.transaction() as tx:
        verb(tx)
    with desk.database.transaction(write=False) as tx:
        task, known = task_of(tx), people.get(tx, "p_sara")
        assert known is not None
        told = [
            [row.kind for row in ledger_entries.of_stream(tx, stream)]
            for stream in (f"office/{OFFICE}", f"case/{task.case_id}")
        ]
        return After(task.claimed_by, known.roles, signed_in(tx), told[0][-2:], told[1][-1:])


BY = Actor("cli")


def test_who_loses_a_role_loses_its_tasks_and_is_signed_out(desk: Desk) -> None:
    found = after(
        desk,
        lambda tx: directory.set_roles(
            tx, desk.program.services, sign_in="sara", roles=["auditor"], by=BY, now=NOON
        ),
    )
    assert found == After(
        None, frozenset({"auditor"}), 0, ["role_given", "role_taken"], ["put_back"]
    )
    assert desk.faults() == []


def test_who_gets_a_role_more_keeps_her_tasks(desk: Desk) -> None:
    found = after(
        desk,
        lambda tx: directory.set_roles(
            tx, desk.program.services, sign_in="sara", roles=["auditor", ROLE], by=BY, now=NOON
        ),
    )
    assert (found.claimed_by, found.roles, found.sessions, found.office[-1]) == (
        "p_sara",
        frozenset({"auditor", ROLE}),
        0,
        "role_given",
    )


def test_who_is_closed_leaves_her_tasks_to_the_office(desk: Desk) -> None:
    found = after(
        desk,
        lambda tx: directory.close_person(
            tx, desk.program.services, sign_in="sara", by=BY, now=NOON
        ),
    )
    assert (found.claimed_by, found.sessions, found.office[-1], found.case) == (
        None,
        0,
        "person_closed",
        ["put_back"],
    )
    assert desk.faults() == []


def test_another_password_ends_what_was_open_under_the_old_one(desk: Desk) -> None:
    found = after(
        desk,
        lambda tx: directory.set_password(
            tx, desk.program.services, sign_in="sara", password=b"hash", by=BY, now=NOON
        ),
    )
    assert (found.claimed_by, found.sessions, found.office[-1]) == ("p_sara", 0, "password_set")


def test_nobody_comes_into_an_office_that_is_closed(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        kept = offices.get(tx, OFFICE)
        assert kept is not None
        offices.save(tx, replace(kept, closed_at=NOON))
    with (
        pytest.raises(Stale, match="the office social is closed"),
        desk.database.transaction(write=False) as tx,
    ):
        directory.check_new_person(
            tx,
            desk.program.services,
            sign_in="eva",
            name="Eva",
            office=OFFICE,
            roles=[ROLE],
            language="sv",
        )
