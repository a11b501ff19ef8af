"""Public documents, from the inbox of the records officer to the paper that is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.access import Viewer
from service.casework.document_requests.document_page import compose_paper
from service.security.keyring import Keyring
from service.store.installation import ledger_entries
from tests.support.directory import BOARD, HELSINKI, OFFICE, ROLE, THREE_OFFICES, PersonPlan
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
        PersonPlan("iva", HELSINKI, ("IomHelsinki", "records-officer")),
    ),
)
HERE = "/public-documents"
REFUSAL = {
    "sv": "Finns sådana handlingar är de hemliga. Social säger varken ja eller nej till om de"
    " finns.",
    "en": "If there are such documents, they are secret. Social says neither yes nor no to whether"
    " there are.",
}


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO, directory=DIRECTORY)
    yield made
    made.database.close()


def send(desk: World, page: str, **typed: object) -> int:
    sara = desk.browser("sara")
    sara.get(page)
    return sara.post(page, typed).status_code


def take_down(desk: World, case: str = "") -> str:
    sara = desk.browser("sara")
    sara.get(HERE)
    page = sara.post(HERE, {"wish": "Alla beslut om boende"}).location
    if case:
        assert send(desk, page, do="find", case=desk.case(case).number) == 303
    return page


def printed(desk: World, page: str, lang: str = "sv") -> str:
    """What the paper of a decision prints."""
    with desk.database.transaction() as tx:
        made = compose_paper(
            *(tx, desk.program.services, SARA, desk.clock.now()),
            request=page.rpartition("/")[2],
            lang=lang,
        )
    return f"{made.name} {made.data}"


def seen(desk: World, page: str) -> str:
    """What a page shows, without what every page makes anew."""
    text = desk.browser("sara").get(page).text.replace(page, "PAGE")
    return re.sub(r'value="[^"]{20,}"|nonce="[^"]+"|page_mark[^>]+', "", text)


def test_a_part_is_found_chosen_struck_out_and_given(desk: World) -> None:
    case, sara = fill_case(desk, MARK), desk.browser("sara")
    assert HERE in sara.get("/inbox").text
    page = take_down(desk, case)
    assert page in sara.get(HERE).text
    assert desk.case(case).number not in sara.get(HERE).text
    shown = sara.get(page).text
    named = re.findall(r'name="part" value="([^"]+)"', shown)
    assert 'name="choose" value="' in shown
    assert re.search(r'name="choose"[^>]*checked', shown) is None
    assert send(desk, page, do="decide", outcome="whole") == 422
    note = next(part for part in named if part.startswith("n."))
    answer = next(part for part in named if part.endswith(".note"))
    group = {"do": "choose", "part": [note, answer], "choose": [note, answer]}
    group["strike"] = [f"{note}|0"]
    assert send(desk, page, **group) == 422, "nothing says why it is struck out"
    assert send(desk, page, **group, **{f"ground.{note}": "ANDRA_26_1"}) == 303
    assert send(desk, page, do="decide", outcome="whole") == 422
    assert send(desk, page, do="decide", outcome="partly") == 303
    assert sara.get(f"{page}/answer.pdf").data.startswith(b"%PDF")
    text = printed(desk, page)
    assert text.count(MARK) == 1, "what was not chosen is not there"
    assert "Ring hem" not in text
    assert "26 kap. 1 § OSL" in text
    assert "ska bekräftas av en jurist" in text
    assert "kammarrätten" in text
    assert desk.case(case).number not in text
    assert send(desk, page, do="give") == 422
    assert send(desk, page, do="give", how="handed") == 303
    assert page not in sara.get(HERE).text
    assert sara.get(f"{page}/answer.pdf").status_code == 404
    assert desk.faults() == []


def test_a_missing_ground_is_named_where_it_is_missing(desk: World) -> None:
    case, sara = fill_case(desk, MARK), desk.browser("sara")
    page = take_down(desk, case)
    sara.get(page)
    refused = sara.post(page, {"do": "class", "klass": "C2", "does": "strike"}).text
    assert re.findall(r'<a href="#ground">([^:<]+):', refused) == ["Why it is struck out"]
    assert re.search(r'<select[^>]* id="ground"[^>]* aria-describedby="ground-fault"', refused)
    assert 'id="ground-fault"' in refused
    note = next(
        part for part in re.findall(r'name="part" value="([^"]+)"', refused) if part[0] == "n"
    )
    chosen = {"do": "choose", "part": note, "choose": note, "strike": f"{note}|0"}
    refused = sara.post(page, chosen).text
    assert f'aria-describedby="ground.{note}-fault"' in refused
    (linked,) = re.findall(rf'<a href="#ground.{re.escape(note)}">([^:<]+):', refused)
    assert linked.strip(), "the part by its label"


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_refusal_is_the_same_with_a_case_and_without(desk: World, lang: str) -> None:
    case = fill_case(desk, MARK)
    pages, papers, files = set(), set(), set()
    for about in ("", case):
        page = take_down(desk, about)
        if about:
            for klass in ("C1", "C2", "C3"):
                assert send(desk, page, do="class", klass=klass, does="choose") == 303
        assert send(desk, page, do="decide", outcome="refused") == 303
        papers.add(printed(desk, page, lang))
        answer = desk.browser("sara").get(f"{page}/answer.pdf?lang={lang}")
        files.add((answer.data, str(answer.headers["Content-Disposition"])))
        pages.add(seen(desk, page))
        assert send(desk, page, do="give", how="sent") == 303
        pages.add(seen(desk, page))
    assert (len(papers), len(files), len(pages)) == (1, 1, 2)
    (paper,) = papers
    assert REFUSAL[lang] in paper
    assert ("kammarrätten" if lang == "sv" else "administrative court of appeal") in paper
    assert desk.case(case).number not in paper
    assert not re.search(r"§|OSL|20\d\d-\d{4}", paper)


def test_nobody_else_finds_it(desk: World) -> None:
    page = take_down(desk, fill_case(desk))
    for person in ("stina", "omar", "iva"):
        browser = desk.browser(person)
        browser.get("/inbox")
        for address in (page, f"{page}/answer.pdf"):
            assert browser.get(address).status_code == 404
        assert browser.post(page, {"do": "decide", "outcome": "refused"}).status_code == 404
    assert desk.browser("omar").get(HERE).status_code == 200
    assert page not in desk.browser("omar").get(HERE).text


@pytest.mark.parametrize(("person", "offered"), [("sara", True), ("omar", True), ("iva", False)])
def test_it_is_offered_to_who_is_bound_by_a_swedish_act(
    desk: World,
    person: str,
    offered: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    browser = desk.browser(person)
    assert (HERE in browser.get("/inbox").text) is offered
    assert browser.get("/requests").status_code == 200
    assert browser.get(HERE).status_code == (200 if offered else 404)
    browser.get("/inbox")
    assert browser.post(HERE, {"wish": "x"}).status_code == (303 if offered else 404)


def test_nothing_is_stored_of_who_asks_and_words_are_needed(desk: World) -> None:
    assert send(desk, HERE, wish=" ") == 422
    sara = desk.browser("sara")
    assert sara.get(HERE).text.count("<textarea") == 1
    assert send(desk, take_down(desk), do="find", case="2026-9999") == 422


def test_whoever_reads_to_choose_is_in_the_read_log(desk: World) -> None:
    case = fill_case(desk)
    page = take_down(desk, case)
    desk.browser("sara").get(page)
    with desk.database.transaction(write=False) as tx:
        looks = [*ledger_entries.every(tx, f"reads/{case}", ["read"])]
    assert {one.actor for one in looks if '"disclosure"' in one.body} == {"p_sara"}
