"""The stepper: which stage a case is in, and which it has left."""

from __future__ import annotations

from service.casework.pages.case_stages import CURRENT, DONE, case_now, case_stages
from service.casework.tasks import claims
from service.security.keyring import Keyring
from tests.casework.pages.conftest import START
from tests.casework.pages.views import view
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world


def test_the_stage_that_the_case_is_in_is_the_current_one(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        (stage,) = case_stages(view(tx, desk, case))
    assert (stage.n, stage.title, stage.state, stage.date) == ("1", "Frame", CURRENT, None)


def test_a_stage_that_was_left_has_a_date(desk: World, case: str) -> None:
    desk.do(case, "a")
    desk.do(case, "b", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        (stage,) = case_stages(view(tx, desk, case))
    assert (stage.state, stage.date) == (DONE, desk.clock.now())


def test_the_band_says_what_waits_with_whom_and_until_when(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=desk.key(case, "a"),
        )
    with desk.database.transaction(write=False) as tx:
        now = case_now(view(tx, desk, case), desk.key(case, "a"), "")
    assert (now.text, now.task, now.office, now.person) == (
        "A",
        desk.key(case, "a"),
        "Social",
        "Sara",
    )
    assert now.more == 0


def test_the_band_of_an_ended_case_says_how_it_ended(desk: World, case: str) -> None:
    desk.do(case, "a")
    desk.do(case, "b", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        now = case_now(view(tx, desk, case), "", "")
    assert (now.task, now.office, now.due) == ("", "", None)
    assert "avslutas" in now.text


def test_a_keyword_of_several_steps_stands_at_its_last(database_url: str, keyring: Keyring) -> None:
    names = {"a": "ÅTERKOPPLING – håll underrättad", "b": "UPPFÖLJNING", "c": "ÅTERKOPPLING – slut"}
    steps = "".join(small.person(id_, name=name) for id_, name in names.items())
    stage = d.sub(
        *("frame", d.start("i") + steps + d.end("o"), "i>a a>b b>c c>o"),
        d.ext(d.props(stage="1")),
    )
    begun = d.diagram(small.begin(id_=START) + stage + d.end(), f"{START}>frame frame>e")
    desk = open_world(database_url, keyring, small.bundle(begun))
    case = desk.start(element=START).case_id
    with desk.database.transaction(write=False) as tx:
        (found,) = case_stages(view(tx, desk, case))
    desk.database.close()
    assert [word for word, _ in found.words] == ["Uppföljning", "Återkoppling"]
