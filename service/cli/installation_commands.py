"""Commands for an installation: its settings, its database, its keyring, the state of countries."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from service import TESTED_PYTHONS
from service.app import settings_keyring
from service.application.container import Tresteg, named_folder
from service.application.shipped_files import config_files
from service.casework import country_states
from service.cli.acting import acting, who_acts
from service.cli.beginning import (
    assembled_program,
    environment_settings,
    reading_program,
    reading_transaction,
    working_program,
)
from service.cli.ending import COULD_NOT, FOUND, REFUSED_START, end_with, explain_errors
from service.cli.key_commands import epoch_sentences
from service.cli.language import OTHERWISE
from service.clock import wall_clock
from service.engine import self_test
from service.errors import BadSettings, UnusableFile
from service.operations import background, installation_files
from service.operations.channel_warnings import channel_warnings
from service.operations.erased_again import erasure_warnings
from service.operations.glass_warnings import glass_warnings
from service.operations.ground_warnings import appeal_warnings, ground_warnings
from service.operations.isolation_checks import isolation_lines
from service.operations.program_warnings import program_warnings
from service.operations.retention_warnings import retention_warnings
from service.operations.sign_in_warnings import sign_in_warnings
from service.operations.start_checks import checkpoint_warning, refusals, refuse_lost_database
from service.operations.translation_warnings import card_warnings, translation_warnings
from service.operations.upgrade import upgrade as upgrade_tables
from service.security.keyring import make_keyring, misplaced, write_keyring
from service.settings import Settings
from service.store.database import Database
from service.store.driver_errors import damaged

EMPTY = " The database is empty: `tresteg db upgrade` makes its tables"
BY_START = ", and so does the first start."
BY_OWNER = " as the role that owns them."
DEBUGGING = (
    "TRESTEG_DEBUG=yes: debuggers and profilers work in turns, a turn may take any time, and other "
    "processes of this user read the memory of the service."
)
APART_TWICE = (
    "Offices are kept apart twice: by the program, and by row-level security of PostgreSQL, which "
    "gives a request the cases of its office alone."
)
APART_ONCE = (
    "Offices are kept apart by the program alone. Row-level security of PostgreSQL comes with "
    "`tresteg db upgrade` and TRESTEG_OWNER_DATABASE_URL."
)


@click.command()
@explain_errors
def doctor() -> None:
    """Look whether the installation could start, and show its settings with secrets masked.

    Everything for which a start would be refused is named, a line each, and so is what fails or
    stands still in the background; then the command ends with 1. Changes nothing.
    """
    settings = environment_settings()
    for name, value in settings.masked().items():
        click.echo(f"TRESTEG_{name.upper()}={value}")
    sentences = keyring_faults(settings)
    if sentences:
        refuse_start([*settings.unsafe(), *sentences])
    made = assembled_program()
    made.database.refuse_torn()
    refuse_damaged(made.database)
    empty = made.database.is_empty()
    refuse_start([*refusals(made), *([] if empty else made.database.differences())])
    self_test()
    stops = [] if empty else load_stops(made)
    for line in [*circumstances(made, empty=empty), *(stop.sentence(OTHERWISE) for stop in stops)]:
        click.echo(line)
    how = BY_OWNER if made.database.postgres and not made.demo else BY_START
    click.echo(f"Tresteg can start here.{EMPTY + how if empty else ''}")
    if any(stop.fails for stop in stops):
        sys.exit(FOUND)


def circumstances(made: Tresteg, *, empty: bool) -> Iterator[str]:
    """Sentences for the operator about where the installation runs: Python, debugging,
    checkpoints, database, epochs of the keyring, channels, texts for the person, the plan of
    retention, grounds in law, programs, late reviews of a broken glass, isolation, sign-in.

    Args:
        empty: whether its database has no tables yet.
    """
    if sentence := python_not_tested(sys.version_info):
        yield sentence
    if made.settings.debug:
        yield DEBUGGING
    if warning := checkpoint_warning(made):
        yield f"{warning}."
    for sentence in erasure_warnings(made):
        yield f"{sentence}."
    if not empty and made.database.postgres:
        yield APART_TWICE if made.database.has_row_security() else APART_ONCE
    for sentence in channel_warnings(made):
        yield f"{sentence[0].upper()}{sentence[1:]}."
    if not empty:
        yield from epoch_sentences(made)
        yield from (f"{sentence[0].upper()}{sentence[1:]}." for sentence in sign_in_warnings(made))
        yield from translation_warnings(made)
        yield from card_warnings(made)
        yield from retention_warnings(made)
        yield from ground_warnings(made)
        yield from appeal_warnings(made)
        yield from program_warnings(made)
        yield from glass_warnings(made)
    yield from isolation_lines(made)


def load_stops(made: Tresteg) -> list[background.StoppedPart]:
    """The parts of the background that fail or stand still."""
    with made.database.transaction(write=False) as tx:
        return background.load_stops(tx, now=wall_clock(made.clock).now())


def refuse_damaged(store: Database) -> None:
    """Look at every page of a SQLite file, at its indexes and its references, and end the command
    when something is wrong there.
    """
    if damage := store.damage():
        end_with("\n".join([*damage, str(damaged(str(store)))]), COULD_NOT)


def python_not_tested(version: Sequence[int | str]) -> str:
    """A sentence when the tests do not run on this version of Python; "" when they do."""
    if tuple(version[:2]) in TESTED_PYTHONS:
        return ""
    tested = " and ".join(f"{major}.{minor}" for major, minor in TESTED_PYTHONS)
    return f"Python {version[0]}.{version[1]} is allowed, but the tests run on {tested}."


def keyring_faults(settings: Settings) -> list[str]:
    """Sentences about the keyring that the settings name."""
    try:
        settings_keyring(settings)
    except BadSettings as e:
        every = [str(e)]
        if settings.keys_file and Path(settings.keys_file).exists():
            every += misplaced(Path(settings.keys_file), settings.kept_apart())
        return list(dict.fromkeys(every))
    return []


def refuse_start(sentences: list[str]) -> None:
    """End the command when there is a reason to refuse the start; each is a line."""
    if sentences:
        end_with("\n".join(f"tresteg cannot start: {one}" for one in sentences), REFUSED_START)


@click.command("upgrade")
@click.option(
    "--despite-faults",
    is_flag=True,
    help="Upgrade although a case of the sample folds to something else than what is stored.",
)
@explain_errors
def upgrade(*, despite_faults: bool) -> None:
    """Make the tables of an empty database, or bring older ones to what this program needs.

    Make a backup first. The cases that moved last are folded again; where one gives something else
    than what is stored, nothing is changed. On PostgreSQL TRESTEG_OWNER_DATABASE_URL names the role
    that owns the tables.
    """
    store = opened()
    chosen = environment_settings()
    if store.postgres and not chosen.owner_database_url:
        raise BadSettings(
            "on PostgreSQL the tables belong to another role than the service's: "
            "name it in TRESTEG_OWNER_DATABASE_URL"
        )
    if chosen.owner_database_url and not store.postgres:
        click.echo("A SQLite file has no owner: TRESTEG_OWNER_DATABASE_URL is not used.", err=True)
    refuse_lost_database(store, named_folder(chosen))
    done = upgrade_tables(store, assembled_program, despite_faults=despite_faults)
    for sentence in done.faults:
        click.echo(sentence)
    if not done.upgraded:
        click.echo(
            f"{store} is as it was: cases fold to something else than what is stored. "
            "--despite-faults upgrades all the same."
        )
        sys.exit(FOUND)
    store.check()
    click.echo(f"{store} has the tables that this program needs.")
    if done.folded:
        became = "Some give something else." if done.faults else "Each gives what is stored."
        click.echo(f"Cases folded again: {done.folded}. {became}")
    sys.exit(FOUND if done.faults else 0)


@click.command("check")
@explain_errors
def check() -> None:
    """Look whether the database is set as promised, and is whole.

    Its tables and triggers are checked too. Changes nothing.
    """
    store = opened()
    damage = store.damage()
    wrong = [*store.wrong(), *store.differences(), *damage]
    for sentence in wrong:
        click.echo(sentence)
    if damage:
        click.echo(str(damaged(str(store))), err=True)
    if not wrong:
        click.echo(f"{store} can keep its promises.")
    sys.exit(FOUND if wrong else 0)


def opened() -> Database:
    """The database that the settings name; closed when the command ends."""
    chosen = environment_settings()
    store = Database(
        chosen.database_url,
        owner=chosen.owner_database_url,
        backup=chosen.backup_database_url,
    )
    click.get_current_context().call_on_close(store.close)
    return store


@click.command("new")
@click.argument("file", type=click.Path(path_type=Path))
@explain_errors
def keys_new(file: Path) -> None:
    """Make a keyring and write it to FILE, readable for its owner only.

    Keep a copy apart from the database.
    """
    if file.exists():
        raise UnusableFile(f"{file} is there already; a keyring is never written over")
    try:
        write_keyring(make_keyring(demo=False), file)
    except OSError as e:
        raise UnusableFile(f"{file} cannot be written: {e.strerror}") from e


@click.command("set")
@click.argument("code", metavar="COUNTRY")
@click.argument("status", metavar="OPEN|RESTRICTED|SUSPENDED")
@click.option("--reason", required=True, help="Why; it is kept with the state.")
@acting
@explain_errors
def country_set(code: str, status: str, reason: str) -> None:
    """Change the state of a country.

    New risk assessments show it from now on; nothing that was answered changes.
    """
    made = working_program()
    with made.database.transaction() as tx:
        by = who_acts(tx, made)
        now = made.clock.now()
        services = made.services
        about = {"country": code.upper(), "status": status.upper(), "reason": reason}
        was = country_states.set_country_state(tx, services, by=by, now=now, **about)
    click.echo(f"{code.upper()} was {was.status}, and is {status.upper()} now.", err=True)


@click.command("list")
@explain_errors
def country_list() -> None:
    """Every country with a state: code, state, since when, why."""
    made = reading_program()
    with reading_transaction(made) as tx:
        states = country_states.country_states(tx, made.services)
    for code, state in sorted(states.items()):
        click.echo(f"{code}\t{state.status}\t{state.since}\t{state.reason}".rstrip())


@click.command("note")
@click.option("--reason", required=True, help="Why; it stands in the ledger with the change.")
@acting
@explain_errors
def configuration_note(reason: str) -> None:
    """Write what is another than before into the ledger, with your name.

    What nobody noted is noted when the service starts next, without a name.
    """
    made = working_program()
    files = config_files(made.settings)
    with made.database.transaction() as tx:
        by = who_acts(tx, made)
        now = made.clock.now()
        changed = installation_files.note_files(tx, files, by=by, now=now, reason=reason)
    _print_changes(changed)
    click.echo(f"Noted: {len(changed)} changed values.", err=True)


@click.command("changes")
@explain_errors
def configuration_changes() -> None:
    """What is another than it was noted last: file and place, before, after. Changes nothing."""
    made = reading_program()
    files = config_files(made.settings)
    with reading_transaction(made) as tx:
        changed = installation_files.changed_values(tx, files)
    if changed is None:
        click.echo("Nothing was noted yet; the next start does it.", err=True)
    _print_changes(changed or ())


def _print_changes(changed: Iterable[installation_files.ChangedValue]) -> None:
    for one in changed:
        click.echo(f"{one.key}\t{one.before}\t{one.after}")
