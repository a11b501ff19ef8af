"""A world with a list of erasures outside its database, as an installation with checkpoints has."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from service import fault_points
from service.access import CLASSES
from service.casework.retention.erasing_again import erase_again
from service.release.bundle import Bundle
from service.security.erasure_list import ErasureList, ListedErasure
from service.security.keyring import Keyring
from tests.support.directory import OFFICE, ONE_OFFICE, Directory
from tests.support.filled_case import erased
from tests.support.forks import fork, status_of
from tests.support.world import SEED, World, open_world


@contextmanager
def open_with_list(
    database_url: str,
    keyring: Keyring,
    bundle: Bundle,
    folder: Path,
    directory: Directory = ONE_OFFICE,
) -> Iterator[World]:
    """A world whose list of erasures is kept in a folder, which is made."""
    made = open_world(database_url, keyring, bundle, directory=directory)
    folder.mkdir()
    services = replace(made.program.services, erasures=folder / "erasures")
    yield replace(made, program=replace(made.program, services=services))
    made.database.close()


def list_of(desk: World) -> ErasureList:
    """The list outside the database."""
    found = desk.program.services.erasure_list
    assert found is not None
    return found


def listed(desk: World, case: str, office: str = OFFICE) -> ListedErasure:
    """An erasure of all that an office wrote in a case, as the list names it."""
    return ListedErasure(
        id="01J00000000000000000000000",
        case_id=case,
        office=office,
        classes=CLASSES,
        keys=("00" * 8,),
        rule="R6",
        plan=desk.case(case).release_id,
        approval="",
        by="seed",
        at=desk.clock.now().isoformat(),
    )


def again(desk: World, erasure: ListedErasure) -> bool:
    """Do an act of the list again; gives whether there was anything to do."""
    with desk.database.transaction() as tx:
        return erase_again(tx, desk.program.services, erasure, by=SEED, now=desk.clock.now())


def erase_in_child(parent: World, case: str, place: str) -> None:
    """Erase a case in another process, which is killed at a place on the way."""

    def live() -> None:
        world = parent.again()
        services = parent.program.services
        world = replace(world, program=replace(world.program, services=services))
        fault_points.arm(lambda at: os.kill(os.getpid(), signal.SIGKILL) if at == place else None)
        erased(world, case)

    parent.database.close()
    assert os.WTERMSIG(status_of(fork(live))) == signal.SIGKILL
