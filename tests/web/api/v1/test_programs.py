"""Programs that sign in with a token of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from service.casework.approvals import requests as approvals
from service.errors import NotAllowed, NotFound, Stale, UnusableWord
from service.people import absences, accounts, letter_choices, programs
from service.people.rate_limits import NETWORK_WRONG
from service.records.context import Actor
from service.records.ids import ulid
from service.security.keyring import Keyring
from service.security.records import PROGRAM
from service.store.installation import credentials, ledger_entries, offices, people
from service.store.tables import credential
from service.web.api.v1 import OPERATIONS
from tests.support.browser import PASSWORD
from tests.support.diagrams import props, task
from tests.support.directory import OFFICE, ONE_OFFICE, ROLE, OfficePlan
from tests.support.small import ANSWERS, one, person
from tests.support.world import NOON, START, World, open_world
from tests.web.program import code_of, conforms

OTHER = "social-north"
WITH_TWO = replace(
    ONE_OFFICE,
    offices=(*ONE_OFFICE.offices, OfficePlan(OTHER, "North", "SOCIALTJANST")),
    password=PASSWORD,
)
OPERATOR = Actor("p_tor")
EVERY = tuple(one.name for one in OPERATIONS)
LISTS = ("list_cases",)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An office at work: a case waits for somebody with its role."""
    made = open_world(database_url, keyring, one(person("a"), "s>a a>e"), directory=WITH_TWO)
    made.start()
    yield made
    made.database.close()


def add(
    world: World,
    *,
    operations: tuple[str, ...] = EVERY,
    office: str = OFFICE,
    role: str = ROLE,
    days: int = 30,
) -> programs.AddedProgram:
    with world.database.transaction() as tx:
        return programs.add_program(
            tx,
            world.program.services,
            by=OPERATOR,
            now=NOON,
            name="Nightly export",
            office=office,
            roles=(role,),
            operations=operations,
            known=EVERY,
            days=days,
            language="en",
        )


def ask(
    world: World,
    token: str,
    path: str = "/v1/cases",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> TestResponse:
    """One request with a token and nothing else: no cookie, no origin, no form token."""
    sent = {"Authorization": f"Bearer {token}", **(headers or {})}
    answer = world.app.test_client().open(path, method=method, headers=sent, **more)
    conforms(world, method, path, answer)
    return answer


def kinds(world: World, stream: str) -> list[str]:
    with world.database.transaction(write=False) as tx:
        return [entry.kind for entry in ledger_entries.of_stream(tx, stream)]


def stored(world: World) -> credentials.Credential:
    with world.database.transaction(write=False) as tx:
        (row,) = credentials.of_kind(tx, credentials.TOKEN)
    return row


def test_a_program_reads_and_changes_with_its_token_alone(desk: World) -> None:
    made = add(desk)
    found = ask(desk, made.token)
    assert found.status_code == 200
    assert "Set-Cookie" not in found.headers
    assert "X-CSRF-Token" not in found.headers
    task = ask(desk, made.token, "/v1/tasks?box=office").get_json()["items"][0]["id"]
    rev = ask(desk, made.token, f"/v1/tasks/{task}").get_json()["rev"]
    headers = {"If-Match": f'"r{rev}"'}
    claim = f"/v1/tasks/{task}/claim"
    claimed = ask(desk, made.token, claim, method="PUT", headers=headers)
    assert (claimed.status_code, claimed.headers.get("Set-Cookie")) == (204, None)
    assert ask(desk, made.token, f"/v1/tasks/{task}").get_json()["claim"]["mine"] is True


def test_no_page_takes_a_token(desk: World) -> None:
    made = add(desk)
    for path in ("/inbox", "/settings", "/cases"):
        sent = {"Authorization": f"Bearer {made.token}"}
        answer = desk.app.test_client().get(path, headers=sent)
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True), path


def test_a_change_with_a_cookie_still_needs_the_form_token(desk: World) -> None:
    """A token that no program has does not open the door for a signed-in browser."""
    sara = desk.browser("sara").client
    sent = {"Authorization": "Basic c2FyYTp4", "Idempotency-Key": ulid(NOON)}
    answer = sara.post("/v1/cases", json={"element": START}, headers=sent)
    assert answer.status_code == 403


def test_a_cookie_and_a_token_at_once_are_refused(desk: World) -> None:
    made, sara = add(desk), desk.browser("sara").client
    answer = sara.get("/v1/cases", headers={"Authorization": f"Bearer {made.token}"})
    conforms(desk, "GET", "/v1/cases", answer)
    assert code_of(answer) == (400, "two_sign_ins")


def test_an_operation_that_the_token_is_not_for_is_refused_by_name(desk: World) -> None:
    made = add(desk, operations=LISTS)
    assert ask(desk, made.token).status_code == 200
    answer = ask(desk, made.token, "/v1/tasks")
    assert code_of(answer) == (403, "operation_refused")
    assert "list_tasks" in answer.get_json()["detail"]


def test_wrong_ended_and_expired_tokens_get_one_answer(desk: World) -> None:
    late, ended = add(desk, days=1), add(desk)
    with desk.database.transaction() as tx:
        programs.end_program(tx, by=OPERATOR, now=NOON, id_=ended.id)
    desk.later(days=1)
    told = set()
    for token in ("", "tresteg_x", "é", late.token, ended.token):
        answer = ask(desk, token)
        assert code_of(answer) == (401, "token_refused"), token
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "X-CSRF-Token" not in answer.headers
        told.add((answer.get_json()["title"], answer.get_json()["detail"]))
    assert len(told) == 1
    assert kinds(desk, "system").count("sign_in_failed") == 5


def test_nothing_of_a_program_opens_once_its_office_or_it_is_closed(desk: World) -> None:
    made = add(desk)
    with desk.database.transaction() as tx:
        office = offices.get(tx, OFFICE)
        assert office is not None
        offices.save(tx, replace(office, closed_at=NOON))
    assert code_of(ask(desk, made.token)) == (401, "token_refused")


def test_a_network_that_sends_wrong_tokens_waits_and_a_good_one_does_not(desk: World) -> None:
    made = add(desk)
    record = partial(
        programs.record_wrong_token, token="x", network="127.0.0.0/24", now=desk.clock.now()
    )
    with desk.database.transaction() as tx:
        for _ in range(NETWORK_WRONG):
            record(tx, desk.program.services)
    answer = ask(desk, "wrong")
    assert code_of(answer) == (429, "slow_down")
    assert kinds(desk, "system").count("sign_in_failed") == NETWORK_WRONG
    assert ask(desk, made.token).status_code == 200
    assert desk.browser("sara").client.get("/v1/cases").status_code == 200


def test_a_use_is_written_once_a_minute(desk: World) -> None:
    made = add(desk)
    used: list[datetime | None] = []
    for seconds in (0, 59, 1):
        desk.later(seconds=seconds)
        assert ask(desk, made.token).status_code == 200
        used.append(stored(desk).used_at)
    assert used == [used[0], used[0], desk.clock.now()]
    assert used[0] != used[2]


def test_the_database_holds_no_token_and_its_digest_opens_nothing(desk: World) -> None:
    made, digest = add(desk), stored(desk).digest
    assert digest is not None
    assert digest == programs.token_digest(made.token)
    for stolen in (digest.hex(), f"tresteg_{digest.hex()}"):
        assert code_of(ask(desk, stolen)) == (401, "token_refused")


@pytest.mark.parametrize(
    "forged",
    [{"about": {"operations": list(EVERY)}}, {"ends_at": NOON + timedelta(days=900)}],
)
def test_a_row_that_somebody_changed_is_none(desk: World, forged: dict[str, Any]) -> None:
    made = add(desk, operations=LISTS)
    with desk.database.transaction() as tx:
        token = credential.c.kind == credentials.TOKEN
        assert tx.run(update(credential).where(token).values(**forged)) == 1
    assert code_of(ask(desk, made.token)) == (401, "token_refused")


def test_a_program_of_another_office_sees_nothing_of_a_case(desk: World) -> None:
    other = add(desk, office=OTHER)
    assert ask(desk, other.token).get_json()["items"] == []
    (case,) = ask(desk, add(desk).token).get_json()["items"]
    assert code_of(ask(desk, other.token, f"/v1/cases/{case['id']}")) == (404, "not_found")


def test_a_program_is_no_colleague_deputy_or_reader(desk: World) -> None:
    made = add(desk)
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        assert made.id not in dict(accounts.colleagues(tx, services, OFFICE))
        assert made.id not in dict(accounts.colleagues(tx, services, OFFICE, ROLE))
        assert accounts.names(tx, services, {made.id}) == {made.id: "Nightly export"}
        with pytest.raises(NotFound):
            absences.require_colleague(tx, desk.viewer(), made.id)
        alone = letter_choices.load_readers(tx, services, OFFICE, "box@example.org")
        assert people.get(tx, made.id) is not None
        before = people.counts_of_offices(tx)[OFFICE]
    add(desk)
    with desk.database.transaction(write=False) as tx:
        assert letter_choices.load_readers(tx, services, OFFICE, "box@example.org") == alone
        assert people.counts_of_offices(tx)[OFFICE] == before


def test_an_office_of_programs_alone_has_nobody_for_a_role(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        before = people.roles_of_offices(tx)
    add(desk, office=OTHER)
    with desk.database.transaction(write=False) as tx:
        assert people.roles_of_offices(tx) == before


@pytest.mark.parametrize(
    "role",
    [
        *("reviewer", "owner", "auditor", "data-protection", "records-officer", "operator"),
        "ChildServices",
    ],
)
def test_a_role_that_needs_a_human_is_refused(desk: World, role: str) -> None:
    with pytest.raises(NotAllowed, match="needs a human"):
        add(desk, role=role)


def test_a_mistyped_program_is_refused(desk: World) -> None:
    for wrong in ({"role": PROGRAM}, {"operations": ("list_casses",)}, {"operations": ()}):
        with pytest.raises(UnusableWord):
            add(desk, **wrong)
    for days in (0, programs.LONGEST_DAYS + 1):
        with pytest.raises(UnusableWord):
            add(desk, days=days)


def test_a_program_never_approves(desk: World) -> None:
    """Also where it holds a role that decides, in an office that may."""
    services = desk.program.services
    made = add(desk)
    with desk.database.transaction(write=False) as tx:
        program = accounts.load_viewer(tx, made.id)
    assert program is not None
    for kind, rule in services.programme.approvals.kinds.items():
        asked = Asked(kind, "p_sara", OFFICE)
        able = replace(program, roles=program.roles | rule.decide)
        human = replace(able, roles=able.roles - {PROGRAM})
        with desk.database.transaction(write=False) as tx:
            may = partial(approvals.may_decide, tx, services)
            assert not may(able, asked)  # type: ignore[arg-type]  # what is read of it
            if rule.same_office and not rule.other_office:
                assert may(human, asked)  # type: ignore[arg-type]  # same


def test_a_program_does_no_step_that_names_another_for_four_eyes(
    database_url: str, keyring: Keyring
) -> None:
    """Though it has done neither: it is no second person."""
    second = task("b", "plain", props(not_same_person_as="a"), group=ROLE)
    plan = one(person("a") + second, "s>a a>b b>e")
    desk = open_world(database_url, keyring, plan, directory=WITH_TWO)
    desk.do(desk.start().case_id, "a", by="sara")
    made = add(desk)
    (waits,) = ask(desk, made.token, "/v1/tasks?box=office").get_json()["items"]
    here = f"/v1/tasks/{waits['id']}"
    rev = ask(desk, made.token, here).get_json()["rev"]
    headers = {"If-Match": f'"r{rev}"'}
    ask(desk, made.token, f"{here}/claim", method="PUT", headers=headers)
    rev = ask(desk, made.token, here).get_json()["rev"]
    sent = {
        "rev": rev,
        "answers": {name: ANSWERS[name][0] for name in ("note", "contact", "place")},
    }
    keyed = {"Idempotency-Key": ulid(NOON)}
    answer = ask(desk, made.token, f"{here}/completion", method="POST", headers=keyed, json=sent)
    assert code_of(answer) == (403, "not_allowed")
    desk.database.close()


def test_a_program_can_show_no_proof(desk: World) -> None:
    made = add(desk)
    keyed = {"Idempotency-Key": ulid(NOON)}
    path = f"/v1/approvals/{ulid(NOON)}/decision"
    answer = ask(desk, made.token, path, method="POST", headers=keyed, json={"approve": True})
    assert code_of(answer) == (403, "not_allowed")


def test_a_role_that_no_program_may_hold_any_more_opens_nothing(desk: World) -> None:
    made, services = add(desk), desk.program.services
    later = replace(services, programme=replace(services.programme, program_roles=frozenset()))
    with desk.database.transaction(write=False) as tx:
        before = programs.find_program(tx, services, made.token, now=NOON)
        after = programs.find_program(tx, later, made.token, now=NOON)
    assert before is not None
    assert after is not None
    assert before.session.viewer.lane_roles == {ROLE}
    assert after.session.viewer.lane_roles == frozenset()


@dataclass(frozen=True)
class Asked:
    """What a decision reads of a request of no case."""

    kind: str
    asked_by: str
    asked_office: str
    case_id: None = None


def test_the_ledger_says_who_added_and_who_ended_a_program(desk: World) -> None:
    made = add(desk)
    with desk.database.transaction() as tx:
        programs.end_program(tx, by=OPERATOR, now=NOON, id_=made.id)
        with pytest.raises(Stale):
            programs.end_program(tx, by=OPERATOR, now=NOON, id_=made.id)
        with pytest.raises(NotFound):
            programs.end_program(tx, by=OPERATOR, now=NOON, id_="p_sara")
    found = kinds(desk, people.stream_of(OFFICE))
    assert [kind for kind in found if kind.startswith("program")] == [
        "program_added",
        "program_ended",
    ]
    assert desk.faults() == []


def test_tasks_of_a_program_that_ends_go_back_to_the_office(desk: World) -> None:
    made = add(desk)
    task = ask(desk, made.token, "/v1/tasks?box=office").get_json()["items"][0]["id"]
    rev = ask(desk, made.token, f"/v1/tasks/{task}").get_json()["rev"]
    headers = {"If-Match": f'"r{rev}"'}
    ask(desk, made.token, f"/v1/tasks/{task}/claim", method="PUT", headers=headers)
    with desk.database.transaction() as tx:
        programs.end_program(tx, by=OPERATOR, now=NOON, id_=made.id)
    again = ask(desk, add(desk).token, f"/v1/tasks/{task}")
    assert again.get_json()["claim"] is None
