"""A world with a list of erasures outside its database, as an installation with checkpoints has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from service.release.bundle import Bundle
from service.security.erasure_list import ErasureList
from service.security.keyring import Keyring
from tests.support.directory import ONE_OFFICE, Directory
from tests.support.world import World, open_world


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
