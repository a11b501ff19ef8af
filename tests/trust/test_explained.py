"""Who must say why she opens a case, and has not: no address shows her anything of it, and nothing
changes; afterwards each look leaves a line.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.routing import Rule

from service.store.casefile import cases, notes
from service.store.installation import ledger_entries
from tests.trust.staged_world import StagedWorld
from tests.trust.test_matrix import CHANGES, MATRIX, ONCE, SEEN, changing, pages, rules

pytestmark = pytest.mark.slow
ASKS = {"cases.show", "v1.say_why"}
"""The page that asks, and the operation that takes the answer."""
OF_RECORDS = {"retention.erase", "retention.ask_or_erase", "retention.package"}
"""What a records officer sees of a case: which classes her office keeps and until when. No step and
no answer is on it. A package for an archive has answers; of an open case, as here, there is none,
and the same page says so (409)."""
STAGES = ("2", "m", "3")
"""Those of the matrix in which somebody is asked."""
FORMS: dict[str, dict[str, Any]] = {
    "cases.note": {"text": "a note"},
    "cases.open_answers": {"group": "name", "reason": "PHONE"},
    "cases.give": {"to": "p"},
    "cases.send_message": {"do": "send"},
    "marking.mark_now": {"marking": "NONE", "why": "w", "was": "PROGRAMME_PROTECTED"},
    "protected_identity.ask_now": {"kind": "print_case", "why": "w"},
    "protected_identity.name_now": {"person": "p", "why": "w"},
    "papers.make": {"paper": "card", "lang": "sv", "reason": "GIVE"},
    "papers.bring_signed": {"code": "7K3M-9QXA"},
    "protected_identity.take_back_now": {"person": "p", "why": "w"},
    "compose_referral.pack": {"do": "send"},
    "referrals.act": {"do": "revoke"},
}
"""What the forms hold that change something."""


def state(staged: StagedWorld, case: str) -> tuple[object, ...]:
    """Everything that a request could have changed of a case."""
    with staged.program.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        streams = [ledger_entries.end(tx, f"{kind}/{case}") for kind in ("case", "reads")]
        return found, streams, len(notes.everyones(tx, case))


def request(rule: Rule, method: str, token: str) -> dict[str, Any]:
    """A change as a page or a program would send it, whole."""
    sent = changing(rule, method, token)
    if "data" in sent:
        sent["data"] |= FORMS.get(rule.endpoint, {})
    return sent


@pytest.mark.parametrize("stage", STAGES)
def test_no_way_leads_around_the_question_why(staged: StagedWorld, stage: str) -> None:
    case, tried = staged.cases[stage], 0
    for name in MATRIX["asked"]["cases.diagram"][stage]:
        client, before = staged.client(name), state(staged, case)
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/settings").text)
        assert token is not None
        for rule in rules(staged):
            if rule.endpoint in ASKS | OF_RECORDS:
                continue
            for method in ({"GET"} | CHANGES) & (rule.methods or set()):
                for page in pages(staged, rule, stage):
                    more = request(rule, method, token[1]) if method != "GET" else {}
                    answer = client.open(page, method=method, **more)
                    wanted = (303, 403, 404) if method == "GET" else (403, 404, 410)
                    assert answer.status_code in wanted, (name, method, page, answer.text)
                    assert answer.status_code != 303 or f"/cases/{case}?back=" in answer.location
                    assert not SEEN.findall(answer.text), (name, page)
                    tried += 1
        referred = {"case": case, "office": "barn", "purpose": "CHILD", "rev": 1}
        headers = {"Sec-Fetch-Site": "same-origin", "X-CSRF-Token": token[1]}
        headers |= {"Idempotency-Key": ONCE}
        answer = client.post("/v1/referrals", json=referred, headers=headers)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "reason_needed")
        assert state(staged, case) == before, name
    assert tried > 20


def test_the_page_that_asks_shows_nothing_of_the_case(staged: StagedWorld) -> None:
    case = staged.cases["2"]
    before = state(staged, case)
    for tab in ("overview", "history", "people", "letters"):
        page = staged.client("omar").get(f"/cases/{case}?tab={tab}").text
        assert "t-stepper" not in page
        assert "t-facts" not in page
        assert "data-step" not in page
    assert state(staged, case) == before
