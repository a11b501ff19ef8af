"""What holds for every request of a program: keys, origin, token, known names."""

from __future__ import annotations

from typing import Any

import pytest

from service.records.ids import ulid
from service.web.body_sizes import FORM_BYTES
from tests.support.world import NOON, START, World
from tests.web.api.v1.answers import FIRST, given
from tests.web.program import Program, code_of
from tests.web.story import Story

UNKNOWN = (
    ("/v1/cases?limit=0", "limit"),
    ("/v1/cases?limit=201", "limit"),
    ("/v1/cases?limit=many", "limit"),
    ("/v1/cases?after=nonsense", "after"),
    ("/v1/cases?colour=blue", "colour"),
    ("/v1/cases?sort=name", "sort"),
    ("/v1/tasks?box=all", "box"),
    ("/v1/referrals?state=lost", "state"),
    ("/v1/referrals/x?colour=blue", "colour"),
)
UNREADABLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"json": {"answers": {}}}, "element"),
    ({"json": {"element": 7}}, "element"),
    ({"json": {"element": START, "colour": 1}}, "colour"),
    ({"json": {"element": START, "answers": []}}, "answers"),
    ({"json": [1]}, "body"),
    ({"data": "{", "content_type": "application/json"}, "body"),
    ({"data": "[" * 100_000, "content_type": "application/json"}, "body"),
    ({"data": '{"a": ' + "9" * 5_000 + "}", "content_type": "application/json"}, "body"),
    ({"json": {"element": START, "answers": {"a": [[[[[[[[[[1]]]]]]]]]]}}}, "answers"),
    ({"data": {"element": START}}, "Content-Type"),
    ({"json": {"element": START, "previous": "\0"}}, "previous"),
    ({"data": '{"element": "\\ud800"}', "content_type": "application/json"}, "body"),
    ({"data": b'{"element": "\xff"}', "content_type": "application/json"}, "body"),
)
UNKNOWN_REVISIONS = ('""', '"r"', f'"r{"9" * 5_000}"', f'"r{2**63}"')


@pytest.mark.usefixtures("story")
def test_what_an_address_does_not_know_is_refused_by_name(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    for path, field in UNKNOWN:
        answer = sara.ask("GET", path)
        assert code_of(answer) == (400, "bad_request"), path
        assert [one["path"] for one in answer.get_json()["findings"]] == [field]


def test_a_body_of_another_operation_is_refused_by_its_field(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    for sent, field in UNREADABLE:
        answer = sara.post("/v1/cases", **sent)
        assert code_of(answer) == (400, "bad_request"), field
        assert [one["path"] for one in answer.get_json()["findings"]] == [field]
    assert code_of(sara.post(f"/v1/referrals/{START}/acceptance", {"colour": 1})) == (
        400,
        "bad_request",
    )


def test_a_change_that_happens_once_needs_a_key(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    for key in ("", "again"):
        answer = sara.ask("POST", "/v1/cases", {"element": START}, {"Idempotency-Key": key})
        assert code_of(answer) == (400, "bad_request")
        assert [one["path"] for one in answer.get_json()["findings"]] == ["Idempotency-Key"]


def test_a_stranger_is_asked_to_sign_in(story: Story, shipped_world: World) -> None:
    stranger = Program(shipped_world, "")
    assert code_of(stranger.ask("GET", "/v1/cases")) == (401, "sign_in_needed")
    assert code_of(stranger.ask("GET", f"/v1/cases/{story.case}")) == (401, "sign_in_needed")
    assert stranger.token == ""
    assert code_of(stranger.post("/v1/cases", {"element": START})) == (401, "sign_in_needed")


def test_a_change_comes_from_our_origin_and_bears_the_token(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    body = {"element": START, "answers": given("start_case")}
    sara.token = "wrong"
    assert code_of(sara.post("/v1/cases", body)) == (403, "foreign")
    sara.token = ""
    assert code_of(
        sara.ask(
            "POST",
            "/v1/cases",
            body,
            {"Origin": "https://elsewhere.example", "Idempotency-Key": ulid(NOON)},
        )
    ) == (403, "foreign")


def test_an_auditor_has_no_task_and_sees_process_facts_alone(
    story: Story, shipped_world: World
) -> None:
    greta = Program(shipped_world, "greta")
    assert code_of(greta.ask("GET", "/v1/tasks")) == (404, "not_found")
    case = greta.get(f"/v1/cases/{story.case}")
    assert {one["klass"] for one in case["answers"].values()} <= {"C0"}
    assert case["hidden"] > 0


def test_nobody_changes_more_than_a_hand_can(story: Story, shipped_world: World) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    rev = sara.get(f"/v1/tasks/{key}")["rev"]
    answers = [sara.put(f"/v1/tasks/{key}/claim", rev) for _ in range(61)]
    assert code_of(answers[-1]) == (429, "slow_down")
    assert answers[-1].get_json()["retry_after"] == 60
    assert answers[-1].headers["Retry-After"] == "60"


def test_an_unknown_method_or_address_is_a_problem_too(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    assert code_of(sara.ask("GET", "/v1/nothing")) == (404, "not_found")
    assert code_of(sara.ask("PUT", "/v1/cases")) == (405, "wrong_method")


def test_a_revision_that_no_case_has_is_refused_and_breaks_nothing(
    story: Story, shipped_world: World
) -> None:
    sara, key = Program(shipped_world, "sara"), story.key(FIRST)
    for named in UNKNOWN_REVISIONS:
        answer = sara.ask("PUT", f"/v1/tasks/{key}/claim", {}, {"If-Match": named})
        assert code_of(answer) == (412, "stale"), named[:20]
    for rev in (-1, 2**63, 10**30):
        answer = sara.post(f"/v1/tasks/{key}/completion", {"rev": rev, "answers": {}})
        assert code_of(answer) == (400, "bad_request"), rev
        assert [one["path"] for one in answer.get_json()["findings"]] == ["rev"]
    assert story.open() == [FIRST]


def test_a_body_that_is_too_large_is_refused_by_every_change(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    large = {"element": START, "answers": {"a": "x" * FORM_BYTES}}
    assert code_of(sara.post("/v1/cases", large)) == (413, "too_large")
    refusal = {"reason": "x" * FORM_BYTES}
    assert code_of(sara.post("/v1/referrals/x/refusal", refusal)) == (413, "too_large")
