"""Texts and files that a program sends."""

from __future__ import annotations

import io
from typing import Any

from service.records.ids import ulid
from tests.support.world import NOON, World
from tests.web.api.v1.answers import FIRST, PARTED, answers_of, parted
from tests.web.program import Program, code_of
from tests.web.story import PAPER, Story


def test_text_that_nobody_can_keep_is_refused_or_left_out(
    story: Story, shipped_world: World
) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
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
    assert {one.key: one.value for one in story.given("sara")}["noteToOffice"] == "onetwo"


def test_a_file_is_sent_answers_a_question_and_is_read_again(
    story: Story, shipped_world: World
) -> None:
    key, sara = story.until("Task_SignApplication"), Program(shipped_world, "sara")
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

    once, omar = ulid(NOON), Program(shipped_world, "omar")
    first, second = send(once), send(once)
    assert first.status_code == 201, first.text
    assert first.get_json() == second.get_json()
    opened = sara.ask("GET", first.get_json()["location"])
    assert opened.data.startswith(b"%PDF")
    assert "somebody" not in opened.headers["Content-Disposition"]
    assert sara.get(f"/v1/cases/{story.case}")["files"] == [], "a draft until its form is sent"
    assert code_of(send(content=b"MZ no paper")) == (415, "wrong_kind")
    assert code_of(send(once, colour="x")) == (400, "bad_request")
    assert code_of(send(once, name="another.pdf")) == (422, "key_reused")
    assert code_of(omar.ask("GET", first.get_json()["location"])) == (404, "not_found")
    theirs = omar.post(
        "/v1/files", data={"task": key, "field": field, "file": (io.BytesIO(PAPER), "x.pdf")}
    )
    assert code_of(theirs) == (403, "not_allowed"), "he sees the case, and the task is another's"
    most = shipped_world.program.settings.upload_max_mb * 1024 * 1024
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
