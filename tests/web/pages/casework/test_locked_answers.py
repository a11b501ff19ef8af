"""What the plan of retention has locked is read again by one person of the office that wrote it,
because a colleague said yes.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.audit import verify
from service.casework.approvals import requests
from service.casework.casefile import documents as case_documents
from service.casework.casefile import notes
from service.casework.retention import locks
from service.casework.retention.erasure import ErasureOrder, erase
from service.store.casefile import approvals, parties
from service.store.casefile.retention_acts import RetentionAct
from tests.support.browser import Browser
from tests.support.world import SEED, World
from tests.web.pages.casework.test_earlier_answers import OPEN, Call

OFFICE = "iom-helsinki"
REASON = "A court asks what we were told, ref. 7"
NOTE, FILE = "qzkanarieanteckning", b"%PDF qzkanariefil"


class Locked(Call):
    """An ended case of which what Helsinki wrote is locked, with a note and a file of Aino's."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.page = f"/cases/{self.old}/locked"
        self.eero = world.browser("eero")
        now, by = world.clock.now(), world.loaded_viewer("aino")
        with world.database.transaction() as tx:
            shared = {*parties.of_case(tx, self.old).values()}
            notes.write(
                *(tx, self.services), by=by, now=now, case_id=self.old, text=NOTE, shared=shared
            )
            self.file = case_documents.attach(
                *(tx, self.services),
                by=by,
                now=now,
                case_id=self.old,
                task_key="",
                field="loose",
                klass="C1",
                clean=case_documents.CheckedFile("x.pdf", "pdf", FILE),
            )
        self.unlocked = self.read(self.aino)
        self.act = self.lock("C1", "C2", "C3")

    def lock(self, *classes: str) -> RetentionAct:
        with self.world.database.transaction() as tx:
            return locks.lock_records(
                tx,
                case_id=self.old,
                office=OFFICE,
                classes=classes,
                rule="R3",
                plan="0" * 64,
                by=SEED,
                now=self.world.clock.now(),
            )

    def read(self, browser: Browser) -> set[tuple[str, str]]:
        """Answers, the note and the file that somebody reads."""
        found = self.answers(browser)
        if NOTE in browser.get(f"/cases/{self.old}").text:
            found.add(("note", NOTE))
        if FILE in browser.get(f"/files/{self.file}").data:
            found.add(("file", ""))
        return found

    def ask(self, *classes: str) -> str:
        self.aino.get(self.page)
        sent = {"classes": [*(classes or ("C1", "C2", "C3"))], "why": REASON}
        assert self.aino.post(self.page, sent).status_code == 303
        return self.waiting(self.eero)

    def answer(self, address: str, do: str = "approve", **fields: object) -> int:
        self.eero.get("/settings")
        sent = {"do": do, **fields}
        return self.eero.post(f"{address}/unmasking", sent).status_code


@pytest.fixture
def call(shipped_world: World) -> Iterator[Locked]:
    made = Locked(shipped_world)
    yield made
    made.close()


def test_a_colleague_says_yes_and_one_person_alone_reads_it(call: Locked) -> None:
    closed = call.read(call.aino)
    hidden = call.unlocked - closed
    assert {("note", NOTE), ("file", "")} < hidden, "answers too"
    overview = html.unescape(call.aino.get(f"/cases/{call.old}").text)
    assert "ask a colleague to open it to you for a time" in overview
    assert f'href="{call.page}"' in overview
    page = call.aino.get(call.page).text
    assert "a colleague decides" in page
    assert 'value="C0"' not in page, "it is not locked"
    address = call.ask()
    assert call.read(call.aino) == closed, "a request opens nothing"
    assert "Waits for a second person" in call.aino.get(call.page).text
    assert "Read locked records of the own office again" in call.eero.get("/approvals").text
    request = call.eero.get(address).text
    for text in (call.story.brief().ref, "Aino", "Helsinki", REASON, "Yes, for 8 hours"):
        assert text in request, text
    assert call.answer(address) == 303
    assert OPEN in call.tab(call.aino)
    assert call.read(call.aino) == call.unlocked
    assert "It is open to you for now" in call.aino.get(f"/cases/{call.old}").text
    for name in ("eero", "sara", "omar", "iva"):
        other = call.world.browser(name)
        assert OPEN not in call.tab(other), name
        assert not call.read(other) & hidden, name
    with call.world.database.transaction(write=False) as tx:
        found = verify.verify(tx, call.services, call.old, now=call.world.clock.now())
    assert found.faults == ()


def test_nobody_else_decides(call: Locked) -> None:
    closed, address = call.read(call.aino), call.ask()
    for name in ("aino", "sara", "omar", "disa", "maja"):
        browser = call.world.browser(name)
        assert browser.get(address).status_code == 404, name
        browser.get("/settings")
        sent = {"do": "approve"}
        assert browser.post(f"{address}/unmasking", sent).status_code in (403, 404), name
        browser.get("/settings")
        assert browser.post(address, {"do": "approve"}).status_code in (403, 404), name
    assert call.read(call.aino) == closed
    assert call.answer(address, "refuse", why="Order a hold") == 303
    page = call.aino.get(call.page).text
    assert "Your colleague said no to your request of" in page
    assert "Order a hold" in page
    assert call.read(call.aino) == closed


def test_only_the_classes_that_were_asked_for_open(call: Locked) -> None:
    closed = call.read(call.aino)
    call.open("C1")
    opened = call.read(call.aino)
    assert closed < opened < call.unlocked
    assert ("file", "") in opened
    assert ("note", NOTE) not in opened
    assert "It is open to you for now" not in call.aino.get(f"/cases/{call.old}").text


def test_a_look_bears_the_number_of_the_yes(call: Locked) -> None:
    call.open()
    before = len(call.lines("reads", "read"))
    call.aino.get(f"/cases/{call.old}?tab=people")
    call.aino.get(f"/cases/{call.old}?tab=papers")
    assert FILE in call.aino.get(f"/files/{call.file}").data
    (given,) = call.lines("case", "approval_given")
    looks = call.lines("reads", "read")[before:]
    assert [one["unmasking"] for one in looks] == [given["n"]] * 3
    call.aino.get(f"/cases/{call.old}/print")
    assert call.lines("reads", "print")[-1]["unmasking"] == given["n"]
    assert (given["what"], given["classes"]) == ("open_locked", ["C1", "C2", "C3"])
    history = html.unescape(call.sara.get(f"/cases/{call.old}?tab=history").text)
    assert "said yes: one colleague reads locked records of the office" in history


@pytest.mark.parametrize("name", ["aino", "eero"])
def test_either_of_the_two_ends_it(call: Locked, name: str) -> None:
    closed, address = call.read(call.aino), call.open()
    by = call.world.browser(name)
    assert "Answers that are open now" in by.get("/approvals").text
    assert by.post(f"{address}/end", {}).status_code == 303
    assert call.read(call.aino) == closed
    assert "It is over" in call.aino.get(call.page).text


def test_it_closes_when_its_time_is_over(call: Locked) -> None:
    closed = call.read(call.aino)
    call.open()
    call.world.later(hours=8)
    call.aino = call.world.browser("aino")
    assert call.read(call.aino) == closed
    with call.world.database.transaction() as tx:
        assert requests.expire(tx, now=call.world.clock.now()) == 1
    assert call.lines("case", "approval_ended")[0]["by"] == "clock"


def test_nobody_asks_for_more_than_is_locked_of_her_own_office(call: Locked) -> None:
    for name in ("sara", "omar", "disa"):
        browser = call.world.browser(name)
        browser.get("/settings")
        assert browser.get(call.page).status_code == 404, name
        sent = {"classes": "C1", "why": REASON}
        assert browser.post(call.page, sent).status_code == 404, name
    call.aino.get(call.page)
    assert call.aino.post(call.page, {"classes": "C0", "why": REASON}).status_code == 422
    assert call.aino.post(call.page, {"classes": "C1"}).status_code == 422


def test_of_a_protected_identity_nothing_is_opened(call: Locked) -> None:
    address = call.ask()
    call.mark(call.old, "aino")
    assert call.answer(address) == 409
    assert not {("note", NOTE), ("file", "")} & call.read(call.aino)
    assert "a hold opens it to those who are named" in html.unescape(call.aino.get(call.page).text)


def test_once_something_is_erased_nothing_can_be_asked_for(call: Locked) -> None:
    now = call.world.clock.now() + timedelta(hours=1)
    with call.world.database.transaction() as tx:
        release = call.services.current(tx).id
        order = ErasureOrder(call.old, OFFICE, ("C2",), "R3", release)
        erase(tx, call.services, order, by=SEED, now=now)
    page = html.unescape(call.aino.get(call.page).text)
    assert "Something of this case has been erased" in page
    assert call.aino.post(call.page, {"classes": "C1", "why": REASON}).status_code == 409
    with call.world.database.transaction(write=False) as tx:
        assert approvals.asked_by(tx, "p_aino", kind=requests.OPEN_LOCKED) == []
