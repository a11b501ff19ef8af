"""The interface for programs: cases and tasks, with the same sight, checks and traces as the pages."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from service.actions.ids import ulid
from service.demo.scenarios import resolve
from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.support.world import NOON, START, World, usual
from tests.web.program import Program, code_of
from tests.web.story import PAPER, Story

FIRST, SECOND, DECIDE, CHECK = (
    "Task_OfferReturnInformation",
    "Task_SubmitReferral",
    "Task_DecideReferral",
    "Task_SecondReview",
)


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def given(form: str, **own: Any) -> dict[str, Any]:
    """What people usually answer, as JSON."""
    told: dict[str, Any] = resolve({**usual()[form], **own}, NOON, ZoneInfo("Europe/Stockholm"))
    return told


def answers_of(story: Story, element: str, **own: Any) -> dict[str, Any]:
    """The usual answers of a step, as JSON."""
    release = story.release()
    return given(release.definitions[story.brief().process].elements[element].form, **own)


def reads(story: Story) -> list[tuple[str, str, list[str]]]:
    """Who looked at the case, why, and at which classes."""
    with story.world.program.database.transaction(write=False) as tx:
        found = [
            (line.actor, json.loads(line.body))
            for line in ledger_entries.of_stream(tx, f"reads/{story.case}")
        ]
    return [(who, body["purpose"], body["classes"]) for who, body in found]


PARTED = "multipart/form-data; boundary=part"


def parted(**parts: str | bytes) -> bytes:
    """A form with a file, as it goes over the wire."""
    made = b""
    for name, value in parts.items():
        file = '; filename="x.pdf"' if isinstance(value, bytes) else ""
        made += f'--part\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        made += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return made + b"--part--\r\n"


# ---- cases


def test_a_case_is_begun_by_a_program_and_a_person_finds_it(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    answer = sara.post("/v1/cases", {"element": START, "answers": given("start_case")})
    assert answer.status_code == 201, answer.text
    told = answer.get_json()
    assert answer.headers["Location"] == told["location"] == f"/v1/cases/{told['id']}"
    case = sara.get(told["location"])
    assert case["id"] == told["id"]
    assert shipped_world.browser("stina").get(f"/cases/{told['id']}").status_code == 200
    assert [row["id"] for row in sara.get("/v1/cases")["items"]] == [told["id"]]
    assert shipped_world.woken


def test_a_case_shows_allowed_answers_and_counts_the_others(
    story: Story, shipped_world: World
) -> None:
    story.until(
        DECIDE,
        **{FIRST: {"noteToOffice": "KANARIE-KONTOR"}, SECOND: {"familyName": "KANARIE-NAMN"}},
    )
    answer = Program(shipped_world, "omar").ask("GET", f"/v1/cases/{story.case}")
    case = answer.get_json()
    assert answer.headers["ETag"] == f'"r{case["rev"]}"'
    assert case["rev"] == story.brief().rev
    assert case["answers"]["familyName"]["value"] == "KANARIE-NAMN"
    assert "noteToOffice" not in case["answers"]
    assert "KANARIE-KONTOR" not in answer.text
    assert case["hidden"] > 0
    assert {task["id"] for task in case["tasks"]} == {story.key(DECIDE)}
    assert case["opened"].endswith("Z")
    mine = Program(shipped_world, "sara").get(f"/v1/cases/{story.case}")
    assert mine["answers"]["noteToOffice"]["value"] == "KANARIE-KONTOR"
    assert mine["hidden"] < case["hidden"]


def test_who_looks_at_a_case_stands_in_the_read_log(story: Story, shipped_world: World) -> None:
    Program(shipped_world, "sara").get(f"/v1/cases/{story.case}")
    assert [(who, why) for who, why, _ in reads(story)] == [("p_sara", "case")]
    assert {"C0", "C1"} < set(reads(story)[0][2])


def test_a_stranger_to_a_case_gives_a_reason_on_its_page(
    story: Story, shipped_world: World
) -> None:
    story.until(DECIDE, **{SECOND: {"familyName": "KANARIE-NAMN"}})
    stina = Program(shipped_world, "stina")
    answer = stina.ask("GET", f"/v1/cases/{story.case}")
    assert answer.get_json()["lookup"] is True
    assert (answer.get_json()["answers"], answer.get_json()["acts"]) == ({}, [])
    assert "KANARIE" not in answer.text
    assert reads(story) == []
    page = shipped_world.browser("stina")
    page.get(f"/cases/{story.case}")
    page.post(f"/cases/{story.case}/notes", {"what": "lookup", "reason": "PHONE"})
    assert stina.get(f"/v1/cases/{story.case}")["answers"]["familyName"]["value"] == "KANARIE-NAMN"


@pytest.mark.parametrize("name", ["aino", "iva"])
def test_a_case_of_other_offices_does_not_exist(
    story: Story, shipped_world: World, name: str
) -> None:
    program = Program(shipped_world, name)
    assert code_of(program.ask("GET", f"/v1/cases/{story.case}")) == (404, "not_found")
    assert code_of(program.post(f"/v1/cases/{story.case}/messages", {"message": "withdraw"})) == (
        404,
        "not_found",
    )
    assert program.get("/v1/cases") == {"items": [], "next": None}


def test_a_list_continues_from_its_cursor_without_repeats(shipped_world: World) -> None:
    made = {shipped_world.start_case().case_id for _ in range(5)}
    sara, seen, after = Program(shipped_world, "sara"), list[str](), ""
    while True:
        page = sara.get(f"/v1/cases?limit=2&sort=since&after={after}")
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert (len(seen), set(seen)) == (5, made)
    assert [row["id"] for row in sara.get("/v1/cases?stage=2")["items"]] == []


def test_a_message_reaches_its_case(story: Story, shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    acts = {act["message"] for act in sara.get(f"/v1/cases/{story.case}")["acts"]}
    assert "withdraw" in acts
    form = story.release().forms[
        next(
            e.form
            for e in story.release().definitions[story.brief().process].elements.values()
            if e.message == "withdraw"
        )
    ]
    answer = sara.post(
        f"/v1/cases/{story.case}/messages", {"message": "withdraw", "answers": given(form.id)}
    )
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["location"] == f"/v1/cases/{story.case}"
    assert story.facts()[-1].kind == "message"
    assert code_of(sara.post(f"/v1/cases/{story.case}/messages", {"message": "no_such"})) == (
        404,
        "not_found",
    )


def test_a_message_that_nobody_waits_for_changes_nothing(
    story: Story, shipped_world: World
) -> None:
    story.until("Task_CounselReturnee")
    told = len(story.facts())
    path, aino = f"/v1/cases/{story.case}/messages", Program(shipped_world, "aino")
    assert code_of(
        aino.post(path, {"message": "hold_journey", "answers": given("hold_journey")})
    ) == (409, "not_waiting")
    assert code_of(Program(shipped_world, "omar").post(path, {"message": "hold_journey"})) == (
        403,
        "not_allowed",
    )
    assert len(story.facts()) == told


def test_a_case_that_has_ended_takes_no_message(story: Story, shipped_world: World) -> None:
    story.do("sara", FIRST, interestInReturn="NO")
    sara = Program(shipped_world, "sara")
    case = sara.get(f"/v1/cases/{story.case}")
    assert (case["acts"], case["tasks"], bool(case["ended"])) == ([], [], True)
    answer = sara.post(
        f"/v1/cases/{story.case}/messages", {"message": "withdraw", "answers": given("withdraw")}
    )
    assert code_of(answer) == (410, "case_ended")


# ---- tasks


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
    assert shipped_world.browser("sara").get(f"/tasks/{key}").status_code == 410


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
    assert code_of(mea.ask("GET", f"/v1/tasks/{key}")) == (403, "not_allowed")
    assert code_of(mea.post(f"/v1/tasks/{key}/completion", {"rev": story.brief().rev})) == (
        403,
        "not_allowed",
    )
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


# ---- claims and unsent answers


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


# ---- files


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


# ---- what holds everywhere


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


def test_an_unknown_method_or_address_is_a_problem_too(shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    assert code_of(sara.ask("GET", "/v1/nothing")) == (404, "not_found")
    assert code_of(sara.ask("PUT", "/v1/cases")) == (405, "wrong_method")
