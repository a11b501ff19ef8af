"""The shipped files as a release, and the demo's people, for tests that begin from them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from shutil import copytree

from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.demo import state
from service.demo.seed import SEED
from service.settings import Settings
from service.store.installation import installation_values
from service.workshop import publish


def publish_shipped(program: Tresteg, now: datetime) -> None:
    """Publish the files of the two folders as a release."""
    prepared = publish.prepare_bundle(program.services, shipped_bundle(program.settings))
    with program.database.transaction() as tx:
        publish.publish_bundle(tx, program.services, by=SEED, now=now, prepared=prepared)


def people_of(program: Tresteg) -> dict[str, str]:
    """First name to person id of the demo's people; empty before the seed."""
    with program.database.transaction(write=False) as tx:
        found: dict[str, str] = json.loads(installation_values.get(tx, state.PEOPLE, "{}"))
    return found


def copy_with_one_case(folder: Path) -> Path:
    """Copy the shipped workflows, with one case for the demo, into that new folder."""
    return copytree(
        Settings().workflows_dir,
        folder,
        ignore=lambda at, names: set(sorted(names)[1:]) if at.endswith("scenarios/demo") else set(),
    )
