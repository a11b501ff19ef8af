"""The review of a draft by its page: who answers, where data flows wider, and what is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from werkzeug.test import TestResponse

from service.access import Viewer
from service.store.casefile import approvals
from service.store.casefile.approvals import ASKED
from service.store.installation import releases
from service.web.accounts.fresh_proof import FRESH
from service.workshop import drafts
from tests.support.browser import Browser
from tests.support.world import World, shipped
from tests.web.pages.test_releases import CASE, begun, later, put

pytestmark = pytest.mark.slow  # each test lints and builds the shipped release once more
FORM = "forms/new_case.form"
KINDS = ("publish_release", "publish_data_flow", "release_current", "migrate_cases")


def wider() -> bytes:
    """A form of the shipped release with a question more about the person."""
    form = json.loads(shipped().text(FORM))
    asked = {"type": "textfield", "key": "shoeSize", "id": "Field_shoe", "label": "Skostorlek"}
    form["components"].append({**asked, "properties": {"class": "C3", "purpose": "CARE"}})
    return json.dumps(form, ensure_ascii=False).encode()


class Draft:
    """A draft of the shipped process in which data flows wider, and the browsers of its people."""

    def __init__(self, world: World) -> None:
        self.world, self.owner = world, world.browser("maja")
        self.id = begun(world, self.owner)
        self.address = f"/drafts/{self.id}/publish"
        self.save(FORM, wider())

    def save(self, file: str, content: bytes) -> None:
        services = self.world.program.services
        maja = Viewer("p_maja", "lansstyrelsen-stockholm", frozenset({"owner"}))
        with self.world.database.transaction() as tx:
            rev, now = drafts.require_draft(tx, maja, self.id).rev, self.world.clock.now()
            about = {"by": maja, "now": now, "draft_id": self.id, "rev": rev}
            drafts.save_files(tx, services, changed={file: content}, found=(), **about)  # type: ignore[arg-type]  # of their kinds

    def press(self, do: str) -> TestResponse:
        page = self.owner.get(self.address)
        seen = re.findall(r'name="seen" value="([^"]+)"', page.text)
        with self.world.database.transaction(write=False) as tx:
            row = releases.get_draft(tx, self.id)
        assert row is not None
        sent = {"do": do, "rev": str(row.rev), "why": "Shoes are bought", "seen": seen}
        return self.owner.post(self.address, sent)

    def request(self, kind: str) -> str:
        with self.world.database.transaction(write=False) as tx:
            return approvals.of_kind(tx, kind)[0].id

    def state(self, kind: str) -> str:
        with self.world.database.transaction(write=False) as tx:
            return approvals.of_kind(tx, kind)[0].state

    def answer(self, browser: Browser, kind: str) -> int:
        browser.get(self.address)
        sent = {"do": "approve"}
        address = f"/drafts/{self.id}/review/{self.request(kind)}"
        return browser.post(address, sent).status_code


@pytest.fixture
def draft(shipped_world: World) -> Iterator[Draft]:
    return Draft(shipped_world)  # type: ignore[return-value]  # nothing to close


def test_a_wider_flow_needs_two_answers_and_is_kept(draft: Draft) -> None:
    world = draft.world
    assert "Data flows wider" in draft.owner.get(draft.address).text
    assert draft.press("ask").status_code == 303
    page = draft.owner.get(draft.address).text
    assert "Waits for a reviewer until" in page
    assert "Waits for data protection until" in page
    reviewer, protection = world.browser("nils"), world.browser("disa")
    assert 'href="' + draft.address in protection.get("/approvals").text
    shown = protection.get(draft.address).text
    assert shown.index("Skostorlek") < shown.index('id="changes-title"'), "first what flows wider"
    assert draft.answer(protection, "publish_release") == 404, "not hers to answer"
    assert draft.answer(reviewer, "publish_data_flow") == 404, "not his to answer"
    assert draft.answer(reviewer, "publish_release") == 303
    assert draft.press("publish").status_code == 422, "data protection has not answered"
    assert draft.answer(protection, "publish_data_flow") == 303
    assert draft.press("publish").status_code == 303
    link = re.search(r'href="/releases/(\w{64})/', draft.owner.get("/processes").text)
    assert link
    kept = draft.owner.get(f"/releases/{link[1]}/dossier")
    for said in ("Maja", "Nils", "Disa", "Skostorlek", "Data flows wider"):
        assert said in kept.text, said
    file = draft.owner.get(f"/releases/{link[1]}/dossier.json")
    assert sha256(file.data).hexdigest() in kept.text
    assert world.faults() == []


def test_an_earlier_release_says_that_nothing_was_kept(shipped_world: World) -> None:
    owner = shipped_world.browser("maja")
    page = owner.get(f"/releases/{shipped().digest}/dossier").text
    assert "published by whoever runs the machine" in page
    assert owner.get(f"/releases/{shipped().digest}/dossier.json").status_code == 404
    assert (
        shipped_world.browser("sara").get(f"/releases/{shipped().digest}/dossier").status_code
        == 404
    )


def test_a_thief_answers_no_release_beside_its_page(draft: Draft) -> None:
    """Who finds a reviewer's browser open posts to every other address that decides."""
    assert draft.press("ask").status_code == 303
    for name, kind in (("nils", "publish_release"), ("disa", "publish_data_flow")):
        thief, request = draft.world.browser(name), draft.request(kind)
        clock = draft.world.clock
        clock.set(clock.now() + FRESH + timedelta(seconds=1))
        for address, sent in (
            (f"/approvals/{request}", {"do": "approve"}),
            (f"/approvals/{request}", {"do": "refuse"}),
            (f"/drafts/{draft.id}/review/{request}", {"do": "approve"}),
            (f"/drafts/01ARZ3NDEKTSV4RRFFQ69G5FAV/review/{request}", {"do": "refuse"}),
            (f"/releases/{shipped().digest}/current", {"do": "refuse", "request": request}),
            ("/migrations/01ARZ3NDEKTSV4RRFFQ69G5FAV", {"do": "refuse", "request": request}),
        ):
            thief.get("/settings")
            answer = thief.post(address, sent)
            proves = answer.headers.get("Location") == "/prove"
            assert proves or answer.status_code in (404, 422), address
        thief.get("/settings")
        token = thief.hidden()["csrf_token"]
        answer = thief.client.post(
            f"/v1/approvals/{request}/decision",
            json={"approve": True},
            headers={
                **thief.headers,
                "X-CSRF-Token": token,
                "Idempotency-Key": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            },
        )
        assert answer.status_code == 403, "it asks for a fresh proof as well"
        assert draft.state(kind) == ASKED


def test_who_saved_in_the_draft_answers_it_nowhere(shipped_world: World) -> None:
    owner = shipped_world.browser("maja")
    draft = begun(shipped_world, owner)
    put(owner, draft, later())
    address = f"/drafts/{draft}/publish"
    owner.get(address)
    assert owner.post(address, {"do": "ask", "rev": "2", "why": "More time"}).status_code == 303
    with shipped_world.database.transaction(write=False) as tx:
        request = approvals.of_kind(tx, "publish_release")[0].id
    for where in (f"/approvals/{request}", f"/drafts/{draft}/review/{request}"):
        owner.get("/settings")
        answered = owner.post(where, {"do": "approve"}).status_code
        assert answered in (403, 404), where


def test_an_earlier_state_is_gone_back_to_by_its_page(draft: Draft) -> None:
    draft.save(FORM, wider().replace(b"Skostorlek", b"Skonummer"))
    address = f"/drafts/{draft.id}/states/{FORM}"
    page = draft.owner.get(address).text
    assert "Go back to this" in page
    assert "Maja" in page
    rev = re.search(r'name="rev" value="(\d+)"', page)
    states = re.findall(r'name="state" value="(\d+)"', page)
    assert rev
    sent = {"rev": rev[1], "state": states[0]}
    assert draft.owner.post(address, sent).status_code == 303
    file = draft.owner.get(f"/releases/{draft.id}/files/{FORM}").data
    assert b"Skostorlek" in file
    stale = draft.owner.post(address, {**sent, "_once": "01ARZ3NDEKTSV4RRFFQ69G5FAV"})
    assert (stale.status_code, "meanwhile" in stale.text) == (409, True)
    assert draft.owner.post(address, {**sent, "state": "x"}).status_code == 404
    assert draft.world.browser("nils").get(address).status_code == 200
    assert draft.world.browser("nils").post(address, sent).status_code in (403, 404)


def test_going_back_is_answered_on_the_page_of_the_release(shipped_world: World) -> None:
    shipped_world.publish(shipped().with_file(f"workflows/{CASE}", later()))
    owner, reviewer = shipped_world.browser("maja"), shipped_world.browser("nils")
    shown, first = f"/releases/{shipped().digest}/view/{CASE}", shipped().digest
    owner.get(shown)
    asked = owner.post(f"/releases/{first}/current", {"do": "ask", "why": "A step too many"})
    assert asked.status_code == 303
    listed = reviewer.get("/approvals").text
    assert f'href="{shown}"' in listed
    assert 'value="approve"' not in listed
    assert 'value="approve"' in reviewer.get(shown).text
    assert f'href="{shown}"' in owner.get("/approvals").text
