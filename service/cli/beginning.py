"""How a command begins: the program, assembled with the settings of the environment."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
import structlog

from service.app import assemble
from service.application.container import Tresteg
from service.engine import let_debuggers_in, self_test
from service.errors import NoDatabase, NotFound
from service.operations.sequencer import sequence_all
from service.operations.start_checks import check_installation, prepare_database
from service.sandbox.isolation.kernel import show_memory
from service.settings import Settings, read_settings
from service.store.casefile import cases
from service.store.drivers.transaction_scope import WHOLE
from service.store.transaction import Tx

log = structlog.get_logger("start")


def environment_settings() -> Settings:
    """The settings of the environment."""
    return read_settings(os.environ)


def assembled_program() -> Tresteg:
    """The program, not yet checked; its database is closed when the command ends.

    A command works on every case; a site that it starts states its own scope for each request.
    """
    made = assemble(environment_settings())
    made = replace(made, database=made.database.within(WHOLE))
    click.get_current_context().call_on_close(made.database.close)
    return made


def working_program(*, goes_on: bool = False) -> Tresteg:
    """The program for a command that works: the tables of an empty database are made.

    What it writes into the ledger gets its places when it ends.

    Args:
        goes_on: it works until it is stopped, and looks first at the pages of the file.
    """
    made = assembled_program()
    if goes_on:
        made.database.refuse_torn()
    prepare_database(made)
    self_test()
    begin_debugging(made)
    click.get_current_context().call_on_close(lambda: sequence_all(made))
    return made


def reading_program() -> Tresteg:
    """The program for a command that only looks: nothing is made, and nothing is written down."""
    made = assembled_program()
    check_installation(made)
    if made.database.is_empty():
        raise NoDatabase(f"{made.database} is empty: there is nothing to look at")
    self_test()
    begin_debugging(made)
    return made


def begin_debugging(made: Tresteg) -> None:
    """Where TRESTEG_DEBUG says so: let debuggers into turns, and leave the memory visible.

    Asked after the start was not refused, so that the keyring in the memory is a demo's.
    """
    if made.settings.debug and made.demo:
        let_debuggers_in()
        show_memory()
        log.warning("debugging")


@contextmanager
def reading_transaction(made: Tresteg) -> Iterator[Tx]:
    """A transaction that changes nothing."""
    with made.database.transaction(write=False) as tx:
        yield tx


def find_case(tx: Tx, word: str, barred: Collection[str] = ()) -> cases.CaseSummary:
    """The case of that name, number or id.

    Args:
        barred: cases that do not exist for who gives the command.
    Raises:
        NotFound: there is none.
    """
    found = cases.find(tx, word) or cases.get(tx, word)
    if found is None or found.id in barred:
        raise NotFound(
            f"there is no case {word}: a case is called by its name (klar-lind), "
            "its number (2026-0412) or its id"
        )
    return found
