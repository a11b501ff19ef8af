"""Tasks in the interface for programs: lists, forms and completions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from service.records.ids import ulid
from tests.support.world import NOON, World
from tests.web.api.v1.answers import CHECK, FIRST, SECOND, answers_of, reads
from tests.web.program import Program, code_of
from tests.web.story import Story


def test_the_list_of_tasks_is_the_inbox(story: Story, shipped_world: World) -> None:
    key = story.key(FIRST)
    (row,) = Program(shipped_world, "sara").get("/v1/tasks?box=unclaimed&stage=1&sort=new")["items"]
    assert (row["id"], row["case"], row["ref"], row["mine"]) == (
        key,
        story.case,
        story.brief().ref,
        False,
    )
    assert Program(shipped_world, "sara").get("/v1/tasks?box=mine")["items"] == []
    assert Program(shipped_world, "omar").get("/v1/tasks")["items"] == []
    assert reads(story) == []


def test_a_task_and_its_form_come_with_what_the_page_shows(
    story: Story, shipped_world: World
) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    answer = sara.ask("GET", f"/v1/tasks/{key}")
    task = answer.get_json()
    assert (task["id"], task["case"], task["can_edit"], task["claim"]) == (
        key,
        story.case,
        True,
        None,
    )
    assert answer.headers["ETag"] == f'"r{task["rev"]}"'
    form = sara.get(f"/v1/tasks/{key}/form")
    asked = {q["path"] for section in form["sections"] for q in section["questions"]}
    assert asked == {
        f.key for f in story.release().forms["new_case"].fields if f.kind != "paragraph"
    }
    assert form["rev"] == 0
    assert [why for _, why, _ in reads(story)] == ["task", "task"]


def test_a_completion_moves_the_case_and_a_page_sees_it(story: Story, shipped_world: World) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    answers = answers_of(story, FIRST)
    rev = sara.get(f"/v1/tasks/{key}")["rev"]
    before = sara.ask("POST", f"/v1/tasks/{key}/preview", {"answers": answers})
    assert any(before.get_json()["buttons"].values())
    answer = sara.post(f"/v1/tasks/{key}/completion", {"rev": rev, "answers": answers})
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"id": story.case, "location": f"/v1/cases/{story.case}"},
    )
    assert story.open() == [SECOND]
    assert story.key(SECOND) in shipped_world.browser("stina").get("/inbox").text
    assert shipped_world.browser("sara").get(f"/tasks/{key}").status_code == 200


def test_answers_may_be_named_by_their_path(story: Story, shipped_world: World) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    by_path = dict(story.typed(FIRST, "sara"))
    answer = sara.post(
        f"/v1/tasks/{key}/completion",
        {"rev": sara.get(f"/v1/tasks/{key}")["rev"], "answers": by_path},
    )
    assert answer.status_code == 200, answer.text
    assert story.open() == [SECOND]


@pytest.mark.parametrize("make", [lambda: ulid(NOON), lambda: str(uuid4())], ids=["ulid", "uuid"])
def test_the_same_key_sent_twice_has_one_effect_and_one_answer(
    story: Story, shipped_world: World, make: Any
) -> None:
    sara, task, key = Program(shipped_world, "sara"), story.key(FIRST), make()
    body = {"rev": sara.get(f"/v1/tasks/{task}")["rev"], "answers": answers_of(story, FIRST)}
    first, second = (sara.post(f"/v1/tasks/{task}/completion", body, key) for _ in range(2))
    assert (first.status_code, first.get_json()) == (200, second.get_json())
    assert len(story.facts()) == 2
    other = sara.post(f"/v1/tasks/{task}/completion", {**body, "rev": 7}, key)
    assert code_of(other) == (422, "key_reused")


def test_a_completion_from_an_older_revision_is_refused(story: Story, shipped_world: World) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    answer = sara.post(
        f"/v1/tasks/{key}/completion", {"rev": 0, "answers": answers_of(story, FIRST)}
    )
    assert code_of(answer) == (409, "stale")
    assert answer.get_json()["rev"] == story.brief().rev
    assert story.open() == [FIRST]


def test_wrong_answers_are_reported_by_field_and_change_nothing(
    story: Story, shipped_world: World
) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    body = {
        "rev": sara.get(f"/v1/tasks/{key}")["rev"],
        "answers": answers_of(story, FIRST, victimCategory="NO_SUCH"),
    }
    answer = sara.post(f"/v1/tasks/{key}/completion", body)
    assert code_of(answer) == (422, "answers_invalid")
    assert [one["path"] for one in answer.get_json()["findings"]] == ["victimCategory"]
    unknown = sara.post(
        f"/v1/tasks/{key}/completion",
        {**body, "answers": {"colour": "blue", "safeContact": {"colour": "x"}}},
    )
    assert [one["path"] for one in unknown.get_json()["findings"]] == [
        "colour",
        "safeContact.colour",
    ]
    assert len(story.facts()) == 1


def test_a_finished_task_is_over(story: Story, shipped_world: World) -> None:
    key = story.key(FIRST)
    story.do("sara", FIRST)
    sara = Program(shipped_world, "sara")
    assert code_of(sara.ask("GET", f"/v1/tasks/{key}")) == (410, "task_over")
    assert code_of(sara.post(f"/v1/tasks/{key}/completion", {"rev": 1})) == (410, "task_over")


def test_a_task_of_another_office_does_not_exist(story: Story, shipped_world: World) -> None:
    omar, key = Program(shipped_world, "omar"), story.key(FIRST)
    for path in ("", "/form"):
        assert code_of(omar.ask("GET", f"/v1/tasks/{key}{path}")) == (404, "not_found")
    assert code_of(omar.ask("POST", f"/v1/tasks/{key}/preview", {"answers": {}})) == (
        404,
        "not_found",
    )
    assert code_of(omar.post(f"/v1/tasks/{key}/completion", {"rev": 1})) == (404, "not_found")
    assert code_of(omar.put(f"/v1/tasks/{key}/claim", 1)) == (404, "not_found")
    assert code_of(omar.put(f"/v1/tasks/{key}/claim", 1, method="DELETE")) == (404, "not_found")
    assert code_of(omar.put(f"/v1/tasks/{key}/unsent", 0, {"answers": {}})) == (404, "not_found")


def test_a_task_for_another_role_of_the_office_is_not_hers(
    story: Story, shipped_world: World
) -> None:
    key, mea = story.until("Task_CounselReturnee"), Program(shipped_world, "mea")
    assert code_of(mea.ask("GET", f"/v1/tasks/{key}")) == (404, "not_found")
    assert code_of(mea.post(f"/v1/tasks/{key}/completion", {"rev": story.brief().rev})) == (
        404,
        "not_found",
    )
    sara = Program(shipped_world, "sara")
    assert code_of(sara.ask("GET", f"/v1/tasks/{key}")) == (403, "not_allowed"), "she sees the case"

    assert mea.get("/v1/tasks")["items"] == []


def test_who_did_the_step_before_may_not_check_it(story: Story, shipped_world: World) -> None:
    story.until("Task_MakePlan")
    story.do("aino", "Task_MakePlan")
    story.do("aino", "Task_IdentifyRisks", owesDebt="YES")
    key, aino = story.key(CHECK), Program(shipped_world, "aino")
    task = aino.get(f"/v1/tasks/{key}")
    assert (task["can_edit"], task["buttons"]) == (False, [])
    answer = aino.post(
        f"/v1/tasks/{key}/completion", {"rev": task["rev"], "answers": answers_of(story, CHECK)}
    )
    assert code_of(answer) == (403, "four_eyes")
