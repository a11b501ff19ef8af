"""In danger to life somebody of an office that no alarm rings opens one case at once, and two more
people hear of it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.audit import verify
from service.casework.break_glass import late_reviews
from service.casework.cases import bars, protection
from service.casework.cases.bars import Barred
from service.operations import glass_warnings, housekeeping
from service.people.rate_limits import ACCOUNT_WRONG
from service.records.context import WORKER
from service.store.casefile import approvals
from service.store.installation import ledger_entries
from service.worker import glass_letters
from tests.support.browser import PASSWORD, Browser, without_tokens
from tests.support.directory import (
    BOARD,
    HELSINKI,
    Directory,
    OfficePlan,
    PersonPlan,
    add_directory,
)
from tests.support.world import NOON, SEED, World
from tests.web.story import Story

REASON = "Her sister rang: he is on the way to the house"
BUCHAREST = "iom-bucharest"
MORE = Directory(
    (
        OfficePlan(
            BUCHAREST, "Bucharest", "IOM_MISSION", "Europe/Bucharest", "b@x.invalid", ("RO",)
        ),
    ),
    (PersonPlan("dan", BUCHAREST, ("IomLocal",)), PersonPlan("dora", BUCHAREST, ("IomLocal",))),
    language="en",
    password=PASSWORD,
)
"""An office that has nothing to do with the case."""
NAME = "Exempelova"


class Danger:
    """A case in which her name is known, and somebody elsewhere who is told of danger to life."""

    def __init__(self, world: World) -> None:
        self.world, self.story = world, Story(world)
        self.case, self.services = self.story.case, world.program.services
        with world.database.transaction() as tx:
            add_directory(tx, self.services, MORE, by=SEED, now=NOON)
        self.story.until("Task_CheckApplication")
        self.dan, self.ref = world.browser("dan"), self.story.brief().ref

    def close(self) -> None:
        self.story.close()

    def say(self, browser: Browser | None = None, named: str = "", why: str = REASON) -> Any:
        """Fill in the form and send it."""
        browser = browser or self.dan
        browser.get("/break-glass")
        return browser.post("/break-glass", {"named": named or self.ref, "why": why})

    def open(self, browser: Browser | None = None) -> str:
        """Break the glass; gives the address of what opens."""
        answer = self.say(browser)
        assert answer.status_code == 303
        assert "none" not in answer.location
        return str(answer.location)

    def reads(self, page: str, browser: Browser | None = None) -> bool:
        """Whether somebody reads her name there."""
        return NAME in (browser or self.dan).get(page).text

    def decide(self, name: str, do: str = "approve", **more: str) -> int:
        """What a second person answers on the page that her list leads to."""
        browser = self.world.browser(name)
        found = re.search(r'href="(/approvals/\w+)"', browser.get("/approvals").text)
        if found is None:
            return 404
        browser.get(found[1])
        sent = {"do": do, **more}
        return browser.post(f"{found[1]}/unmasking", sent).status_code

    def message(self, name: str, message: str, form: str, **own: Any) -> None:
        """Somebody sends a message of the diagram."""
        browser, here = self.world.browser(name), f"/cases/{self.case}/messages/{message}"
        browser.get(here)
        said = {**self.story.answers(form, name, **own), "do": "send"}
        answer = browser.post(here, said)
        assert answer.status_code == 303, answer.text
        self.story.settle()

    def close_review(self, page: str) -> None:
        disa = self.world.browser("disa")
        disa.get(f"{page}/review")
        assert disa.post(f"{page}/review", {"why": "Looked at"}).status_code == 303

    def wait(self, **time: float) -> None:
        self.world.clock.set(self.world.clock.now() + timedelta(**time))
        self.dan = self.world.browser("dan")

    def sweep(self) -> None:
        with self.world.database.transaction() as tx:
            housekeeping.expire_approvals(tx, self.services, now=self.world.clock.now())

    def lines(self, stream: str, *kinds: str) -> list[dict[str, Any]]:
        with self.world.database.transaction(write=False) as tx:
            entries = ledger_entries.of_stream(tx, stream)
        return [
            {**json.loads(e.body), "n": e.seq, "by": e.actor, "kind": e.kind}
            for e in entries
            if e.kind in kinds
        ]

    def glass(self) -> list[dict[str, Any]]:
        """What the history of the case says of it, without its requests for other things."""
        kinds = (f"approval_{one}" for one in ("asked", "given", "refused", "expired", "ended"))
        lines = self.lines(f"case/{self.case}", *kinds, "glass_reviewed")
        return [one for one in lines if one.get("what", "break_glass") == "break_glass"]

    def letters(self) -> dict[str, list[str]]:
        """Template of the letters about it to the offices that got them."""
        found: dict[str, list[str]] = {}
        for one in self.world.letters(self.case):
            if one.key.startswith("glass:"):
                found.setdefault(one.template, []).append(one.office_id)
        return {template: sorted(to) for template, to in found.items()}

    def faults(self) -> tuple[Any, ...]:
        with self.world.database.transaction(write=False) as tx:
            return verify.verify(tx, self.services, self.case, now=self.world.clock.now()).faults


@pytest.fixture
def danger(shipped_world: World) -> Iterator[Danger]:
    made = Danger(shipped_world)
    yield made
    made.close()


def test_it_opens_at_once_to_one_person_on_one_page(danger: Danger) -> None:
    assert 'href="/break-glass"' in danger.dan.get("/help").text
    page = danger.open()
    assert danger.reads(page)
    text = html.unescape(danger.dan.get(page).text)
    for said in (danger.ref, "If nobody confirms it, it closes at", "Close now", "Helsinki"):
        assert said in text, said
    assert danger.dan.get(f"/cases/{danger.case}").status_code == 404, "nothing else opens"
    assert danger.ref not in danger.dan.get("/cases").text
    for name in ("dora", "sara", "aino", "omar", "disa", "greta"):
        assert danger.world.browser(name).get(page).status_code == 404, name
    assert danger.faults() == ()


def test_data_protection_and_whoever_decides_hear_of_it_at_once(danger: Danger) -> None:
    danger.open()
    board, helsinki, social = (
        BOARD,
        "iom-helsinki",
        danger.world.viewer().office,
    )
    assert danger.letters() == {
        "glass_broken": [board],
        "glass_waiting": sorted([board, helsinki, social]),
        "ring_glass": sorted([board, helsinki]),
    }
    danger.story.settle()
    assert {one.state for one in danger.world.letters(danger.case)} == {"sent"}, "without waiting"


@pytest.mark.parametrize("name", ["aino", "omar", "disa"])
def test_confirmed_it_lives_for_an_hour_from_the_start(danger: Danger, name: str) -> None:
    page = danger.open()
    danger.wait(minutes=10)
    assert danger.decide(name) == 303
    assert "Open to you in danger to life until" in danger.dan.get(page).text
    danger.wait(minutes=49, seconds=59)
    assert danger.reads(page)
    danger.wait(seconds=1)
    assert not danger.reads(page)
    assert "closed to you" in danger.dan.get(page).text
    danger.sweep()
    assert [(one["kind"], one["by"]) for one in danger.glass()] == [
        ("approval_asked", "p_dan"),
        ("approval_given", f"p_{name}"),
        ("approval_ended", "clock"),
    ]
    assert danger.faults() == ()


def test_unconfirmed_it_closes_after_a_quarter_of_an_hour_also_when_the_worker_sleeps(
    danger: Danger,
) -> None:
    page = danger.open()
    danger.wait(minutes=14, seconds=59)
    assert danger.reads(page)
    danger.wait(seconds=1)
    assert not danger.reads(page)
    assert danger.decide("aino") == 404, "too late"
    danger.sweep()
    assert [one["kind"] for one in danger.glass()] == ["approval_asked", "approval_expired"]


def test_nobody_confirms_her_own(danger: Danger) -> None:
    sara = danger.world.browser("sara")
    page = danger.open(sara)
    assert danger.reads(page, sara)
    assert danger.decide("sara") == 404
    assert danger.decide("stina") == 404, "nor a colleague, where another office may"
    assert danger.decide("dan") == 404
    assert danger.decide("aino") == 303


def test_it_is_closed_earlier_by_her_or_by_the_second_person(danger: Danger) -> None:
    page = danger.open()
    danger.dan.get(page)
    assert danger.dan.post(f"/approvals/{page.split('/')[-1]}/end", {}).status_code == 303
    assert not danger.reads(page)
    assert danger.say().status_code == 409, "or one could read on, case by case"
    danger.close_review(page)
    page = danger.open()
    assert danger.decide("aino", "refuse", why="Nobody rang") == 303
    assert not danger.reads(page)
    page = danger.open(danger.world.browser("dora"))
    assert danger.decide("aino") == 303
    disa = danger.world.browser("disa")
    disa.get("/approvals")
    assert disa.post(f"/approvals/{page.split('/')[-1]}/end", {}).status_code == 303
    assert not danger.reads(page, danger.world.browser("dora"))
    assert danger.faults() == ()


def test_every_look_bears_its_number(danger: Danger) -> None:
    before = len(danger.lines(f"reads/{danger.case}", "read", "reveal", "lookup", "print"))
    page = danger.open()
    (asked,) = danger.glass()
    walked = [page, page, f"{page}?x=1", f"/cases/{danger.case}", "/cases", "/find?q=" + danger.ref]
    for address in walked:
        danger.dan.get(address)
    looks = danger.lines(f"reads/{danger.case}", "read", "reveal", "lookup", "print")[before:]
    assert [one["by"] for one in looks] == ["p_dan"] * 3
    assert {one["glass"] for one in looks} == {asked["n"]}
    assert {one["purpose"] for one in looks} == {"danger"}
    assert set(looks[0]["classes"]) > {"C0"}


def test_a_wrong_name_and_a_case_that_is_none_for_her_get_the_same_page(danger: Danger) -> None:
    def page(named: str) -> str:
        answer = danger.say(named=named)
        assert answer.status_code == 422
        assert f'value="{named}"' in answer.text, "what was typed stands there still"
        assert f">{REASON}</textarea>" in answer.text
        return without_tokens(answer.text).replace(named, "")

    wrong = page("Ingen-Alls")
    assert "No case opens by that name or number" in wrong
    now = danger.world.clock.now()
    with danger.world.database.transaction() as tx:
        whom = [Barred(office=BUCHAREST)]
        bars.bar(tx, by=WORKER, now=now, case_id=danger.case, whom=whom, why=bars.ABOUT)
    assert re.sub("[0-9A-Z]{26}", "", page(danger.ref)) == re.sub("[0-9A-Z]{26}", "", wrong)
    assert danger.glass() == []
    assert danger.letters() == {}
    tries = danger.lines(f"office/{BUCHAREST}", "glass_tried")
    assert len(tries) == 2
    assert all({*one} == {"by", "kind", "n", "word"} for one in tries)
    assert danger.ref not in str(tries)
    shown = html.unescape(danger.world.browser("disa").get("/approvals").text)
    for said in ("Ingen-Alls", danger.ref, REASON, "Tries that opened nothing"):
        assert said in shown, said
    assert "Tries" not in danger.world.browser("aino").get("/approvals").text


def refuses(danger: Danger, name: str) -> bool:
    """Whether nothing opens to somebody, and her try is written down like any other."""
    office = danger.world.loaded_viewer(name).office
    before = len(danger.lines(f"office/{office}", "glass_tried"))
    answer = danger.say(danger.world.browser(name))
    after = len(danger.lines(f"office/{office}", "glass_tried"))
    return answer.status_code == 422 and after == before + 1


def test_a_protected_identity_never_opens_by_it(danger: Danger) -> None:
    page = danger.open()
    now, by = danger.world.clock.now(), danger.world.loaded_viewer("aino")
    with danger.world.database.transaction() as tx:
        protection.set_marking(
            *(tx, danger.services),
            by=by,
            now=now,
            case_id=danger.case,
            marking="SEKRETESSMARKERING",
            reason="x",
        )
    assert not danger.reads(page), "what is open closes"
    assert refuses(danger, "sara")


def test_an_office_that_the_person_has_left_never_sees_it_again(danger: Danger) -> None:
    iva = danger.world.browser("iva")
    page = danger.open(iva)
    assert danger.reads(page, iva)
    danger.message("sara", "change_local_office", "change_local_office")
    assert not danger.reads(page, iva), "what is open closes"
    assert danger.decide("aino") == 303
    assert refuses(danger, "iva")


def test_an_office_that_the_danger_comes_from_neither_opens_nor_confirms(danger: Danger) -> None:
    about = {"alertDanger": True, "alertAbout": "HELSINKI"}
    danger.message("sara", "alert", "alert_report", **about)
    assert refuses(danger, "eero")
    danger.open()
    assert HELSINKI not in str(danger.letters())
    assert danger.decide("aino") == 404
    assert danger.decide("omar") == 303


def test_wrong_names_are_slowed(danger: Danger) -> None:
    statuses = [danger.say(named=f"Fel-{n}").status_code for n in range(ACCOUNT_WRONG + 1)]
    assert statuses == [422] * ACCOUNT_WRONG + [429]
    assert danger.say().status_code == 429, "a right one too"
    danger.wait(minutes=1)
    assert danger.reads(danger.open())


def test_one_at_a_time_and_none_after_one_that_nobody_confirmed(danger: Danger) -> None:
    page = danger.open()
    assert danger.say().location == page, "the same once more"
    assert danger.say(named="Ingen-Alls").status_code == 409
    danger.wait(minutes=15)
    refused = danger.say()
    assert refused.status_code == 409
    assert "no second person said yes" in refused.text
    disa = danger.world.browser("disa")
    review = f"{page}/review"
    assert review in disa.get("/approvals").text
    text = html.unescape(disa.get(review).text)
    for said in (REASON, danger.ref, "Dan", "necessity", "nobody confirmed it in time"):
        assert said in text, said
    assert disa.post(review, {"why": ""}).status_code == 422
    assert (
        disa.post(review, {"why": "It was right; the night was short of people"}).status_code == 303
    )
    assert review not in disa.get("/approvals").text
    assert danger.reads(danger.open())
    last = [one["kind"] for one in danger.glass()]
    assert last == ["approval_asked", "approval_expired", "glass_reviewed", "approval_asked"]
    assert danger.faults() == ()


def test_who_may_not(danger: Danger) -> None:
    for name in ("disa", "greta", "maja", "nils"):
        browser = danger.world.browser(name)
        assert browser.get("/break-glass").status_code == 404, name
        assert 'href="/break-glass"' not in browser.get("/help").text
    page = danger.open()
    for name in ("dan", "aino", "omar", "greta"):
        assert danger.world.browser(name).get(f"{page}/review").status_code == 404, name


def test_without_a_reason_nothing_is_looked_up(danger: Danger) -> None:
    for named in (danger.ref, "Ingen-Alls"):
        answer = danger.say(named=named, why=" ")
        assert answer.status_code == 422
    assert danger.glass() == []
    assert danger.lines(f"office/{BUCHAREST}", "glass_tried") == []


def test_a_row_without_its_entry_opens_nothing(danger: Danger) -> None:
    page = danger.open()
    with danger.world.database.transaction() as tx:
        row = approvals.get(tx, page.split("/")[-1])
        assert row is not None
        approvals.settle(tx, row, state="approved", expires=row.expires + timedelta(hours=3))
    danger.wait(minutes=20)
    assert not danger.reads(page)


def test_data_protection_gets_a_letter_of_a_try_within_a_minute(danger: Danger) -> None:
    danger.say(named="Ingen-Alls")
    worker = danger.world.worker()
    assert glass_letters.send_glass_letters(worker, danger.world.clock.now()) == 1
    danger.wait(seconds=30)
    assert glass_letters.send_glass_letters(worker, danger.world.clock.now()) == 0, "once"
    (told,) = danger.lines(f"office/{BUCHAREST}", "glass_told")
    assert told["to"] == BOARD
    assert timedelta(minutes=1) > glass_letters.EVERY


def band(browser: Browser, page: str) -> str:
    """The band on a page that says what is open in danger to life; "" where there is none."""
    found = re.search(
        r'<section class="t-band t-glass".*?</section>', browser.get(page).text, re.DOTALL
    )
    return html.unescape(found[0]) if found else ""


def test_every_page_says_so_while_it_is_open_and_names_no_case(danger: Danger) -> None:
    pages = ("/cases", "/inbox", "/help", "/settings", "/break-glass", "/there/is/none")
    assert not any(band(danger.dan, page) for page in pages)
    page = danger.open()
    (asked,) = danger.glass()
    number, id_ = str(asked["n"]), page.split("/")[-1]
    for one in pages:
        said = band(danger.dan, one)
        for word in (f"no. {number}", "15 minutes left", "Nobody has confirmed", f'href="{page}"'):
            assert word in said, (one, word)
        assert f"/approvals/{id_}/end" in said
        assert danger.ref not in said, one
        assert NAME not in said, one
    assert danger.dan.get(page).text.count('class="t-band t-glass"') == 1, "its own page once"
    assert not band(danger.world.browser("dora"), "/help"), "nobody else's"


def test_a_case_that_is_hers_has_the_band_too(danger: Danger) -> None:
    sara = danger.world.browser("sara")
    danger.open(sara)
    assert "minutes left" in band(sara, f"/cases/{danger.case}")


def test_the_band_goes_by_the_second_person_and_by_the_clock(danger: Danger) -> None:
    page = danger.open()
    danger.wait(minutes=5)
    assert danger.decide("aino") == 303
    said = band(danger.dan, "/help")
    assert "55 minutes left" in said
    assert "Nobody has confirmed" not in said
    danger.wait(minutes=54, seconds=30)
    assert "1 minute left" in band(danger.dan, "/help")
    danger.wait(seconds=30)
    assert not band(danger.dan, "/help")
    danger.wait(minutes=1)
    page = danger.open()
    danger.dan.get("/help")
    end = f"/approvals/{page.split('/')[-1]}/end"
    assert danger.dan.post(end, {"back": page}).location == page, "ended from the band"
    assert not band(danger.dan, "/help")


def test_the_band_goes_where_the_case_is_none_for_her_any_more(danger: Danger) -> None:
    danger.open()
    assert band(danger.dan, "/help")
    now = danger.world.clock.now()
    with danger.world.database.transaction() as tx:
        whom = [Barred(office=BUCHAREST)]
        bars.bar(tx, by=WORKER, now=now, case_id=danger.case, whom=whom, why=bars.ABOUT)
    assert not band(danger.dan, "/help")


def test_who_has_none_open_pays_nothing_for_the_band(danger: Danger) -> None:
    def requests_asked() -> int:
        heard: list[str] = []
        danger.dan.get("/help")
        with danger.world.database.listening(lambda text, _values, _many: heard.append(text)):
            danger.dan.get("/help")
        return sum("FROM approval" in " ".join(text.split()) for text in heard)

    assert requests_asked() == 0
    danger.open()
    assert requests_asked() > 0
    danger.wait(hours=1)
    assert requests_asked() == 0


def test_a_review_that_is_late_is_told_once_and_counted(danger: Danger) -> None:
    page = danger.open()
    disa = danger.world.browser("disa")
    assert "Review by 2026-03-09" in disa.get("/approvals").text
    for days, made, late in ((6, 0, 0), (2, 1, 1), (1, 0, 1)):
        danger.wait(days=days)
        with danger.world.database.transaction() as tx:
            written = late_reviews.write_late_letters(tx, danger.services, danger.world.clock.now())
        assert written == made
        assert len(glass_warnings.glass_warnings(danger.world.program)) == late
    assert danger.letters()["glass_late"] == [BOARD]
    (sentence,) = glass_warnings.glass_warnings(danger.world.program)
    assert sentence.startswith("1 case was opened in danger to life")
    assert danger.ref not in sentence
    disa = danger.world.browser("disa")
    for shown in ("/approvals", f"{page}/review"):
        assert "Late: was to be reviewed by" in disa.get(shown).text, shown
    danger.close_review(page)
    assert glass_warnings.glass_warnings(danger.world.program) == []


def test_opening_asks_no_fresh_proof_and_confirming_does(danger: Danger) -> None:
    aino = danger.world.browser("aino")
    dan = danger.dan
    danger.world.clock.set(danger.world.clock.now() + timedelta(minutes=6))
    page = danger.open(dan)
    assert danger.reads(page, dan), "danger to life waits for no key"
    (asked,) = re.findall(r'href="(/approvals/\w+)"', aino.get("/approvals").text)
    aino.get(asked)
    answer = aino.post(f"{asked}/unmasking", {"do": "approve"})
    assert answer.status_code == 303
    assert "/prove" in answer.location
    assert "Nobody has confirmed" in band(dan, "/help")
