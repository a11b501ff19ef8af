"""What is open about an ended case in another case holds it by itself, until that is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.casework.cases.continuation import EndedCase, link_cases, name_earlier
from service.casework.retention import due_runs, holds
from service.casework.retention.erasure import ErasureOrder, erase
from service.release.bundle import Bundle
from service.release.programme.retention_rules import DESTROY, REOPENED
from service.security.keyring import Keyring
from service.store.casefile import retention_acts
from service.text import say
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import OFFICE, ROLE
from tests.support.plans import FILE, rule
from tests.support.small_plan import HEAD, SARA, SIGNED, ended
from tests.support.world import SEED, World, open_world

KIND = {"complaintRole": '"string"\nvalues = ["OTHER"]', "isMinor": '"boolean"'}
ROUTING = {"class": "C0", "routing": "yes"}
OTHER = {"label": "Någon annan", "value": "OTHER"}
YES_NO = [{"label": "Ja", "value": True}, {"label": "Nej", "value": False}]
ASKED = small.form(
    "asked",
    {**small.field("complaintRole", "radio", "C0", values=[OTHER]), "properties": ROUTING},
    {
        **small.field("isMinor", "radio", "C0", values=YES_NO),
        "properties": {**ROUTING, "as": "yesno"},
    },
)
TYPES = small.TYPES + "".join(
    f'[{key}]\ntype = {kind}\nclass = "C0"\n' for key, kind in KIND.items()
)
ASKS = d.ext(f'<zeebe:formDefinition formId="asked"/>{d.props(roles=ROLE)}')


def begins(id_: str) -> str:
    return d.start(id_, ASKS)


PROCESSES = (
    d.process("p", begins("s") + small.person("a", "ask") + d.end(), "s>a a>e"),
    d.process("call", begins("cs") + small.person("talk") + d.end("ce"), "cs>talk talk>ce"),
    d.process(
        "call_with_alarm",
        begins("as") + d.call("ring", "alarm") + d.end("ae"),
        "as>ring ring>ae",
    ),
    d.process("alarm", d.start("ls") + small.person("take") + d.end("le"), "ls>take take>le"),
)
FILES = {
    **small.bundle(*(d.document(one) for one in PROCESSES)).files,
    "forms/asked.form": ASKED,
    "workflows/config/types.toml": TYPES.encode(),
}
OPEN: dict[str, tuple[str, dict[str, list[str]], str]] = {
    "continued": ("s", {}, "a"),
    "child": ("s", {"isMinor": ["true"]}, "a"),
    "request": ("cs", {}, "talk"),
    "complaint": ("cs", {"complaintRole": ["OTHER"]}, "talk"),
    "alarm": ("as", {}, "take"),
}
"""What is open to the start of it, what is answered there, and its task."""


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, Bundle({**FILES, FILE: SIGNED.encode()}))
    yield made
    made.database.close()


def erased(desk: World, case: str) -> int:
    """Number of its erasures, after the worker has done what is due."""
    desk.worker().step()
    with desk.database.transaction(write=False) as tx:
        return len(retention_acts.of_case(tx, case))


def begin(desk: World, kind: str, old: str) -> str:
    """Begin what names an ended case, as the worker does it for a call with two words."""
    element, answers, _ = OPEN[kind]
    begun = desk.start(answers, element=element).case_id
    with desk.database.transaction() as tx:
        new, before = (
            EndedCase(id_, desk.program.services.key(tx, f"case:{id_}")) for id_ in (begun, old)
        )
        link_cases(tx, by=SEED, new=new, old=before, now=desk.clock.now())
    return begun


def why(desk: World, case: str) -> str:
    with desk.database.transaction(write=False) as tx:
        return holds.why_held(tx, desk.program.services, case, desk.clock.now())


@pytest.mark.parametrize("kind", OPEN)
def test_what_names_an_ended_case_holds_it_until_it_is_over(desk: World, kind: str) -> None:
    case, other = ended(desk), ended(desk)
    desk.later(days=20)
    begun = begin(desk, kind, case)
    desk.later(days=30)
    assert (erased(desk, case), erased(desk, other)) == (0, 1)
    assert (why(desk, case), why(desk, other)) == (kind, "")
    desk.do(begun, OPEN[kind][2], small.ANSWERS if OPEN[kind][2] == "a" else {})
    assert why(desk, case) == ""
    desk.later(days=1)
    assert erased(desk, case) == 1
    assert desk.faults() == []


def test_of_several_the_gravest_is_said(desk: World) -> None:
    case = ended(desk)
    for kind in ("continued", "request", "alarm"):
        begin(desk, kind, case)
    assert why(desk, case) == "alarm"


def test_a_case_that_was_erased_in_part_is_held_too(desk: World) -> None:
    """Its own key is gone, so that its own history names nobody any more."""
    case = ended(desk)
    begin(desk, "complaint", case)
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        order = ErasureOrder(case, OFFICE, ["C1"], "", services.current(tx).id)
        erase(tx, services, order, by=SEED, now=now)
    desk.later(days=60)
    assert why(desk, case) == "complaint"
    assert erased(desk, case) == 1


def test_a_complaint_alone_names_the_case_that_it_is_about(desk: World) -> None:
    case = ended(desk)
    begun = desk.start({"complaintRole": ["OTHER"]}, element="cs").case_id
    assert why(desk, case) == ""
    with desk.database.transaction() as tx:
        new = EndedCase(begun, desk.program.services.key(tx, f"case:{begun}"))
        name_earlier(tx, by=SEED, new=new, old=EndedCase(case, None), now=desk.clock.now())
    assert why(desk, case) == "complaint"


@pytest.mark.parametrize("kind", holds.WHYS)
def test_an_order_says_for_what_it_is(desk: World, kind: str) -> None:
    case = ended(desk)
    desk.later(days=20)
    now = desk.clock.now()
    with desk.database.transaction() as tx:
        row = holds.set_hold(
            *(tx, desk.program.services),
            by=SARA,
            now=now,
            case_id=case,
            until=now + timedelta(days=30),
            reason="Mål 12-26",
            why=kind,
        )
    assert why(desk, case) == kind
    desk.later(days=20)
    assert erased(desk, case) == 0
    with desk.database.transaction() as tx:
        holds.end_hold(tx, by=SARA, now=desk.clock.now(), hold_id=row.id)
    desk.later(days=1)
    assert erased(desk, case) == 1


@pytest.mark.parametrize("kind", ["continued", "request"])
def test_only_a_case_that_was_taken_up_again_is_excepted(
    database_url: str, keyring: Keyring, kind: str
) -> None:
    """A call about it holds it while it lasts, and is no reason to keep it after that."""
    text = HEAD + rule("HEALTH", DESTROY, "P1M", unless=[REOPENED])
    desk = open_world(database_url, keyring, Bundle({**FILES, FILE: text.encode()}))
    case = ended(desk)
    begun = begin(desk, kind, case)
    desk.do(begun, OPEN[kind][2], small.ANSWERS if OPEN[kind][2] == "a" else {})
    desk.later(days=40)
    with desk.database.transaction(write=False) as tx:
        found = due_runs.falling_due(tx, desk.program.services, desk.clock.now())
    assert (case in {one.falls.case for one in found.records}) is (kind == "request")
    desk.database.close()


def test_every_reason_has_a_sentence() -> None:
    every = {*OPEN, *holds.WHYS, "referral", "approval", "incident"}
    said = {say(f"retention.held_{kind}", lang) for kind in every for lang in ("sv", "en")}
    assert len(said) == 2 * len(every)
