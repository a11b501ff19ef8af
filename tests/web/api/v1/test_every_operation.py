"""Every operation, asked by schemathesis what its document allows and what it forbids: no answer is
a fault of ours, and each is one that the document declares.

Ids of what there is stand in most requests, for with others nearly every answer is "not found". The
same requests are made in each run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from random import Random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks
from werkzeug.test import TestResponse

from service.records.ids import ulid
from service.store.work import tasks
from service.web.api import v1
from service.web.api.v1 import openapi
from service.web.api.v1.operations import ADDRESS, KEY, REV, TOKEN, Operation
from tests.support.world import NOON, START, World
from tests.web.api.v1.desk import CHILDREN, Desk
from tests.web.pages.test_releases import begun
from tests.web.program import Program

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
PEOPLE = {
    "sara": ("absences", "api-info", "approvals", "cases", "files", "referrals", "tasks"),
    "berit": ("referrals",),
    "maja": ("drafts", "migrations"),
}
"""A caseworker, the office that a case is referred to, the process owner; and what each asks."""
UNREACHED = {"get_migration"}
"""What gives something only after a second release, which is dear to make."""
EXAMPLES = 15
"""Requests for each operation, person and kind of data."""
REAL = 0.8
"""Share of requests with ids of what there is."""
BETWEEN = timedelta(seconds=2)
"""Passes before each request, so that nobody is faster than a hand."""
Request = Case[Any]
Real = Mapping[str, Sequence[Any]]


@pytest.fixture
def real(desk: Desk, shipped_world: World) -> Real:
    """What there is, by the name of the parameter or field that names it."""
    sara, other = Program(shipped_world, "sara"), shipped_world.start_case().case_id
    with shipped_world.database.transaction(write=False) as tx:
        (waits,) = tasks.of_case(tx, other)
    desk.send(sara)
    paper = {"paper": "card", "lang": "sv", "reason": "GIVE", "typed": {"one": "Anna"}}
    made = sara.post(f"/v1/cases/{desk.story.case}/papers", paper)
    assert made.status_code == 201, made.text
    draft = begun(shipped_world, shipped_world.browser("maja"))
    Program(shipped_world, "maja").post(f"/v1/drafts/{draft}/dry-runs", {})
    return {
        "case": [desk.story.case, other],
        "document": [made.get_json()["id"]],
        "draft": [draft],
        "element": [START],
        "groups": [["name"]],
        "lang": ["sv"],
        "name": ["workflows/return_case.bpmn"],
        "office": [CHILDREN],
        "paper": ["card"],
        "purpose": ["CHILD"],
        "referral": [desk.row().id],
        "rev": [0, 1, desk.story.brief().rev],
        "run": ["newest"],
        "task": [waits.key],
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("person", PEOPLE)
def test_no_answer_is_undeclared(
    shipped_world: World, real: Real, person: str, mode: GenerationMode
) -> None:
    program, tags = Program(shipped_world, person), set(PEOPLE[person])
    schema = schemathesis.openapi.from_dict(
        openapi.document(v1.OPERATIONS, shipped_world.program.settings)
    )
    schema.app = shipped_world.app
    answers: set[tuple[str, int]] = set()
    faults: list[str] = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if tags.issuperset(operation.tags or ()):
            name = operation.definition.raw["operationId"]
            for case, answer in asked(program, operation.as_strategy(mode), real):
                answers.add((name, answer.status_code))
                faults += undeclared(case, answer)
    assert faults == []
    if mode is GenerationMode.POSITIVE:
        reached = {name for name, status in answers if status == HTTPStatus.OK}
        reads = {one.name for one in v1.OPERATIONS if one.method == "GET" and tag(one) in tags}
        assert reads - reached <= UNREACHED


def test_somebody_asks_every_operation() -> None:
    assert {name for tags in PEOPLE.values() for name in tags} == set(map(tag, v1.OPERATIONS))


def tag(one: Operation) -> str:
    """What the document groups an operation under."""
    return one.path.split("/")[1]


def asked(
    program: Program, cases: st.SearchStrategy[Request], real: Real
) -> list[tuple[Request, TestResponse]]:
    """Requests of one operation, and their answers."""
    made: list[tuple[Request, TestResponse]] = []
    clock = program.world.clock

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.randoms(use_true_random=False))
    def ask(case: Request, choice: Random) -> None:
        if choice.random() < REAL:
            put_real(case, real, choice)
        clock.set(clock.now() + BETWEEN)
        made.append((case, send(program, case)))

    with suppress(Unsatisfiable):  # what takes nothing has nothing that could be wrong
        ask()
    return made


def put_real(case: Request, real: Real, choice: Random) -> None:
    """Put what there is in the place of what was invented."""
    for named in (case.path_parameters, case.body):
        if isinstance(named, dict):
            for name in sorted(named.keys() & real.keys()):
                named[name] = choice.choice(real[name])
    for name, own in ((KEY, ulid(NOON)), (REV, f'"r{choice.choice(real["rev"])}"')):
        if case.headers and name in case.headers:
            case.headers[name] = own


def send(program: Program, case: Request) -> TestResponse:
    """The request as a program sends it that has signed in."""
    sent = case.as_transport_kwargs(base_url=f"http://localhost{ADDRESS}")
    headers: dict[str, str] = {**sent.pop("headers"), "Accept-Encoding": "identity"}
    for own in (TOKEN, "Cookie"):
        headers.pop(own, None)
    return program.ask(sent.pop("method"), sent.pop("path"), headers=headers, **sent)


def undeclared(case: Request, answer: TestResponse) -> list[str]:
    """What an answer has that the document does not declare, a text for each."""
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as found:
        return [f"{fault}\n{case.as_curl_command()}\n{answer.text}" for fault in found.exceptions]
    return []
