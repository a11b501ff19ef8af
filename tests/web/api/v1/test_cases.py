"""Cases in the interface for programs: same sight, checks and traces as on the pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.people.office_contacts import set_office_contact
from service.security.keyring import Keyring
from tests.support.browser import PASSWORD
from tests.support.directory import OFFICE, ONE_OFFICE
from tests.support.world import NOON, SEED, START, World, open_world
from tests.web.api.v1.answers import DECIDE, FIRST, SECOND, given, reads
from tests.web.program import Program, code_of
from tests.web.story import Story
from tests.worker.world import CALLS


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


def test_the_worker_is_woken_for_a_call_when_the_answer_was_sent(
    database_url: str, keyring: Keyring
) -> None:
    directory = replace(ONE_OFFICE, password=PASSWORD)
    world = open_world(database_url, keyring, CALLS, directory=directory)
    sara, note = Program(world, "sara"), {"note": "Hon ringer."}
    world.woken.clear()
    answer = sara.post("/v1/cases", {"element": "s", "answers": note})
    assert answer.status_code == 201, answer.text
    assert world.woken == []
    answer.close()
    assert world.woken == ["worker"]
    world.database.close()


def test_a_case_shows_allowed_answers_and_counts_the_others(
    story: Story, shipped_world: World
) -> None:
    story.until(
        DECIDE,
        **{FIRST: {"noteToOffice": "KANARIE-KONTOR"}, SECOND: {"familyName": "KANARIE-NAMN"}},
    )
    omar = Program(shipped_world, "omar")
    opened(omar, story, "name")
    answer = omar.ask("GET", f"/v1/cases/{story.case}")
    case = answer.get_json()
    assert answer.headers["ETag"] == f'"r{case["rev"]}"'
    assert case["rev"] == story.brief().rev
    assert case["answers"]["familyName"]["value"] == "KANARIE-NAMN"
    assert "noteToOffice" not in case["answers"]
    assert "KANARIE-KONTOR" not in answer.text
    assert case["hidden"] > 0
    assert {task["id"] for task in case["tasks"]} == {story.key(DECIDE)}
    assert case["opened"].endswith("Z")
    sara = Program(shipped_world, "sara")
    opened(sara, story, "own-office")
    mine = sara.get(f"/v1/cases/{story.case}")
    assert mine["answers"]["noteToOffice"]["value"] == "KANARIE-KONTOR"
    assert mine["hidden"] < case["hidden"]


def test_the_offices_of_a_case_say_how_they_are_reached(story: Story, shipped_world: World) -> None:
    changes = {"telephone": "08-465 004 11", "hours": "vardagar 8–16"}
    with shipped_world.database.transaction() as tx:
        set_office_contact(tx, by=SEED, now=NOON, office=OFFICE, changes=changes)
    offices = Program(shipped_world, "sara").get(f"/v1/cases/{story.case}")["offices"]
    empty = dict.fromkeys(("post", "visit", "mail"), "")
    assert {**empty, **changes} in [office["contact"] for office in offices]


def test_who_looks_at_a_case_stands_in_the_read_log(story: Story, shipped_world: World) -> None:
    Program(shipped_world, "sara").get(f"/v1/cases/{story.case}")
    assert [(who, why) for who, why, _ in reads(story)] == [("p_sara", "case")]
    assert reads(story)[0][2] == ["C0"], "nothing but facts of the process is open at once"
    opened(Program(shipped_world, "sara"), story, "whereabouts", reason="PHONE")
    Program(shipped_world, "sara").get(f"/v1/cases/{story.case}")
    told = [classes for _, _, classes in reads(story)[1:]]
    assert "C3" in told[0], "that a group is opened"
    assert told[1] == sorted({"C0", *told[0]}), "that the case is read"


def test_a_stranger_to_a_case_says_first_why_she_opens_it(
    story: Story, shipped_world: World
) -> None:
    story.until(DECIDE, **{SECOND: {"familyName": "KANARIE-NAMN"}})
    stina = Program(shipped_world, "stina")
    answer = stina.ask("GET", f"/v1/cases/{story.case}")
    assert code_of(answer) == (403, "reason_needed")
    assert "KANARIE" not in answer.text
    assert reads(story) == []
    said = stina.post(answer.get_json()["say_why"], {"reason": "PHONE", "text": "she called"})
    assert said.status_code == 201
    opened(stina, story, "name")
    assert stina.get(f"/v1/cases/{story.case}")["answers"]["familyName"]["value"] == "KANARIE-NAMN"


def opened(program: Program, story: Story, *groups: str, reason: str = "") -> None:
    body = {"groups": list(groups), "reason": reason}
    assert program.post(f"/v1/cases/{story.case}/answers", body).status_code == 201


def test_what_concerns_safety_is_opened_with_a_reason(story: Story, shipped_world: World) -> None:
    sara = Program(shipped_world, "sara")
    case = sara.get(f"/v1/cases/{story.case}")
    sealed = {one["group"]: one for one in case["sealed"]}
    assert sealed["whereabouts"]["needs_reason"]
    assert set(case["answers"]) == {
        key for key, one in case["answers"].items() if one["klass"] == "C0"
    }
    answer = sara.post(f"/v1/cases/{story.case}/answers", {"groups": ["whereabouts"]})
    assert code_of(answer) == (422, "answers_invalid")
    opened(sara, story, "whereabouts", reason="TASK")
    assert "whereabouts" not in {
        one["group"] for one in sara.get(f"/v1/cases/{story.case}")["sealed"]
    }


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
    story.do("sara", FIRST, interestInReturn="NO", supportInSweden=False)
    sara = Program(shipped_world, "sara")
    case = sara.get(f"/v1/cases/{story.case}")
    assert (case["acts"], case["tasks"], bool(case["ended"])) == ([], [], True)
    answer = sara.post(
        f"/v1/cases/{story.case}/messages", {"message": "withdraw", "answers": given("withdraw")}
    )
    assert code_of(answer) == (410, "case_ended")
