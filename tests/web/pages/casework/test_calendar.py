"""The calendar of a case or a task, taken along by those whose tasks they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import icalendar
import pytest

from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.support.world import World
from tests.web.pages.casework.test_protected_identity import MARKED, WHY, say_why
from tests.web.story import Story

NAME = "Kalendarova"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_SignApplication", Task_SubmitReferral={"familyName": NAME})
    yield made
    made.close()


def events(content: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(content)
    return [part for part in calendar.walk("VEVENT") if isinstance(part, icalendar.Event)]


def due_of(story: Story, key: str) -> datetime | None:
    with story.world.program.database.transaction(write=False) as tx:
        row = tasks.get(tx, key)
    assert row is not None
    return row.due


def test_a_task_is_taken_along_with_its_deadline(story: Story, shipped_world: World) -> None:
    key, sara = story.key("Task_SignApplication"), shipped_world.browser("sara")
    assert f'/tasks/{key}/calendar" download' in sara.get(f"/tasks/{key}").text
    answer = sara.get(f"/tasks/{key}/calendar")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    (event,) = events(answer.data)
    assert event.decoded("dtstart") == due_of(story, key)
    assert str(event["summary"]) == f"Deadline {story.brief().ref}"
    assert str(event["url"]).endswith(f"/go/{key}")
    again = sara.get(f"/tasks/{key}/calendar")
    assert [str(e["uid"]) for e in events(again.data)] == [str(event["uid"])]


def test_it_tells_nothing_of_a_person_or_a_step(story: Story, shipped_world: World) -> None:
    sara = shipped_world.browser("sara")
    text = sara.get(f"/cases/{story.case}/calendar").text
    for word in (NAME, "Anna", "VÄLGRUNDAT", "Task_", "ansökan", "application", "IOM", "Bulg"):
        assert word not in text
    with shipped_world.database.transaction(write=False) as tx:
        entries = ledger_entries.of_stream(tx, f"reads/{story.case}")
    assert '"purpose":"export"' in entries[-1].body


def test_who_has_no_task_there_gets_none_of_it(story: Story, shipped_world: World) -> None:
    key = story.key("Task_SignApplication")
    aino = shipped_world.browser("aino")
    assert aino.get(f"/tasks/{key}/calendar").status_code == 403
    assert events(aino.get(f"/cases/{story.case}/calendar").data) == []
    assert shipped_world.browser("iva").get(f"/cases/{story.case}/calendar").status_code == 404
    assert shipped_world.browser("sara").get("/tasks/01J:1.1/calendar").status_code == 410


def test_a_protected_identity_has_no_pseudonym_there(story: Story, shipped_world: World) -> None:
    story.do("sara", "Task_SignApplication")
    aino, page = shipped_world.browser("aino"), f"/cases/{story.case}/marking"
    aino.get(page)
    aino.post(page, {"marking": MARKED, "why": WHY, "was": "PROGRAMME_PROTECTED"})
    say_why(aino, story.case)
    answer = aino.get(f"/cases/{story.case}/calendar")
    assert answer.status_code == 200
    assert story.brief().ref not in answer.text
    assert story.brief().ref not in answer.headers["Content-Disposition"]
    assert {str(e["summary"]) for e in events(answer.data)} == {"Deadline"}
