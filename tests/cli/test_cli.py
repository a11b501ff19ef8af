"""The command line at a terminal.

Whatever goes wrong is one sentence on standard error and an exit code that a script can tell apart,
never a traceback.
"""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path
from shutil import copytree

import click
import pytest
from click.testing import CliRunner

import handlers
from service import TESTED_PYTHONS, VERSION
from service.cli.ending import explain_errors
from service.cli.installation_commands import python_not_tested
from service.cli.language import speaking
from service.errors import BadSettings, Busy, CaseMoved, FourEyes, NoDatabase, Stale
from service.sandbox import handlers as sandbox_handlers
from service.settings import Settings
from service.store.database import Database
from service.store.installation import heartbeats
from service.store.installation.heartbeats import Heartbeat
from service.text import languages, say
from tests.cli.rows import tables
from tests.support.terminal import one_sentence, tresteg


def test_the_version_is_told() -> None:
    assert tresteg("--version").stdout == f"tresteg {VERSION}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("verify",),
        ("publish",),
        ("incident", "list"),
        ("worker",),
        ("db", "check"),
        ("db", "upgrade"),
    ],
    ids=" ".join,
)
def test_a_database_in_a_folder_that_is_not_there_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{folder}/nowhere/tresteg.db")
    done = tresteg(*words)
    assert one_sentence(done).startswith(
        f"the database file {folder}/nowhere/tresteg.db cannot be opened: is its folder there"
    )
    assert done.exit_code == 2


def test_a_file_that_is_no_database_is_named_and_left_alone(folder: Path) -> None:
    file = folder / "tresteg.db"
    file.write_bytes(b"a letter to the county board, much longer than a header of SQLite" * 20)
    before = file.read_bytes()
    done = tresteg("verify")
    assert (
        one_sentence(done)
        == f"the database file {file} is no SQLite database, or not the whole of one"
    )
    assert (done.exit_code, file.read_bytes()) == (2, before)


def test_a_missing_postgresql_is_named_without_its_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder.is_dir()
    monkeypatch.setenv("TRESTEG_DATABASE_URL", "postgresql://web:s3cret@127.0.0.1:9/tresteg")
    done = tresteg("verify")
    said = one_sentence(done)
    assert said.startswith(
        "the database postgresql://web:***@127.0.0.1:9/tresteg cannot be reached: "
    )
    assert "Connection refused" in said
    assert "s3cret" not in said
    assert done.exit_code == 2


def test_an_address_that_is_none_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.is_dir()
    monkeypatch.setenv("TRESTEG_DATABASE_URL", "var/tresteg.db")
    done = tresteg("verify")
    assert "the database address is none" in one_sentence(done)
    assert done.exit_code == 78


def test_a_keyring_that_cannot_be_written_is_a_sentence(folder: Path) -> None:
    (folder / "file").write_text("", "utf-8")
    for place in ("/proc/x", str(folder / "file" / "keyring.json")):
        done = tresteg("keys", "new", place)
        assert one_sentence(done).startswith(f"{place} cannot be written: ")
        assert done.exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--port", "99999"),
        ("serve", "--port", "0"),
        ("demo", "--port", "-1"),
        ("demo", "--port", "65536"),
        ("serve", "--processes", "0"),
    ],
    ids=" ".join,
)
def test_a_port_that_is_none_is_a_sentence(folder: Path, words: tuple[str, ...]) -> None:
    done = tresteg(*words)
    assert isinstance(done.exception, SystemExit)
    assert "is not in the range" in done.stderr
    assert (done.exit_code, list(folder.glob("*.db"))) == (2, [])


def test_a_port_that_is_in_use_ends_the_start_so_that_it_is_tried_again(folder: Path) -> None:
    assert folder.is_dir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = tresteg("serve", "--port", str(taken.getsockname()[1]))
    assert "choose another with --port" in done.stderr
    assert done.exit_code == 2  # systemd tries 78 no more, and the port may be free in a moment


def test_a_python_on_which_no_test_runs_is_named() -> None:
    assert not any(python_not_tested(each) for each in TESTED_PYTHONS)
    assert (
        python_not_tested((3, 99)) == "Python 3.99 is allowed, but the tests run on 3.11 and 3.13."
    )


def test_what_is_not_there_is_called_what_it_is(folder: Path) -> None:
    assert folder.is_dir()
    assert tresteg("db", "upgrade").exit_code == 0
    incident, case = tresteg("incident", "retry", "nope"), tresteg("replay", "nope")
    assert (
        one_sentence(incident)
        == "there is no open incident nope: `tresteg incident list` shows those that are open"
    )
    assert one_sentence(case).startswith("there is no case nope: ")
    assert (incident.exit_code, case.exit_code) == (2, 2)


def test_a_look_makes_no_database(folder: Path) -> None:
    doctor = tresteg("doctor")
    assert doctor.stdout.endswith(
        "`tresteg db upgrade` makes its tables, and so does the first start.\n"
    )
    assert doctor.exit_code == 0
    for words in (("verify",), ("replay", "klar-lind"), ("incident", "list")):
        done = tresteg(*words)
        assert one_sentence(done).endswith("is empty: there is nothing to look at")
        assert done.exit_code == 2
    check = tresteg("db", "check")
    assert (check.stdout, check.exit_code) == (
        "the database is empty: run `tresteg db upgrade`\n",
        1,
    )
    assert list(folder.glob("tresteg.db*")) == []


def test_a_look_changes_no_row_and_no_table(folder: Path) -> None:
    assert tresteg("db", "upgrade").exit_code == 0
    before = tables(folder)
    assert set(before.values()) == {0}
    doctor, verify = tresteg("doctor"), tresteg("verify")
    assert (doctor.stdout.splitlines()[-1], doctor.exit_code) == ("Tresteg can start here.", 0)
    assert (verify.stdout, verify.exit_code) == ("0 lines and 0 facts of 0 cases: unbroken\n", 0)
    assert tresteg("db", "check").exit_code == 0
    assert tables(folder) == {**before, "heartbeat": 1}, "when all was verified, for /metrics"
    assert tresteg("verify", "--sample", "1").exit_code == 0
    (seen,) = verified(folder)
    assert seen.number == 0
    assert tresteg("verify").exit_code == 0
    assert verified(folder)[0].at > seen.at


def verified(folder: Path) -> list[Heartbeat]:
    """What `tresteg verify` has noted."""
    database = Database(f"sqlite:///{folder}/tresteg.db")
    with database.transaction(write=False) as tx:
        found = list(heartbeats.every(tx).values())
    database.close()
    return found


def test_tables_of_a_newer_program_are_left_alone(folder: Path) -> None:
    assert tresteg("db", "upgrade").exit_code == 0
    database = Database(f"sqlite:///{folder}/tresteg.db")
    with database.transaction() as tx:
        tx.conn.execution_options(tresteg_scope="a test").exec_driver_sql(
            "UPDATE alembic_version SET version_num = 'future'"
        )
    database.close()
    for words in (("doctor",), ("serve",), ("publish",), ("verify",), ("db", "upgrade")):
        done = tresteg(*words)
        assert "which is newer than this program" in done.stderr
        assert done.exit_code == 78
    assert tresteg("db", "check").exit_code == 1


def test_a_row_that_points_to_nothing_is_found(folder: Path) -> None:
    assert tresteg("db", "upgrade").exit_code == 0
    with sqlite3.connect(folder / "tresteg.db") as kept:
        kept.execute("INSERT INTO membership VALUES ('nobody', 'auditor', x'00')")
    kept.close()
    done = tresteg("db", "check")
    assert (done.stdout, done.exit_code) == ("a row of membership points to no row of person\n", 1)


def test_the_same_files_are_published_once(folder: Path) -> None:
    first, second = tresteg("publish"), tresteg("publish")
    assert first.stdout.startswith("v1 ")
    assert (first.exit_code, first.stderr) == (0, "")
    assert second.stdout == first.stdout
    assert (second.exit_code, second.stderr) == (
        0,
        "These files are v1 already; nothing was published.\n",
    )
    assert tables(folder)["release"] == 1


def test_folders_that_do_not_draw_the_process_are_not_published(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(Path(Settings().workflows_dir) / "config", folder / "bare" / "config")
    monkeypatch.setenv("TRESTEG_WORKFLOWS_DIR", str(folder / "bare"))
    for words in (("publish",), ("serve",)):
        done = tresteg(*words)
        assert one_sentence(done) == (
            "no diagram of TRESTEG_WORKFLOWS_DIR draws the process return_case, "
            "which programme.toml names"
        )
        assert done.exit_code == 2
    assert tables(folder)["release"] == 0


def test_a_diagram_that_cannot_be_read_is_told_with_its_findings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(Path(Settings().workflows_dir), folder / "broken")
    (folder / "broken" / "return_case.bpmn").write_bytes(b"<a>")
    monkeypatch.setenv("TRESTEG_WORKFLOWS_DIR", str(folder / "broken"))
    done = tresteg("publish")
    assert "return_case.bpmn: E X102: " in done.stdout
    assert done.exit_code == 2
    assert tables(folder)["release"] == 0


def test_a_configuration_that_is_no_text_is_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(Path(Settings().workflows_dir) / "config", folder / "bare" / "config")
    (folder / "bare" / "config" / "programme.toml").write_bytes(b"\xff")
    monkeypatch.setenv("TRESTEG_WORKFLOWS_DIR", str(folder / "bare"))
    done = tresteg("doctor")
    assert f"a file of {folder}/bare/config is no text in UTF-8" in done.stderr
    assert done.exit_code == 78


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("def broken(:", "SyntaxError: invalid syntax (line 1)"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise LookupError('two\\nlines')", "LookupError: two lines"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_broken_module_of_handlers_is_a_sentence(
    installed: Path, monkeypatch: pytest.MonkeyPatch, written: str, why: str
) -> None:
    own = installed / "own"
    own.mkdir()
    (own / "out_of_order.py").write_text(written, encoding="utf-8")
    monkeypatch.setattr(handlers, "__path__", [*handlers.__path__, str(own)])
    sandbox_handlers._load.cache_clear()
    commands = ("worker", "serve", "verify", "doctor", "publish", "lint", "incident list")
    said = {one_sentence(tresteg(*words.split())) for words in commands if words != "doctor"}
    said |= {tresteg("doctor").stderr.strip()}
    file = own / "out_of_order.py"
    assert said == {
        f"tresteg cannot start: the handlers in {file} cannot be loaded: {why}; mend or remove it"
    }


def test_a_case_without_a_name_is_no_case(folder: Path) -> None:
    assert folder.is_dir()
    assert tresteg("db", "upgrade").exit_code == 0
    for way in ("--case", "--rebuild"):
        done = tresteg("verify", way, "")
        assert one_sentence(done).startswith("there is no case : ")
        assert done.exit_code == 2


@pytest.mark.parametrize(
    ("fault", "words", "code"),
    [
        (Stale(), "The page was made from an older version.", 3),
        (CaseMoved(), "Somebody else, or a deadline, was faster.", 3),
        (FourEyes(why="four_eyes"), "Another person must do this step.", 3),
        (Busy(), "Many are saving just now.", 2),
        (NoDatabase("the database is away"), "the database is away", 2),
        (BadSettings("set the clock right"), "tresteg cannot start: set the clock right", 78),
        (
            PermissionError(13, "Permission denied", "keys"),
            "the machine refused: keys: Permission denied",
            2,
        ),
        (OSError("no words"), "the machine refused: OSError", 2),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_error_ends_in_a_sentence_and_an_exit_code(
    fault: Exception, words: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise fault

    with pytest.raises(SystemExit) as end:
        explain_errors(command)()
    assert words in capsys.readouterr().err
    assert end.value.code == code


@pytest.mark.parametrize("lang", languages())
def test_an_error_without_words_of_its_own_speaks_the_language_of_the_command(lang: str) -> None:
    @click.command()
    @speaking
    @explain_errors
    def command(**_: str) -> None:
        raise Stale

    done = CliRunner().invoke(command, ["--lang", lang])
    assert one_sentence(done) == say("error.stale.text", lang)


@pytest.mark.parametrize("fault", [ZeroDivisionError, BrokenPipeError])
def test_an_unexpected_error_shows_and_a_closed_pipe_is_quiet(
    fault: type[Exception],
) -> None:
    def command() -> None:
        raise fault

    with pytest.raises(fault):
        explain_errors(command)()
