"""The demo's draft v4 in the browser: refused, repaired, published; open cases stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.application.container import Tresteg
from service.audit import verify
from service.clock import SetClock
from service.demo import seed, state
from service.demo.player import make_player
from service.people import accounts, sessions
from service.records.ids import ulid
from service.security.keyring import make_keyring
from service.store.casefile import cases
from service.store.installation import ledger_entries, releases
from service.web.application import create_app
from service.workshop.trial.scenario_file import ScenarioStep
from tests.support.dry_runs import finish_batches
from tests.support.played_cases import program_at
from tests.support.shipped import publish_shipped

pytestmark = pytest.mark.slow
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
LIMITS = sessions.SessionLimits(timedelta(hours=1), timedelta(hours=1))
DECISION = "informed_decision.bpmn"
FAULT = re.compile(
    r'\s*<bpmn:sequenceFlow id="F_Gw_GoOn_End_Decision".*?</bpmn:sequenceFlow>', re.DOTALL
)
NAMED = re.compile(
    r"\s*<bpmn:(?:incoming|outgoing)>F_Gw_GoOn_End_Decision</bpmn:(?:incoming|outgoing)>"
)
DRAWN = re.compile(
    r'\s*<bpmndi:BPMNEdge id="F_Gw_GoOn_End_Decision_di".*?</bpmndi:BPMNEdge>', re.DOTALL
)
SOONER = (re.compile(r'(id="Task_AskPartner".*?dueDate=)"P2D"', re.DOTALL), r'\1"P1D"')
PROMISE = "INFÖR OCH UNDER HEMRESAN” kan nås innan ”Granska ansökan och frivillighet” är gjort"


@pytest.fixture
def program(tmp_path: Path, empty_sqlite: Path) -> Iterator[Tresteg]:
    """The demo's releases and draft, and one of its cases on the way."""
    path = tmp_path / "demo.db"
    path.write_bytes(empty_sqlite.read_bytes())
    made = program_at(f"sqlite:///{path}", make_keyring(demo=True), NOW)
    made = replace(made, settings=replace(made.settings, base_url="http://localhost"))
    people = seed.seed_directory(made, NOW)
    publish_shipped(made, NOW)
    seed._draft(made, people, NOW)
    yield made
    made.database.close()


def begun(program: Tresteg) -> str:
    """A new case; gives its id."""
    clock = program.clock
    assert isinstance(clock, SetClock)
    with program.database.transaction(write=False) as tx:
        people = state.people(tx)
    player = make_player(program, clock, people)
    case = player.act(ScenarioStep(by="sara", start="Start_PersonIdentified"), "")
    player.close()
    return case


def as_(app: Flask, program: Tresteg, name: str) -> FlaskClient:
    """The browser of one of the demo's people."""
    with program.database.transaction() as tx:
        viewer = accounts.load_viewer(tx, state.people(tx)[name])
        assert viewer is not None
        token = sessions.begin_session(tx, by=viewer, way="password", limits=LIMITS, now=NOW)
    client = app.test_client()
    client.set_cookie("tresteg_demo", token, domain="localhost")
    return client


def hidden(page: str) -> dict[str, str]:
    """The token and the key of the first form of a page."""
    found = {
        name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("csrf_token", "_once")
    }
    return {
        "_once": ulid(NOW),
        **{name: match[1] for name, match in found.items() if match is not None},
    }


def publish(browser: FlaskClient, draft: str, rev: int, do: str = "publish") -> Any:
    """Publish a draft by its page, or ask for a review of it."""
    sent = {
        **hidden(browser.get(f"/drafts/{draft}/publish").text),
        "do": do,
        "rev": str(rev),
        "why": "Underskrift krävs igen",
    }
    return browser.post(
        f"/drafts/{draft}/publish", data=sent, headers={"Sec-Fetch-Site": "same-origin"}
    )


def approve(browser: FlaskClient, draft: str) -> None:
    """Approve what is asked for on the page of a draft."""
    page = browser.get(f"/drafts/{draft}/publish").text
    action = re.search(r'action="([^"]*/review/[^"]*)"', page)
    assert action
    sent = {**hidden(page), "do": "approve"}
    done = browser.post(action[1], data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert done.status_code == 303


def test_the_fault_of_the_draft_is_repaired_and_published(
    program: Tresteg,
) -> None:
    app, old = create_app(program), begun(program)
    app.testing = False
    with program.database.transaction(write=False) as tx:
        (draft,) = releases.drafts(tx, program.services.programme.process)
        before = program.services.current(tx).id
    maja, nils = as_(app, program, "maja"), as_(app, program, "nils")

    assert PROMISE in maja.get(f"/drafts/{draft.id}/publish").text
    assert publish(maja, draft.id, draft.rev).status_code == 422, (
        "a broken promise is not published"
    )

    text = maja.get(f"/releases/{draft.id}/diagram/{DECISION}").text
    for part in (FAULT, NAMED, DRAWN):
        assert part.search(text)
        text = part.sub("", text)
    repaired = SOONER[0].sub(SOONER[1], text, count=1)
    token = hidden(maja.get(f"/drafts/{draft.id}/publish").text)["csrf_token"]
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "X-CSRF-Token": token,
        "If-Match": f'"r{draft.rev}"',
        "Accept": "application/json",
    }
    saved: Any = maja.put(
        f"/drafts/{draft.id}/diagram/{DECISION}", data=repaired.encode(), headers=headers
    ).json
    assert [one for one in saved["findings"] if one["severity"] == "E"] == []

    read = nils.get(f"/drafts/{draft.id}/publish").text
    assert PROMISE not in read
    assert "1 dag" in read, "the reviewer reads what will be different"
    assert publish(nils, draft.id, saved["rev"]).status_code == 403, "but it is not his to publish"
    untried = publish(maja, draft.id, saved["rev"], "ask")
    assert untried.status_code == 422, "it is not published untried"
    assert f"/drafts/{draft.id}/dry-run" in untried.text
    sent = {**hidden(untried.text), "do": "begin"}
    where = f"/drafts/{draft.id}/dry-run"
    same = {"Sec-Fetch-Site": "same-origin"}
    assert maja.post(where, data=sent, headers=same).status_code == 303
    assert finish_batches(program) == 2, "the one case, and the end"
    assert publish(maja, draft.id, saved["rev"], "ask").status_code == 303
    approve(nils, draft.id)

    assert publish(maja, draft.id, saved["rev"]).status_code == 303
    new = begun(program)
    with program.database.transaction(write=False) as tx:
        found = [cases.get(tx, id_) for id_ in (old, new)]
        current = program.services.current(tx)
        entry = ledger_entries.latest(tx, f"release/{program.services.programme.process}", limit=1)[
            0
        ]
        verified = verify.verify_all(tx, program.services, now=NOW)
    assert [case.release_id for case in found if case is not None] == [before, current.id]
    assert (entry.kind, before == current.id) == ("published", False)
    assert (verified.faults, verified.breaches) == ((), ())
