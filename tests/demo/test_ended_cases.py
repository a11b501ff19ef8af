"""Cases that ended as the programme means them to are held by nothing: their rules can run."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.casework.retention import holds
from service.security.keyring import Keyring
from service.store.casefile import cases
from tests.demo.conftest import DATABASE, SPRING, program_at


@pytest.mark.slow
def test_what_ended_as_the_programme_means_it_to_is_held_by_nothing(
    spring_folder: Path, keyring: Keyring
) -> None:
    demo = program_at(spring_folder / DATABASE, keyring, SPRING)
    with demo.database.transaction(write=False) as tx:
        now, ended = demo.clock.now(), cases.listed(tx, status="ended")
        held = {case.ref: holds.why_held(tx, demo.services, case.id, now) for case in ended}
    assert held.keys() >= {"hel-ros", "smal-kaveldun", "halv-mane"}
    assert {ref: why for ref, why in held.items() if why} == {"bred-vass": "continued"}
    demo.database.close()
