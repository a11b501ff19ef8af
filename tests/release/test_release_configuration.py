"""A case goes by the configuration of its own release, and by the installation's for what that has
not.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.errors import BadDiagram
from service.release.bundle import CONFIG, Bundle
from service.release.programme.configuration import read_programme
from service.release.programme.retention_rules import FILE as RETENTION
from service.release.programme.retention_rules import read_retention
from service.release.release_configuration import configuration_of_draft, read_release_configuration
from tests.release.programme.test_configuration import shipped as shipped_files
from tests.support.world import World, shipped

INSTALLED = read_programme(shipped_files()).configuration
REMINDERS = f"{CONFIG}reminders.toml"
PLAN = read_retention(shipped_files()[RETENTION])
PUBLISHED = replace(INSTALLED, retention=PLAN)
"""As the shipped files say it once they are a release."""


def test_the_shipped_release_says_all_that_the_installation_says() -> None:
    assert replace(INSTALLED, **read_release_configuration(shipped())) == PUBLISHED


def test_a_release_from_before_says_nothing_itself() -> None:
    old = Bundle({n: c for n, c in shipped().files.items() if not n.startswith(CONFIG)})
    assert read_release_configuration(old) == {}


def test_a_draft_that_cannot_be_read_goes_by_the_installation() -> None:
    broken = shipped().with_file(REMINDERS, b"= no")
    with pytest.raises(BadDiagram, match="X122"):
        read_release_configuration(broken)
    assert configuration_of_draft(broken, INSTALLED) == PUBLISHED
    changed = shipped().text(REMINDERS).replace("[0, 2]", "[4]").encode()
    made = configuration_of_draft(shipped().with_file(REMINDERS, changed), INSTALLED)
    assert made.reminders.overdue_days == (4,)


def test_each_case_keeps_the_configuration_that_it_began_with(shipped_world: World) -> None:
    services = shipped_world.program.services
    changed = shipped().text(REMINDERS).replace("[0, 2]", "[4]").encode()
    with shipped_world.database.transaction(write=False) as tx:
        first = services.current(tx)
    shipped_world.publish(shipped().with_file(REMINDERS, changed))
    with shipped_world.database.transaction(write=False) as tx:
        assert services.current_configuration(tx).reminders.overdue_days == (4,)
        assert services.configuration_of(tx, first.id).reminders.overdue_days == (0, 2)
