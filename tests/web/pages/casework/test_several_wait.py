"""A message for one of several instances that wait: the sender chooses by the item's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.release.bundle import Bundle
from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.browser import PASSWORD
from tests.support.directory import ONE_OFFICE, ROLE
from tests.support.world import START, World, open_world
from tests.web.program import Program, code_of

PEOPLE = replace(ONE_OFFICE, password=PASSWORD)


def process() -> Bundle:
    """A message m for each of two answers, and a task behind it."""
    inside = (
        d.start("is")
        + d.catch("mc", d.ext(d.props(roles=ROLE)) + d.message(), name="Svar har kommit")
        + small.person("mb")
        + d.end("ie")
    )
    frame = d.sub("f", inside, "is>mc mc>mb mb>ie", head=d.each('["YES", "NO"]', "which"))
    other = d.start("sk", d.ext(d.props(roles=ROLE)) + d.message("k"))
    body = small.begin(id_=START) + other + small.person("a", "ask") + frame + d.end()
    return small.bundle(d.diagram(body, f"{START}>a sk>a a>f f>e"))


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, process(), directory=PEOPLE)
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    begun = desk.start_case()
    desk.complete(desk.key(begun.case_id, "a"), {"answer": ["YES"]})
    return begun.case_id


def test_the_page_has_a_button_for_each_instance(desk: World, case: str) -> None:
    page = desk.browser("sara").get(f"/cases/{case}").text
    assert "Svar har kommit: Ja" in page
    assert "Svar har kommit: Nej" in page


def test_a_message_that_starts_a_case_has_no_button_in_one(desk: World, case: str) -> None:
    acts = Program(desk, "sara").get(f"/v1/cases/{case}")["acts"]
    assert {act["message"] for act in acts} == {"m"}


def test_a_message_reaches_the_instance_that_was_chosen(desk: World, case: str) -> None:
    browser = desk.browser("sara")
    acts = Program(desk, "sara").get(f"/v1/cases/{case}")["acts"]
    (chosen,) = (act["work"] for act in acts if act["label"].endswith("Nej"))
    here = f"/cases/{case}/messages/m?work={chosen}"
    page = browser.get(here)
    assert page.status_code == 200
    assert "Svar har kommit: Nej" in page.text
    assert browser.post(here, {"do": "send"}).location.startswith(f"/cases/{case}?sent=")
    assert desk.facts(case)[-1].stimulus["id"] == chosen
    left = Program(desk, "sara").get(f"/v1/cases/{case}")["acts"]
    assert [(act["label"], act["work"]) for act in left] == [("Svar har kommit: Ja", "")]
    assert not desk.faults()


def test_who_names_none_of_several_is_asked_which(desk: World, case: str) -> None:
    browser = desk.browser("sara")
    here = f"/cases/{case}/messages/m"
    assert browser.get(here).status_code == 200
    assert browser.post(here, {"do": "send"}).status_code == 409
    assert len(desk.facts(case)) == 2


def test_a_program_names_the_instance_by_its_work(desk: World, case: str) -> None:
    program, path = Program(desk, "sara"), f"/v1/cases/{case}/messages"
    acts = program.get(f"/v1/cases/{case}")["acts"]
    assert program.post(path, {"message": "m"}).status_code == 409
    sent = program.post(path, {"message": "m", "work": acts[0]["work"]})
    assert sent.status_code == 200
    again = program.post(path, {"message": "m", "work": acts[0]["work"]})
    assert code_of(again) == (409, "not_waiting")
