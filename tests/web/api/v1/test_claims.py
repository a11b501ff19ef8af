"""Claims and unsent answers in the interface for programs."""

from __future__ import annotations

import pytest

from service.store.work import tasks
from tests.support.world import World
from tests.web.api.v1.answers import FIRST, answers_of
from tests.web.program import Program, code_of
from tests.web.story import Story


def test_a_task_is_claimed_taken_over_and_given_back(story: Story, shipped_world: World) -> None:
    sara, stina, key = (
        Program(shipped_world, "sara"),
        Program(shipped_world, "stina"),
        story.key(FIRST),
    )
    rev = sara.get(f"/v1/tasks/{key}")["rev"]
    assert sara.put(f"/v1/tasks/{key}/claim", rev).status_code == 204
    assert sara.get(f"/v1/tasks/{key}")["claim"]["mine"] is True
    taken = stina.put(f"/v1/tasks/{key}/claim", rev)
    assert code_of(taken) == (409, "task_taken")
    assert taken.get_json()["by"] == "Sara"
    assert code_of(stina.put(f"/v1/tasks/{key}/claim", rev, method="DELETE")) == (409, "task_taken")
    assert stina.put(f"/v1/tasks/{key}/claim", rev, {"take_over": "Sara is ill"}).status_code == 204
    answer = sara.post(
        f"/v1/tasks/{key}/completion", {"rev": rev, "answers": answers_of(story, FIRST)}
    )
    assert code_of(answer) == (409, "task_taken")
    assert stina.put(f"/v1/tasks/{key}/claim", rev, method="DELETE").status_code == 204
    assert sara.get(f"/v1/tasks/{key}")["claim"] is None


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_claim_names_the_revision_that_it_was_made_from(
    story: Story, shipped_world: World, method: str
) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    assert code_of(sara.put(f"/v1/tasks/{key}/claim", None, method=method)) == (428, "rev_needed")
    assert code_of(sara.ask(method, f"/v1/tasks/{key}/claim", headers={"If-Match": "*"})) == (
        428,
        "rev_needed",
    )
    answer = sara.put(f"/v1/tasks/{key}/claim", 0, method=method)
    assert code_of(answer) == (412, "stale")
    assert answer.get_json()["rev"] == story.brief().rev
    with shipped_world.program.database.transaction(write=False) as tx:
        found = tasks.get(tx, key)
    assert found is not None
    assert found.claimed_by is None


def test_unsent_answers_are_kept_and_stand_on_the_page(story: Story, shipped_world: World) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    form = sara.get(f"/v1/tasks/{key}/form")
    answers = {**form["answers"], "safeContact.hours": "on Tuesdays"}
    kept = sara.put(f"/v1/tasks/{key}/unsent", form["rev"], {"answers": answers})
    assert kept.status_code == 200, kept.text
    assert kept.headers["ETag"] == f'"r{kept.get_json()["rev"]}"'
    again = sara.get(f"/v1/tasks/{key}/form")
    assert (again["rev"], again["answers"]["safeContact.hours"]) == (
        kept.get_json()["rev"],
        ["on Tuesdays"],
    )
    assert "on Tuesdays" in shipped_world.browser("sara").get(f"/tasks/{key}").text
    assert sara.get(f"/v1/tasks/{key}")["claim"]["mine"] is True
    assert code_of(sara.put(f"/v1/tasks/{key}/unsent", form["rev"], {"answers": answers})) == (
        412,
        "stale",
    )
    assert code_of(sara.put(f"/v1/tasks/{key}/unsent", None, {"answers": answers})) == (
        428,
        "rev_needed",
    )
    assert code_of(
        sara.put(f"/v1/tasks/{key}/unsent", again["rev"], {"answers": {"colour": "x"}})
    ) == (422, "answers_invalid")
    assert len(story.facts()) == 1
