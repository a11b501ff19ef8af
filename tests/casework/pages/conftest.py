"""A desk whose cases are two tasks of stage 1; a message can end the first one.

The start has the id by which `grants.toml` opens a case to the office that begins it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.world import World, open_world

FORM = '<zeebe:formDefinition formId="plain"/>'
MESSAGE = d.border("m", "a", d.ext(FORM + d.props(roles=ROLE)) + d.message(), name="Leave")
STAGE = d.sub(
    "frame",
    d.start("i")
    + small.person("a")
    + MESSAGE
    + small.person("b", "ask")
    + d.end("o")
    + d.end("left"),
    "i>a a>b b>o m>left",
    d.ext(d.props(stage="1")),
)

START = "Start_PersonIdentified"
PROCESS = small.bundle(
    d.diagram(small.begin(id_=START) + STAGE + d.end(), f"{START}>frame frame>e")
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, PROCESS)
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    """A case whose first task waits."""
    return desk.start(element=START).case_id
