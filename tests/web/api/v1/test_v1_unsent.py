"""Claims, unsent answers and files of a task for programs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from service.actions.ids import ulid
from service.store.work import tasks
from tests.web.api.v1.program_answers import FIRST, answers_of
from tests.web.conftest import NOON, Town
from tests.web.program import Program, code_of
from tests.web.story import PAPER, Story


@pytest.fixture
def story(working: Town) -> Iterator[Story]:
    made = Story(working)
    yield made
    made.close()


PARTED = "multipart/form-data; boundary=part"


def parted(**parts: str | bytes) -> bytes:
    """A form with a file, as it goes over the wire."""
    made = b""
    for name, value in parts.items():
        file = '; filename="x.pdf"' if isinstance(value, bytes) else ""
        made += f'--part\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        made += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return made + b"--part--\r\n"


def test_a_task_is_claimed_taken_over_and_given_back(story: Story, working: Town) -> None:
    sara, stina, key = Program(working, "sara"), Program(working, "stina"), story.key(FIRST)
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
    story: Story, working: Town, method: str
) -> None:
    sara, key = Program(working, "sara"), story.key(FIRST)
    assert code_of(sara.put(f"/v1/tasks/{key}/claim", None, method=method)) == (428, "rev_needed")
    assert code_of(sara.ask(method, f"/v1/tasks/{key}/claim", headers={"If-Match": "*"})) == (
        428,
        "rev_needed",
    )
    answer = sara.put(f"/v1/tasks/{key}/claim", 0, method=method)
    assert code_of(answer) == (412, "stale")
    assert answer.get_json()["rev"] == story.brief().rev
    with working.program.database.transaction(write=False) as tx:
        found = tasks.get(tx, key)
    assert found is not None
    assert found.claimed_by is None


def test_unsent_answers_are_kept_and_stand_on_the_page(story: Story, working: Town) -> None:
    sara, key = Program(working, "sara"), story.key(FIRST)
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
    assert "on Tuesdays" in working.browser("sara").get(f"/tasks/{key}").text
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


def test_text_that_nobody_can_keep_is_refused_or_left_out(story: Story, working: Town) -> None:
    sara, key = Program(working, "sara"), story.key(FIRST)
    sara.get(f"/v1/tasks/{key}")
    broken: Any = {
        "data": '{"answers": {"noteToOffice": "\\ud800"}}',
        "content_type": "application/json",
    }
    assert code_of(
        sara.ask("PUT", f"/v1/tasks/{key}/unsent", headers={"If-Match": '"r0"'}, **broken)
    ) == (400, "bad_request")
    answers = answers_of(story, FIRST, noteToOffice="one\0two")
    assert (
        sara.post(
            f"/v1/tasks/{key}/completion", {"rev": story.brief().rev, "answers": answers}
        ).status_code
        == 200
    )
    assert {one.key: one.value for one in story.told("sara")}["noteToOffice"] == "onetwo"


def test_a_file_is_sent_answers_a_question_and_is_read_again(story: Story, working: Town) -> None:
    key, sara = story.until("Task_SignApplication"), Program(working, "sara")
    field = next(
        q["path"]
        for s in sara.get(f"/v1/tasks/{key}/form")["sections"]
        for q in s["questions"]
        if q["kind"] == "file"
    )

    def send(
        once: str = "", name: str = "name of somebody.pdf", content: bytes = PAPER, **more: str
    ) -> Any:
        return sara.post(
            "/v1/files",
            key=once,
            data={"task": key, "field": field, "file": (io.BytesIO(content), name), **more},
        )

    once, omar = ulid(NOON), Program(working, "omar")
    first, second = send(once), send(once)
    assert first.status_code == 201, first.text
    assert first.get_json() == second.get_json()
    opened = sara.ask("GET", first.get_json()["location"])
    assert opened.data.startswith(b"%PDF")
    assert "somebody" not in opened.headers["Content-Disposition"]
    assert [one["id"] for one in sara.get(f"/v1/cases/{story.case}")["files"]] == [
        first.get_json()["id"]
    ]
    assert code_of(send(content=b"MZ no paper")) == (415, "wrong_kind")
    assert code_of(send(once, colour="x")) == (400, "bad_request")
    assert code_of(send(once, name="another.pdf")) == (422, "key_reused")
    assert code_of(omar.ask("GET", first.get_json()["location"])) == (404, "not_found")
    theirs = omar.post(
        "/v1/files", data={"task": key, "field": field, "file": (io.BytesIO(PAPER), "x.pdf")}
    )
    assert code_of(theirs) == (404, "not_found")
    most = working.program.settings.upload_max_mb * 1024 * 1024
    assert code_of(
        sara.post(
            "/v1/files",
            data=parted(task=key, field=field, file=b"x" * (most + 1)),
            content_type=PARTED,
        )
    ) == (413, "too_large")
    assert code_of(
        sara.post("/v1/files", data=parted(task=key, field=field), content_type=PARTED)
    ) == (400, "bad_request")
