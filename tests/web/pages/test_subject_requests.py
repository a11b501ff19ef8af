"""Requests of persons, from the inbox of the records officer to the paper that is given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.access import Viewer
from service.casework.subject_requests.request_page import compose_answer
from service.security.keyring import Keyring
from service.store.casefile import subject_requests
from service.store.installation import ledger_entries, offices
from tests.support.directory import BOARD, OFFICE, ROLE, THREE_OFFICES, PersonPlan
from tests.support.filled_case import TWO, fill_case
from tests.support.world import World, open_world

MARK = "qzjxkvbwpf"
SARA = Viewer("p_sara", OFFICE, frozenset({ROLE, "records-officer"}))
DIRECTORY = replace(
    THREE_OFFICES,
    people=(
        PersonPlan("sara", OFFICE, (ROLE, "records-officer")),
        PersonPlan("stina", OFFICE, (ROLE,)),
        PersonPlan("omar", BOARD, ("CaseApprover", "records-officer")),
    ),
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO, directory=DIRECTORY)
    yield made
    made.database.close()


def take_down(desk: World, case: str, **given: str) -> str:
    typed = {"kind": "copy", "who": "herself", "proven": "document", "wish": "", **given}
    sara = desk.browser("sara")
    sara.get("/requests")
    answer = sara.post("/requests", {"case": desk.case(case).number, **typed})
    assert answer.status_code == 303
    return answer.location


def printed(desk: World, page: str, lang: str = "sv") -> str:
    """What the paper of a request prints, with what its file is called; the file is made too."""
    paper = desk.browser("sara").get(f"{page}/answer.pdf?lang={lang}")
    assert paper.data.startswith(b"%PDF")
    assert "no-store" in paper.headers["Cache-Control"]
    with desk.database.transaction() as tx:
        made = compose_answer(
            *(tx, desk.program.services, SARA, desk.clock.now()),
            request=page.rpartition("/")[2],
            lang=lang,
        )
    return f"{made.name} {json.dumps(made.data, ensure_ascii=False)}"


def test_a_copy_is_read_released_and_given(desk: World) -> None:
    case = fill_case(desk, MARK)
    sara, page = desk.browser("sara"), take_down(desk, case)
    assert "/requests" in sara.get("/inbox").text
    assert page in sara.get("/requests").text
    sara.get(page)
    assert sara.post(page, {"do": "release"}).status_code == 422
    shown = sara.get(page).text
    assert MARK in shown
    named = re.findall(r'name="part" value="([^"]+)"', shown)
    note = next(part for part in named if part.startswith("n."))
    ticked = {"do": "read", "part": named, "strike": [f"{note}|0"]}
    assert sara.post(page, ticked).status_code == 422, "nothing says why it is struck out"
    assert sara.post(page, {**ticked, f"ground.{note}": "ANDRAS_RATT_15_4"}).status_code == 303
    sara.get(page)
    assert sara.post(page, {"do": "release"}).status_code == 303
    text = printed(desk, page)
    assert text.count(MARK) >= 6
    assert f"Ring hem{MARK}" not in text
    assert "andras rättigheter och friheter" in text
    assert "ska bekräftas av en jurist" in text
    sara.get(page)
    assert sara.post(page, {"do": "give"}).status_code == 422
    assert sara.post(page, {"do": "give", "how": "handed"}).status_code == 303
    assert page not in sara.get("/requests").text
    assert desk.faults() == []


def test_whoever_puts_a_copy_together_is_in_the_read_log(desk: World) -> None:
    case = fill_case(desk)
    page = take_down(desk, case)
    desk.browser("sara").get(page)
    with desk.database.transaction(write=False) as tx:
        looks = [*ledger_entries.every(tx, f"reads/{case}", ["read"])]
    assert {one.actor for one in looks if '"copy"' in one.body} == {"p_sara"}


def test_a_second_person_undoes_nothing_that_she_did_not_see(desk: World) -> None:
    case = fill_case(desk, MARK)
    page = take_down(desk, case)
    sara = desk.browser("sara")

    def sent(text: str, do: str, part: str = "") -> dict[str, object]:
        """A form of the page as it was shown: that of the act, or of the group of a part."""
        forms = re.findall(r"<form .*?</form>", text, re.DOTALL)
        one = next(f for f in forms if f'value="{do}"' in f and part in f)
        found = re.findall(r'name="(part|seen)" value="([^"]*)"', one)
        return {"do": do} | {name: [v for n, v in found if n == name] for name in ("part", "seen")}

    old = sara.get(page).text
    note = re.findall(r'name="part" value="(n\.[^"]+)"', old)[0]
    group = sent(old, "read", note)
    struck = {**group, "strike": [f"{note}|0"], f"ground.{note}": "ANDRAS_RATT_15_4"}
    assert sara.post(page, struck).status_code == 303
    sara.get(page)
    refused = sara.post(page, group)
    assert refused.status_code == 422, "an old page would have shown what a colleague struck out"
    assert "Somebody else has changed" in refused.text
    assert sara.post(page, sent(old, "release")).status_code == 422
    with desk.database.transaction(write=False) as tx:
        (row,) = subject_requests.of_case(tx, case)
    assert row.masks[note] == [[0], "ANDRAS_RATT_15_4"]
    sara.get(page)
    assert sara.post(page, {"do": "longer", "why": " "}).status_code == 422
    assert 'href="#longer"' in sara.post(page, {"do": "longer", "why": ""}).text


def test_who_did_not_show_who_he_is_gets_a_paper_that_says_nothing(desk: World) -> None:
    case = fill_case(desk, MARK)
    papers = set()
    for who in ("other", "guardian", "herself"):
        page = take_down(desk, case, who=who, proven="NOT")
        text = printed(desk, page)
        assert MARK not in text
        assert desk.case(case).number not in text
        papers.add(text)
    assert len(papers) == 1, "the same words for everybody"


def test_other_offices_and_colleagues_do_not_find_it(desk: World) -> None:
    page = take_down(desk, fill_case(desk))
    for person in ("stina", "omar"):
        browser = desk.browser(person)
        browser.get("/inbox")
        for address in (page, f"{page}/answer.pdf"):
            assert browser.get(address).status_code == 404
        assert browser.post(page, {"do": "give", "how": "handed"}).status_code == 404
    omar = desk.browser("omar")
    case = omar.get("/requests")
    assert case.status_code == 200
    assert page not in case.text


def test_a_decision_is_given_in_the_words_that_were_written(desk: World) -> None:
    case = fill_case(desk)
    page, sara = take_down(desk, case, kind="correct", wish="Fel födelsedag"), desk.browser("sara")
    assert "Fel födelsedag" in sara.get(page).text
    assert sara.post(page, {"do": "longer", "why": "Två kontor frågas"}).status_code == 303
    sara.get(page)
    assert sara.post(page, {"do": "decide", "outcome": "granted"}).status_code == 422
    done = {"do": "decide", "outcome": "granted", "why": "Dagen är rättad."}
    assert sara.post(page, done).status_code == 303
    text = printed(desk, page, "en")
    assert "Fel födelsedag" in text
    assert "Dagen är rättad." in text
    with desk.database.transaction(write=False) as tx:
        (row,) = subject_requests.of_case(tx, case)
    assert (row.outcome, row.longer_at) == ("granted", desk.clock.now())


ROAD = "överklaga till förvaltningsrätten"


def decided(desk: World, outcome: str, lang: str = "sv") -> str:
    """The paper of a request that was decided so."""
    page = take_down(desk, fill_case(desk), kind="correct", wish="Fel dag")
    sara = desk.browser("sara")
    sara.get(page)
    done = {"do": "decide", "outcome": outcome, "why": "Dagen står i passet."}
    assert sara.post(page, done).status_code == 303
    return printed(desk, page, lang)


@pytest.mark.parametrize("outcome", ["partly", "refused"])
def test_what_is_refused_says_how_it_is_appealed(desk: World, outcome: str) -> None:
    text = decided(desk, outcome)
    assert f"{ROAD}. Lämna brevet till Social inom tre veckor" in text
    assert "(ska bekräftas av en jurist)" in text
    assert text.count("Integritetsskyddsmyndigheten") == 1, "the road names it"
    english = decided(desk, outcome, "en")
    assert "You can appeal to the administrative court. Hand your letter to Social" in english
    assert "(to be confirmed by a lawyer)" in english


@pytest.mark.parametrize("outcome", ["granted", "withdrawn"])
def test_what_is_granted_has_nothing_to_appeal(desk: World, outcome: str) -> None:
    text = decided(desk, outcome)
    assert ROAD not in text
    assert '"appeal": ""' in text
    assert text.count("Integritetsskyddsmyndigheten") == 1


def test_who_gets_nothing_may_appeal_too(desk: World) -> None:
    text = printed(desk, take_down(desk, fill_case(desk), who="other", proven="NOT"))
    assert ROAD in text


@pytest.mark.parametrize("outcome", ["refused", "granted"])
@pytest.mark.parametrize("kind", ["IOM_MISSION", "PARTNER_ABROAD"])
def test_whom_no_swedish_act_binds_names_no_swedish_authority(
    desk: World, kind: str, outcome: str
) -> None:
    with desk.database.transaction() as tx:
        office = offices.get(tx, OFFICE)
        assert office is not None
        offices.save(tx, replace(office, kind=kind))
    text = decided(desk, outcome)
    assert ROAD not in text
    assert "Integritetsskyddsmyndigheten" not in text
    assert ("Du kan klaga hos" in text) == (outcome == "refused")
