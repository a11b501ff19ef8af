"""The local office answers IOM Helsinki in step 1: its task alone opens the case to it."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from service.casework.letters.letter_mail import letter_text
from service.errors import NotFound
from service.store.work import letters, tasks
from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow


def test_it_answers_by_its_task_and_sees_process_facts_alone(begin: Begin) -> None:
    story = begin("hold-cleared")
    story.until("Task_LocalContact")
    assert "Task_LocalContact" in story.open()
    with story.program.database.transaction(write=False) as tx:
        fields = story.program.services.current(tx).outer_fields
    offices = ("socialtjansten-exempelstad", "iom-helsinki", "lansstyrelsen-stockholm")
    seen = {
        klass
        for key, (klass, _) in fields.items()
        for office in offices
        if story.sees("iva", key, office)
    }
    assert seen == {"C0"}
    story.until("Task_SignApplication")
    assert story.answer("localContactReply") == "CAN_RECEIVE"
    with pytest.raises(NotFound):
        story.sees("iva", "localContactReply", "iom-sofia")


def test_its_letter_says_what_to_do_and_until_when_on_its_own_clock(begin: Begin) -> None:
    story = begin("hold-cleared")
    story.until("Task_LocalContact")
    with story.program.database.transaction(write=False) as tx:
        sent = [one for one in letters.of_case(tx, story.case) if one.role == "IomLocal"]
        (task,) = tasks.of_case(tx, story.case)
    (letter,) = sent
    assert (letter.template, task.element, task.due is not None) == (
        "pre_alert",
        "Task_LocalContact",
        True,
    )
    assert task.due is not None
    there = task.due.astimezone(ZoneInfo("Europe/Sofia"))
    text = letter_text(replace(letter, language="sv"), "mild-ek", "Provkontoret", "https://a.test")
    assert f"Svara IOM Helsingfors senast {there:%Y-%m-%d} kl. {there:%H:%M} (Sofia)" in text
    assert "inte göra något" not in text
