"""The four-eyes rule: a step is not for whoever did another one that it names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.casework.cases.loaded_case import load_case
from service.casework.cases.turn import TurnResult
from service.casework.commands.case_message import send_message
from service.casework.commands.four_eyes import blocking_step
from service.errors import FourEyes
from service.security.keyring import Keyring
from service.store.casefile import cases
from service.store.transaction import Tx
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.world import World, open_world

TWO_STEPS = small.one(
    small.person("a") + d.task("b", "plain", d.props(not_same_person_as="a"), group=ROLE),
    "s>a a>b b>e",
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO_STEPS)
    yield made
    made.database.close()


def conflict(desk: World, case_id: str, name: str) -> str:
    """What forbids a person the second step."""
    with desk.database.transaction(write=False) as tx:
        rows = cases.load(tx, case_id)
        assert rows is not None
        loaded = load_case(tx, desk.program.services, rows)
        element = loaded.definition.elements["b"]
        return blocking_step(tx, loaded.case.id, element, desk.viewer(name))


def test_who_did_the_first_step_may_not_do_the_second(desk: World) -> None:
    case = desk.start().case_id
    done = desk.do(case, "a", by="sara")
    assert done.next_task == "", "nobody is led to a step that is for another person"
    assert (conflict(desk, case, "sara"), conflict(desk, case, "stina")) == ("a", "")
    with pytest.raises(FourEyes) as refused:
        desk.do(case, "b", by="sara")
    assert refused.value.facts["element"] == "a"
    assert desk.do(case, "b", by="stina").ended


def test_a_step_that_nobody_has_done_forbids_nothing(desk: World) -> None:
    assert conflict(desk, desk.start().case_id, "sara") == ""


SETTINGS = '<zeebe:formDefinition formId="plain"/>' + d.props(roles=ROLE)
SAID = small.one(
    small.person("a")
    + d.border("said", "a", d.ext(SETTINGS) + d.message(), interrupting=False)
    + d.task("b", "plain", d.props(not_same_person_as="said"), group=ROLE),
    "s>a a>e said>b b>e",
)


def test_who_sent_the_message_may_not_do_the_step_behind_it(
    database_url: str, keyring: Keyring
) -> None:
    desk = open_world(database_url, keyring, SAID)
    case = desk.start().case_id

    def send(tx: Tx) -> TurnResult:
        sara, now = desk.viewer("sara"), desk.clock.now()
        services = desk.program.services
        return send_message(tx, services, sara, now, case_id=case, name="m", answers={})

    desk.move(send)
    assert (conflict(desk, case, "sara"), conflict(desk, case, "stina")) == ("said", "")
    desk.database.close()
