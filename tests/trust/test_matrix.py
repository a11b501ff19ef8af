"""T3, T4, T13: every address about a case, asked for by everybody, in every stage.

Nobody opens or reads there what is not for her.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from service.casework.pages.case_page import TABS
from service.errors import BadSettings
from service.web.application import create_app
from service.web.page_policy import PAGE_POLICIES, THINGS, page_policy, require_policies
from tests.support.scale import times
from tests.trust.canaries import MARK, Canary
from tests.trust.staged_world import StagedWorld

MATRIX: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("matrix.toml").read_text(encoding="utf-8")
)
STAGES = ("1", "2", "m", "3", "x")
CLASSES = ("C0", "C1", "C2", "C3")
OWN_OFFICE = "own-office"
ASKERS = ["", *MATRIX["people"], *MATRIX["programs"]]
"""Who asks: a stranger, people, programs."""
ROLES = {**MATRIX["people"], **MATRIX["programs"]}
SEEN = re.compile(MARK + r"\d{4}")
CHANGES = {"POST", "PUT", "DELETE"}
ONCE = "01JN8GN2E0QE201BPQ7M6N85N6"
BODIES: dict[str, dict[str, Any]] = {
    "v1.send_message": {"message": "withdraw"},
    "v1.correct_answer": {"fact": 1, "rev": 1, "reason": "x"},
    "v1.keep_unsent": {"answers": {}},
    "v1.preview": {"answers": {}},
    "v1.complete": {"rev": 1},
    "v1.refuse_referral": {"reason": "OTHER", "text": "x"},
    "v1.say_why": {"reason": "PHONE"},
    "v1.make_paper": {"paper": "card", "lang": "sv", "reason": "GIVE"},
    "v1.open_answers": {"groups": ["name"]},
    "v1.ask_approval": {"kind": "print_case", "reason": "x"},
}
"""What operations take that cannot be empty."""
PARTS = {"v1.add_signed_paper": {"code": "AAAA-AAAA"}}
"""The same of those that take a file."""
ALWAYS = ("cases.show", "v1.get_case")
"""Addresses that everybody asks for in every stage: most of what a case shows stands there."""
LEADS_IN = "home.go"
"""The address in letters: it leads to a task or a case, and shows nothing."""

pytestmark = pytest.mark.slow


def rules(staged: StagedWorld) -> list[Rule]:
    """Addresses about a thing of a case."""
    return [
        rule
        for rule in staged.app.url_map.iter_rules()
        if any(THINGS[name].of_case for name in rule.arguments) and rule.endpoint != LEADS_IN
    ]


def rules_for(staged: StagedWorld, name: str, stage: str) -> list[Rule]:
    """Those that somebody asks for in a stage: each in one of the five, so that between them
    everybody asks for everything; a long run leaves none out, and a program none of the interface.
    """
    turn = ASKERS.index(name) + STAGES.index(stage)
    return [
        rule
        for at, rule in enumerate(rules(staged))
        if times()
        or rule.endpoint in ALWAYS
        or (name in MATRIX["programs"] and rule.endpoint.startswith("v1."))
        or (at + turn) % len(STAGES) == 0
    ]


def pages(staged: StagedWorld, rule: Rule, stage: str, *, tabs: bool = False) -> list[str]:
    """Addresses of this kind in the case of a stage; with `tabs` every tab of its page."""
    names = [name for name in rule.arguments if THINGS[name].of_case]
    name = next((name for name in names if name != "case"), "case")
    rest: dict[str, Any] = {"message": "withdraw"} if "message" in rule.arguments else {}
    rest |= {"fact": 1} if "fact" in rule.arguments else {}
    rest |= {"case": staged.cases[stage]} if "case" in names else {}
    with staged.app.test_request_context(base_url="http://localhost"):
        found = [
            url_for(rule.endpoint, **{**rest, name: id_}) for id_ in staged.things(stage)[name]
        ]
    return (
        [f"{page}?tab={tab}" for page in found for tab in TABS]
        if tabs and rule.endpoint == "cases.show"
        else found
    )


def changing(rule: Rule, method: str, token: str) -> dict[str, Any]:
    """A change as a page would send it, or a program what the operation takes."""
    ours = {"Sec-Fetch-Site": "same-origin"}
    if not rule.endpoint.startswith("v1."):
        return {"data": {"csrf_token": token, "_once": ONCE}, "headers": ours}
    headers = {**ours, "X-CSRF-Token": token, "Idempotency-Key": ONCE, "If-Match": '"r1"'}
    if rule.endpoint in PARTS:
        return {"data": PARTS[rule.endpoint], "headers": headers}
    return (
        {"json": BODIES.get(rule.endpoint, {}), "headers": headers}
        if method != "DELETE"
        else {"headers": headers}
    )


def may_see(role: str, stage: str, one: Canary, *, own: bool) -> bool:
    """What the hand-written table says of an answer."""
    mode = MATRIX["see"][role][stage][CLASSES.index(one.klass)]
    if (one.group == OWN_OFFICE and not own) or mode == "-" or (mode == "O" and not own):
        return False
    narrow = [
        (kind, row)
        for kind in ("only", "never")
        for row in MATRIX[kind]
        if row["role"] == role and stage in row["stages"] and row["class"] == one.klass
    ]
    return all((one.group in row["groups"]) == (kind == "only") for kind, row in narrow)


def test_every_case_address_stands_in_the_table(
    staged: StagedWorld,
) -> None:
    asked = {rule.endpoint for rule in rules(staged) if "GET" in (rule.methods or ())}
    assert set(MATRIX["open"]) == asked
    assert set(MATRIX["see"]) == set(MATRIX["people"].values())
    assert all(set(row) == set(STAGES) for row in MATRIX["open"].values())


def test_everybody_asks_for_every_address_in_some_stage(staged: StagedWorld) -> None:
    whole = {rule.rule for rule in rules(staged)}
    for name in ASKERS:
        asked = [{rule.rule for rule in rules_for(staged, name, stage)} for stage in STAGES]
        assert set.union(*asked) == whole


@pytest.mark.parametrize("stage", STAGES)
def test_everybody_opens_what_the_table_says_and_sees_no_more(
    staged: StagedWorld, stage: str
) -> None:
    check_openings(staged, stage)


def check_openings(
    staged: StagedWorld, stage: str, *, unknown: frozenset[int] = frozenset()
) -> None:
    """Ask for addresses of a case as everybody, and look at what comes.

    Args:
        unknown: what an address that nobody knows gets besides 404.
    """
    seen: dict[str, set[str]] = {}
    for name in ASKERS:
        role = ROLES.get(name, "")
        client = staged.client(name)
        office = staged.office(name)
        for rule in rules_for(staged, name, stage):
            if "GET" not in (rule.methods or ()):
                continue
            may = name in MATRIX["open"][rule.endpoint][stage]
            led = name in MATRIX["asked"].get(rule.endpoint, {}).get(stage, ())
            for page in pages(staged, rule, stage, tabs=may):
                answer = client.get(page)
                program = rule.endpoint.startswith("v1.")
                stranger = 401 if program else 303
                nobody = not name or (name in MATRIX["programs"] and not program)
                asked = {403} if program else {303}
                # who sent an answer of an ended case hears that it has ended
                ended = {410} if rule.endpoint == "cases.correct" and stage == "x" else set()
                no = {403, 404} | ended | unknown
                wanted = {stranger} if nobody else asked if led else {200} if may else no
                assert answer.status_code in wanted, (name, page)
                if led and program:
                    assert answer.get_json()["code"] == "reason_needed", (name, page)
                if led and not program:
                    assert answer.location.startswith(f"/cases/{staged.cases[stage]}?back=")
                shown = set(SEEN.findall(answer.get_data().decode("utf-8", "replace")))
                assert answer.status_code == 200 or not shown, (name, page)
                leaked = {
                    word
                    for word in shown
                    if not may_see(
                        role,
                        stage,
                        staged.canaries[word],
                        own=staged.canaries[word].office == office,
                    )
                }
                assert {
                    (staged.canaries[word].key, staged.canaries[word].klass) for word in leaked
                } == set(), (name, page)
                seen.setdefault(name, set()).update(shown)
    assert stage == "x" or any(seen.values()), "the pages show answers to those who may see them"


def test_the_glass_opens_one_page_to_one_person_and_nothing_else(staged: StagedWorld) -> None:
    seen = set[str]()
    for stage, name in MATRIX["broken"]["opens"].items():
        client = staged.client(name)
        page = break_glass(staged, client, stage)
        shown = client.get(page)
        assert shown.status_code == 200, stage
        assert staged.reference(stage) in shown.text, stage
        seen |= {staged.canaries[word].key for word in SEEN.findall(shown.text)}
        for rule in rules(staged):
            if "GET" in (rule.methods or ()):
                for other in pages(staged, rule, stage):
                    answer = client.get(other)
                    assert answer.status_code in (403, 404), (name, other)
                    assert not SEEN.search(answer.text), (name, other)
        for who in {"": "", **MATRIX["people"]}:
            if who != name:
                answer = staged.client(who).get(page)
                assert answer.status_code == (404 if who else 303), (who, page)
                assert not SEEN.search(answer.text), (who, page)
        end = f"/approvals/{page.split('/')[-1]}/end"
        sent = {"csrf_token": form_token(client), "_once": ONCE}
        ours = {"Sec-Fetch-Site": "same-origin"}
        assert client.post(end, data=sent, headers=ours).status_code == 303, stage
        assert not SEEN.search(client.get(page).text), "it is over"
    assert " ".join(sorted(seen)) == " ".join(MATRIX["broken"]["answers"])


def break_glass(staged: StagedWorld, client: FlaskClient, stage: str) -> str:
    """Say that there is danger to life in the case of a stage; gives the page that opens."""
    sent = {"csrf_token": form_token(client), "_once": ONCE[:-1] + stage.upper()}
    sent |= {"named": staged.reference(stage), "why": "Her sister rang"}
    ours = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/break-glass", data=sent, headers=ours)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def form_token(client: FlaskClient) -> str:
    """The token of a person's forms."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/settings").text)
    assert token is not None
    return token[1]


@pytest.mark.parametrize("stage", STAGES)
def test_nobody_moves_a_case_that_she_may_not_open(staged: StagedWorld, stage: str) -> None:
    for name in MATRIX["people"]:
        if name in MATRIX["open"]["cases.show"][stage]:
            continue
        client = staged.client(name)
        token = form_token(client)
        for rule in rules_for(staged, name, stage):
            for method in CHANGES & (rule.methods or set()):
                for page in pages(staged, rule, stage):
                    answer = client.open(page, method=method, **changing(rule, method, token))
                    assert answer.status_code in (403, 404), (name, page, answer.text)


def test_a_view_about_an_unknown_subject_stops_the_start(
    staged: StagedWorld,
) -> None:
    app = create_app(staged.program)

    @page_policy("plain")
    def view(secret: str) -> str:
        return secret

    app.add_url_rule("/secrets/<secret>", "secrets", view)
    with pytest.raises(BadSettings, match=r"/secrets/<secret> names secret"):
        require_policies(app)


def test_a_case_view_that_lets_strangers_in_stops_the_start(staged: StagedWorld) -> None:
    app = create_app(staged.program)

    @page_policy("plain", signed_in=False)
    def view(case: str) -> str:
        return case

    app.add_url_rule("/open/<case>", "opened", view)
    with pytest.raises(BadSettings, match="opened is about a case and lets strangers in"):
        require_policies(app)
    assert view in PAGE_POLICIES


@pytest.mark.parametrize(
    ("role", "stage", "klass", "group", "own", "seen"),
    [
        ("IomLocal", "2", "C3", "route", False, True),
        ("IomLocal", "2", "C3", "whereabouts", False, False),
        ("ReferringPartner", "1", "C2", "", False, False),
        ("ReferringPartner", "1", "C2", "", True, True),
        ("IomHelsinki", "2", "C1", OWN_OFFICE, False, False),
        ("auditor", "2", "C1", "", True, False),
    ],
)
def test_the_table_says_what_it_seems_to_say(
    role: str,
    stage: str,
    klass: str,
    group: str,
    own: bool,  # noqa: FBT001 - a row of a table of cases
    seen: bool,  # noqa: FBT001 - same
) -> None:
    assert may_see(role, stage, Canary("", "key", klass, group, "there"), own=own) is seen
