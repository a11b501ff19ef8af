"""Unsent answers of a colleague: for the one who has the task now, and for nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from service.casework.tasks import claims, colleagues_unsent_answers, form_session
from service.errors import NotFound
from service.store.installation import offices
from service.store.tables import metadata
from tests.casework.cases.conftest import BOARD
from tests.casework.tasks.sessions import session
from tests.support.world import World

SARA = metadata.tables["person"].c.id == "p_sara"


@pytest.fixture
def handed_over(desk: World, case: str) -> str:
    """A case whose first task sara began and handed over to stina."""
    with desk.database.transaction() as tx:
        form_session.keep_unsent(tx, session(tx, desk, case), {"note": ["begun"]}, 0)
        claims.hand_over(
            tx,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=desk.key(case, "a"),
            to_person="p_stina",
        )
    return case


def test_who_has_the_task_reads_them(desk: World, handed_over: str) -> None:
    load = colleagues_unsent_answers.load_colleagues_answers
    with desk.database.transaction(write=False) as tx:
        (hers,) = load(session(tx, desk, handed_over, by="stina"), {})
        assert load(session(tx, desk, handed_over), {}) == ()
    assert (hers.id, hers.name, hers.answers) == ("p_sara", "Sara", (("Note", "begun"),))


def test_she_can_use_them_as_her_own(desk: World, handed_over: str) -> None:
    with desk.database.transaction() as tx:
        hers = session(tx, desk, handed_over, by="stina")
        colleagues_unsent_answers.use_colleagues_answers(tx, hers, "p_sara")
        again = session(tx, desk, handed_over, by="stina")
        assert form_session.typed_so_far(again) == {"note": ["begun"]}


def test_nobody_else_can_use_them(desk: World, handed_over: str) -> None:
    use = colleagues_unsent_answers.use_colleagues_answers
    with desk.database.transaction() as tx:
        with pytest.raises(NotFound):
            use(tx, session(tx, desk, handed_over), "p_stina")
        with pytest.raises(NotFound):
            use(tx, session(tx, desk, handed_over, by="stina"), "p_stranger")


def test_another_offices_text_does_not_come_along(desk: World, handed_over: str) -> None:
    with desk.database.transaction() as tx:
        offices.add(tx, BOARD)
        tx.run(update(metadata.tables["person"]).where(SARA).values(office_id=BOARD.id))
        hers = session(tx, desk, handed_over, by="stina")
        assert colleagues_unsent_answers.load_colleagues_answers(hers, {}) == ()
        with pytest.raises(NotFound):
            colleagues_unsent_answers.use_colleagues_answers(tx, hers, "p_sara")
