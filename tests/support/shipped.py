"""The shipped files as a release, and the demo's people, for tests that begin from them."""

from __future__ import annotations

import json
from datetime import datetime

from service.actions.publishing import publish
from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.demo import state
from service.demo.seed import SEED
from service.store.installation import installation_settings


def publish_shipped(program: Tresteg, now: datetime) -> None:
    """Publish the files of the two folders as a release."""
    prepared = publish.prepare_bundle(program.services, shipped_bundle(program.settings))
    with program.database.transaction() as tx:
        publish.publish_bundle(tx, program.services, by=SEED, now=now, prepared=prepared)


def people_of(program: Tresteg) -> dict[str, str]:
    """First name to person id of the demo's people; empty before the seed."""
    with program.database.transaction(write=False) as tx:
        found: dict[str, str] = json.loads(installation_settings.get(tx, state.PEOPLE, "{}"))
    return found
