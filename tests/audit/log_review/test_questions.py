"""An auditor asks the person who looked; her answer stands in the history of the review."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import delete

from service.audit import verify
from service.audit.log_review import review_process
from service.audit.log_review.questions import (
    OwnQuestion,
    QuestionPage,
    answer_question,
    ask_person,
    load_own_questions,
    load_question,
)
from service.audit.log_review.review import FOLLOW
from service.audit.log_review.review_page import load_page
from service.errors import FourEyes, InvalidAnswers, NotFound, TaskClosed
from service.records.context import actor
from service.records.ledger_append import append_entry, seal_reason
from service.security.ledger_lines import Canonical
from service.store.installation import ledger_entries
from service.store.tables import vault_key
from tests.support import log_reviews as made
from tests.support.world import World

WHY, BECAUSE = "Why did you open it on the Tuesday?", "The embassy called me."


@pytest.fixture
def begun(shipped_world: World) -> World:
    """A review with looks of Sara at her own case, of Omar, and of the auditor herself."""
    case = shipped_world.start_case().case_id
    made.add_person(shipped_world, "vera", "auditor", shipped_world.loaded_viewer("omar").office)
    for who in ("sara", "omar", "greta"):
        made.look_without_task(shipped_world, who, case)
    made.begin(shipped_world)
    return shipped_world


def look_of(world: World, who: str) -> int:
    person = world.loaded_viewer(who).person
    return next(one.number for one in made.review(world).looks if one.person == person)


def ask(world: World, who: str, look: int, words: str = WHY) -> None:
    with world.database.transaction() as tx:
        command = partial(ask_person, month=made.MARCH, look=look, words=words)
        command(tx, world.program.services, world.loaded_viewer(who), world.clock.now())


def answer(world: World, who: str, look: int, words: str = BECAUSE) -> None:
    with world.database.transaction() as tx:
        command = partial(answer_question, month=made.MARCH, look=look, words=words)
        command(tx, world.program.services, world.loaded_viewer(who), world.clock.now())


def own(world: World, who: str) -> list[OwnQuestion]:
    with world.database.transaction(write=False) as tx:
        return load_own_questions(tx, world.loaded_viewer(who), world.clock.now())


def question(world: World, who: str, look: int) -> QuestionPage:
    with world.database.transaction(write=False) as tx:
        viewer, now = world.loaded_viewer(who), world.clock.now()
        return load_question(tx, world.program.services, made.MARCH, look, by=viewer, now=now)


def test_the_answer_comes_back_to_the_reviewer(begun: World) -> None:
    look = look_of(begun, "sara")
    ask(begun, "greta", look)
    (waiting,) = own(begun, "sara")
    assert (waiting.look, waiting.waits) == (look, True)
    assert own(begun, "omar") == []
    page = question(begun, "sara", look)
    assert (page.question, page.who, page.waits, page.hidden) == (WHY, "Greta", True, 0)
    assert len(page.cases) == 1
    assert page.due is not None
    begun.later(days=8)
    assert question(begun, "sara", look).late
    answer(begun, "sara", look)
    assert [one.waits for one in own(begun, "sara")] == [False]
    assert question(begun, "sara", look).answer == BECAUSE
    with begun.database.transaction(write=False) as tx:
        viewer, now = begun.loaded_viewer("vera"), begun.clock.now()
        shown = load_page(tx, begun.program.services, made.MARCH, by=viewer, now=now)
        (one,) = next(found for found in shown.looks if found.number == look).asked
        entries = ledger_entries.of_stream(tx, review_process.stream_of(made.MARCH))
        report = verify.verify_all(tx, begun.program.services, now=now)
    assert (one.who, one.question, one.answer) == ("Greta", WHY, BECAUSE)
    assert not any(WHY in entry.body or BECAUSE in entry.body for entry in entries)
    assert report.faults == ()


def test_a_case_that_she_does_not_see_any_more_is_not_named(begun: World) -> None:
    look = look_of(begun, "omar")
    ask(begun, "greta", look)
    page = question(begun, "omar", look)
    assert (page.cases, page.hidden) == ((), 1)


def test_nobody_asks_about_her_own_look_or_twice(begun: World) -> None:
    with pytest.raises(FourEyes):
        ask(begun, "greta", look_of(begun, "greta"))
    look = look_of(begun, "sara")
    for words in ("  ", "x" * 501):
        with pytest.raises(InvalidAnswers):
            ask(begun, "greta", look, words)
    ask(begun, "greta", look)
    with pytest.raises(TaskClosed):
        ask(begun, "vera", look)
    with pytest.raises(NotFound):
        ask(begun, "sara", look)
    with pytest.raises(NotFound):
        answer(begun, "omar", look)
    answer(begun, "sara", look)
    with pytest.raises(TaskClosed):
        answer(begun, "sara", look)
    ask(begun, "vera", look, "And on the Friday?")
    assert [one.waits for one in own(begun, "sara")] == [True]


def test_a_judgement_closes_a_question_unless_it_is_followed_up(begun: World) -> None:
    sara, omar, greta = (look_of(begun, who) for who in ("sara", "omar", "greta"))
    ask(begun, "greta", sara)
    ask(begun, "greta", omar)
    made.judge(begun, "greta", sara, "explained")
    made.judge(begun, "greta", omar, "follow_up")
    assert [one.waits for one in own(begun, "sara")] == [False]
    assert not question(begun, "sara", sara).answer
    with pytest.raises(TaskClosed):
        answer(begun, "sara", sara)
    made.judge(begun, "vera", greta, "explained")
    made.sign(begun, "greta")
    assert made.review(begun).task is not None
    answer(begun, "omar", omar)
    with pytest.raises(TaskClosed):
        ask(begun, "greta", sara)
    made.judge(begun, "greta", omar, "explained")
    made.sign(begun, "greta", FOLLOW)
    review = made.review(begun)
    assert review.task is None
    assert not any(one.waits for one in review.questions)


def words_of(world: World, look: int) -> set[str]:
    """What the page of the review shows of a look in people's words."""
    with world.database.transaction(write=False) as tx:
        viewer, now = world.loaded_viewer("greta"), world.clock.now()
        page = load_page(tx, world.program.services, made.MARCH, by=viewer, now=now)
    shown = next(one for one in page.looks if one.number == look)
    said = {one.reason for one in shown.said}
    return said | {text for one in shown.asked for text in (one.question, one.answer)}


def test_words_about_a_look_at_a_case_end_with_the_key_of_the_case(begun: World) -> None:
    look = look_of(begun, "sara")
    ask(begun, "greta", look)
    answer(begun, "sara", look)
    made.judge(begun, "greta", look, reason="It was the embassy.")
    assert words_of(begun, look) == {WHY, BECAUSE, "It was the embassy."}
    case = next(one.case for one in made.review(begun).looks if one.number == look)
    with begun.database.transaction() as tx:
        tx.run(delete(vault_key).where(vault_key.c.case_id == case))
    assert words_of(begun, look) == {""}
    made.judge(begun, "greta", look, reason="Later.")
    assert words_of(begun, look) == {"", "Later."}


def test_words_from_before_are_read_by_the_key_of_who_wrote_them(begun: World) -> None:
    look, viewer = look_of(begun, "sara"), begun.loaded_viewer("greta")
    stream = review_process.stream_of(made.MARCH)
    with begun.database.transaction() as tx:
        key = begun.program.services.key(tx, f"person:{viewer.person}")
        word = seal_reason(key, stream, viewer.person, "As before.")
        body: dict[str, Canonical] = {"look": look, "verdict": "explained", "word": word}
        append_entry(
            tx, stream, review_process.JUDGED, by=actor(viewer), now=begun.clock.now(), body=body
        )
    assert words_of(begun, look) == {"As before."}
