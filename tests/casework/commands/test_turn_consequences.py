"""Consequences of a turn: one list, applied after every command to what it brought."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from service.application.submit import submit
from service.casework.commands.case_message import send_message
from service.casework.commands.case_message import unsent_key as message_key
from service.casework.commands.task_completion import complete_task
from service.casework.tasks import claims
from service.casework.tasks.task_commands import keep_unsent_answers
from service.store.casefile import consents, referrals
from service.store.work import unsent_answers
from tests.support.world import World
from tests.web.story import Story

FIRST, REFERS = "Task_OfferReturnInformation", "Task_SubmitReferral"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def has_unsent(story: Story, key: str, name: str = "sara") -> bool:
    """Whether something that a person typed is kept under a key."""
    with story.world.program.database.transaction(write=False) as tx:
        return unsent_answers.get(tx, key, f"p_{name}") is not None


def send(story: Story, command: object, name: str = "sara") -> None:
    """A person submits a command."""
    program = story.world.program
    submit(
        program.database,
        program.services,
        command,  # type: ignore[arg-type]  # any of those below
        by=story.world.loaded_viewer(name),
        now=story.world.clock.now(),
    )


def test_a_completed_task_drops_what_was_typed_into_it(story: Story) -> None:
    key, typed = story.key(FIRST), story.typed(FIRST, "sara")
    send(story, partial(claims.claim, task_key=key))
    send(story, partial(keep_unsent_answers, task_key=key, answers=typed, rev=0))
    assert has_unsent(story, key)
    send(story, partial(complete_task, task_key=key, answers=typed))
    assert not has_unsent(story, key)


def test_a_completed_step_keeps_consents_and_sends_its_referral(story: Story) -> None:
    story.do("sara", FIRST)
    with story.world.program.database.transaction(write=False) as tx:
        before = consents.of_case(tx, story.case), referrals.of_case(tx, story.case)
    story.do("sara", REFERS)
    with story.world.program.database.transaction(write=False) as tx:
        given, sent = consents.of_case(tx, story.case), referrals.of_case(tx, story.case)
    assert len(given) > len(before[0])
    assert [row.element for row in sent] == [REFERS]
    assert before[1] == []


def test_a_message_withdraws_the_consents_that_it_names(story: Story) -> None:
    story.until("Task_SignApplication")
    typed = {**story.answers("withdraw", "sara"), "otherHelpWanted": ["NONE"]}
    send(story, partial(send_message, case_id=story.case, name="withdraw", answers=typed))
    assert not has_unsent(story, message_key(story.case, "withdraw"))
    story.settle()
    with story.world.program.database.transaction(write=False) as tx:
        today = story.world.clock.now().date()
        live = [row.purpose for row in consents.of_case(tx, story.case) if row.live(today)]
    assert not set(typed["purposesWithdrawn"]) & set(live)
    assert story.brief().status == "ended"


def test_a_case_that_ends_takes_back_the_referral_that_waits(story: Story) -> None:
    story.do("sara", FIRST)
    story.do("sara", REFERS)
    typed = {**story.answers("withdraw", "sara"), "otherHelpWanted": ["NONE"]}
    send(story, partial(send_message, case_id=story.case, name="withdraw", answers=typed))
    story.settle()
    with story.world.program.database.transaction(write=False) as tx:
        (sent,) = referrals.of_case(tx, story.case)
    assert story.brief().status == "ended"
    assert sent.state in {"revoked", "lapsed"}
