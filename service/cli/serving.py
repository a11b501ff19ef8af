"""Commands that go on until they are stopped: the site, the worker, the demo."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
import structlog

from service.app import assemble
from service.application.container import Tresteg, named_folder
from service.application.shipped_files import config_files, shipped_bundle
from service.cli.acting import INSTALLER
from service.cli.backup import erased_again_lines
from service.cli.beginning import begin_debugging, environment_settings, working_program
from service.cli.ending import COULD_NOT, end_with, explain_errors
from service.cli.web_server import free_port, require_port, serve_forever
from service.clock import ShiftedClock, WallClock
from service.demo import seed as demo_cases
from service.demo.tour import DemoTour
from service.engine import self_test
from service.errors import BadSettings
from service.operations.installation_files import note_files
from service.operations.isolation_checks import isolation_warnings
from service.operations.restore import hold_older_database
from service.operations.sequencer import sequence_all
from service.operations.start_checks import (
    checkpoint_warning,
    prepare_database,
    refuse_lost_database,
)
from service.security.keyring import Keyring, demo_keyring, open_keyring
from service.settings import Settings
from service.worker.loop import Worker
from service.workshop import publish

log = structlog.get_logger("start")
OWN_KEYRING, OWN_DATABASE = Path(".tresteg/demo-keyring.json"), Path("var/demo.db")
"""What a demo uses that the settings name nothing for."""
OWN_LOCK = OWN_DATABASE.with_name("demo.lock")
DEMO_PORT = 5000
LOOPBACK = "127.0.0.1"
PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", type=PORT, default=5000, show_default=True, help="Port to answer on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Web processes; with more than one, run workers of their own.",
)
@explain_errors
def serve(port: int, host: str, processes: int) -> None:
    """Answer in the browser; the worker runs inside unless TRESTEG_WORKER_INSIDE=no."""
    made = working_program(goes_on=True)
    with made.database.transaction(write=False) as tx:
        empty = made.services.has_no_release(tx)
    if empty:
        _publish_shipped(made)
    note_configuration(made)
    warn_of_checkpoints(made)
    warn_of_isolation(made)
    serve_forever(made, host=host, port=port, processes=processes)


def warn_of_checkpoints(made: Tresteg) -> None:
    """Say on standard error when checkpoints outside the database are none, or know more.

    An older copy that was put back lets nothing leave or fire until it is confirmed.
    """
    if hold_older_database(made, by=INSTALLER, now=made.clock.now()):
        click.echo(
            "This is a restored copy that nobody has confirmed: no letter leaves, no timer fires "
            "and no handler is called. `tresteg restore gap` says what is missing.",
            err=True,
        )
    with made.database.transaction(write=False) as tx:
        for line in erased_again_lines(tx):
            click.echo(line, err=True)
    if warning := checkpoint_warning(made):
        click.echo(f"{warning}.", err=True)


def warn_of_isolation(made: Tresteg) -> None:
    """Say on standard error, and in the log, which part of the isolation of child processes does
    not work on this machine.
    """
    lacking, sentences = isolation_warnings(made)
    for part in lacking:
        log.warning("isolation_lacks", fault=part)
    for sentence in sentences:
        click.echo(sentence, err=True)


def note_configuration(made: Tresteg) -> None:
    """Note in the ledger which values of the installation's files are others than at the last
    start, and say so on standard error.
    """
    files = config_files(made.settings)
    with made.database.transaction() as tx:
        changed = note_files(tx, files, by=INSTALLER, now=made.clock.now())
    if changed:
        click.echo(
            f"{len(changed)} values of workflows/config are others than at the last start; they "
            "are in the ledger. `tresteg configuration note` adds name and reason beforehand.",
            err=True,
        )


def _publish_shipped(made: Tresteg) -> None:
    """Publish the files of the two folders, unless another process was faster."""
    prepared = publish.prepare_shipped(made.services, shipped_bundle(made.settings))
    with made.database.transaction() as tx:
        if made.services.has_no_release(tx):
            publish.publish_bundle(
                tx,
                made.services,
                by=INSTALLER,
                now=made.clock.now(),
                prepared=prepared,
                note="as shipped",
            )


@click.command()
@explain_errors
def worker() -> None:
    """Fire timers, call handlers and send letters, until it is stopped."""
    made = working_program(goes_on=True)
    note_configuration(made)
    warn_of_checkpoints(made)
    warn_of_isolation(made)
    busy = Worker(
        made.database,
        made.services,
        made.clock,
        made.mail,
        made.settings.job_lease_seconds,
        checkpoints=made.checkpoint_folder,
        is_alone=True,
    )
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: busy.stop())
    busy.run()


@click.command()
@click.option(
    "--seed-only",
    is_flag=True,
    help="Fill the database, the one that the settings name or var/demo.db, then stop.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Throw away first what the demo's database holds; never what is not the demo's.",
)
@click.option(
    "--port", type=PORT, help=f"Port to answer on; else the first that is free from {DEMO_PORT} on."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@explain_errors
def demo(*, seed_only: bool, fresh: bool, port: int | None, host: str) -> None:
    """Show Tresteg with invented people. Everything is thrown away on reset."""
    if port is None:
        port = DEMO_PORT if seed_only else free_port(host, DEMO_PORT)
    else:
        require_port(host, port)  # now, and not when the cases have been played
    address = f"{demo_site(host, port)}/demo"
    if not has_named_database():
        keep_others_out(address)
    with ending_in_order():
        made = demo_program(port, host, fresh=fresh)
        fill_demo(made, seed_only=seed_only)
    if seed_only:
        sequence_all(made.program)
        return
    warn_of_isolation(made.program)
    config = {"TRESTEG_RESET": made.reset, "TRESTEG_WALK": DemoTour(made.program).play}
    ready = f"Tresteg is ready: {address}"
    serve_forever(made.program, host=host, port=port, processes=1, ready=ready, config=config)


def fill_demo(made: demo_cases.DemoProgram, *, seed_only: bool) -> None:
    """Seed the demo unless it is there."""
    if made.seeded():
        if seed_only:
            click.echo("The demo is there already; --fresh makes it anew.", err=True)
        return
    # nothing of the seed is garbage for long; the collector takes a sixth of its time
    gc.disable()
    try:
        demo_cases.fill(
            made.program, tell=lambda text: click.echo(text, err=True), progress=show_progress
        )
    finally:
        gc.enable()


def show_progress(done: int, steps: int) -> None:
    """On a terminal: how far the demo is, on one line that is written again and again."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K  step {done} of {steps}", nl=done == steps, err=True)


def has_named_database() -> bool:
    """Whether the settings name a database for the demo."""
    return bool({"TRESTEG_DATABASE_URL", "TRESTEG_DATABASE_URL_FILE"} & set(os.environ))


def keep_others_out(address: str) -> None:
    """Take the demo of this folder for this process, until it ends.

    An advisory lock (flock) on a file next to its database, which ends with the process, however
    that ends. A second demo of one file would move the first one's clock and throw its cases away.
    """
    OWN_DATABASE.parent.mkdir(exist_ok=True)
    file = OWN_LOCK.open("a+", encoding="utf-8")
    click.get_current_context().call_on_close(file.close)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        end_with(
            f"The demo of this folder runs already, or is just being made: {file.read().strip()}",
            COULD_NOT,
        )
    file.truncate(0)
    file.write(address)
    file.flush()


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Whoever is stopped by Ctrl-C or SIGTERM meanwhile throws away what is half made, and ends
    as other programs do then: 130 or 143.
    """

    def stop(*_: object) -> NoReturn:
        sys.exit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        end_with("\nStopped; nothing half made was kept.", 128 + signal.SIGINT)
    finally:
        signal.signal(signal.SIGTERM, before)


def demo_site(host: str, port: int) -> str:
    """The address at which people open the demo: by name, as browsers make no passkey for a
    number.
    """
    return f"http://{'localhost' if host == LOOPBACK else host}:{port}"


def demo_program(port: int, host: str, *, fresh: bool) -> demo_cases.DemoProgram:
    """The demo's program, whose clock can be moved.

    Keyring and database are its own unless the settings name them.
    """
    chosen = environment_settings()
    named = has_named_database()
    keyring = demo_keys(chosen)
    if not named:
        OWN_DATABASE.parent.mkdir(exist_ok=True)
        for path in OWN_DATABASE.parent.glob(f"{OWN_DATABASE.name}*") if fresh else ():
            path.unlink()
    url = chosen.database_url if named else f"sqlite:///{OWN_DATABASE}"
    own = {"database_url": url, "base_url": demo_site(host, port), "checkpoints_dir": ""}
    settings = Settings(**{**vars(chosen), **own})  # what is thrown away leaves no checkpoints
    made = assemble(settings, clock=ShiftedClock(WallClock()), keyring=keyring)
    click.get_current_context().call_on_close(made.database.close)
    refuse_lost_database(made.database, named_folder(chosen) if named else None)
    if made.database.is_of_0_1_0():
        demo_cases.renew_of_0_1_0(made)
        click.echo(f"{made.database} held a demo of Tresteg 0.1.0; it is made anew.", err=True)
    made.database.upgrade()
    prepare_database(made)
    self_test()
    begin_debugging(made)
    if fresh and named:
        demo_cases.clear(made)
    if fresh:
        click.echo(f"What the demo had in {made.database} is thrown away.", err=True)
    return demo_cases.DemoProgram(made)


def demo_keys(chosen: Settings) -> Keyring:
    """The keyring that the settings name, or the demo's own in this folder.

    It is made on the first run.

    Raises:
        BadSettings: it is a real one.
    """
    if chosen.keys:
        keyring = open_keyring(encoded=chosen.keys, production=False)
        if not keyring.demo:
            raise BadSettings("TRESTEG_KEYS is a real keyring: the demo never runs on one")
        return keyring
    file = Path(chosen.keys_file) if chosen.keys_file else OWN_KEYRING
    if not file.exists():
        click.echo(f"A keyring for the demo is made: {file}", err=True)
    return demo_keyring(file)
