"""Entries and facts that fit their chain and tell of what cannot have happened are named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import insert

from service.audit import verify
from service.audit.checks.entry_order import PlanRuns, check_moves, check_prints, check_withdrawals
from service.casework.history.chain_checks import load_stream
from service.records.context import Actor, release_stream
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.casefile import consents, facts
from service.store.casefile.consents import Consent
from service.store.installation import ledger_entries
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import consent
from service.store.writing import write_last
from tests.support.damaged_case import DamagedCase

SARA, STINA, ELSE = Actor("p_sara"), Actor("p_stina"), Actor("p_else")
DIGEST = "ab" * 32
Step = tuple[str, Actor, dict[str, str]]


def step(kind: str, by: Actor = SARA, digest: str = DIGEST, hours: int = 1, **more: str) -> Step:
    """One entry about an approval; `hours` is how long what was approved can be used."""
    return kind, by, {"approval": "a1", "what": "export", "digest": digest, "h": f"{hours}", **more}


ASKED, GIVEN, USED = step("asked"), step("given", STINA), step("used")
ENDED: Final[Step] = step("ended")
STORIES: Final[dict[str, tuple[Sequence[Step], str]]] = {
    "used after it was given": ([ASKED, GIVEN, USED], ""),
    "ended by who gave it": ([ASKED, GIVEN, step("ended", STINA)], ""),
    "taken back by who asked": ([ASKED, ENDED], ""),
    "refused": ([ASKED, step("refused", STINA)], ""),
    "ran out": ([ASKED, step("expired", Actor("clock"))], ""),
    "used, not asked": ([USED], "the entry by which it was asked for"),
    "given, not asked": ([GIVEN], "the entry by which it was asked for"),
    "ended, not asked": ([ENDED], "the entry by which it was asked for"),
    "expired, not asked": ([step("expired")], "the entry by which it was asked for"),
    "used, not given": ([ASKED, USED], "the entry by which it was given"),
    "ended by another, not given": (
        [ASKED, step("ended", STINA)],
        "the entry by which it was given",
    ),
    "given by who asked": ([ASKED, step("given")], "a second person"),
    "refused by who asked": ([ASKED, step("refused")], "a second person"),
    "given twice": ([ASKED, GIVEN, GIVEN], "a request that waits"),
    "used by another": ([ASKED, GIVEN, step("used", ELSE)], "the person who asked for it"),
    "used for another digest": ([ASKED, GIVEN, step("used", digest="cd")], "what was asked for"),
    "given for another digest": ([ASKED, step("given", STINA, "cd")], "what was asked for"),
    "used as another kind": (
        [ASKED, GIVEN, step("used", what="unmask_case")],
        "what was asked for",
    ),
    "used twice": ([ASKED, GIVEN, USED, USED], "a request that is not over"),
    "used after it was refused": (
        [ASKED, step("refused", STINA), USED],
        "a request that is not over",
    ),
    "asked twice": ([ASKED, ASKED], "a request of another id"),
    "used when it had run out": (
        [ASKED, step("given", STINA, hours=0), USED],
        "one that has not run out",
    ),
}


def told(damaged: DamagedCase, stream: str, steps: Sequence[Step]) -> None:
    """Write entries about an approval, as the program does."""
    now = damaged.desk.clock.now()
    for kind, by, given in steps:
        body = {name: value for name, value in given.items() if name != "h"}
        if kind in ("expired", "ended"):
            del body["digest"]
        if kind in ("asked", "given"):
            body["until"] = (now + timedelta(hours=int(given["h"]))).isoformat()
        append_entry(damaged.tx, stream, f"approval_{kind}", by=by, now=now, body=body)
    write_last(damaged.tx)


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("where", ["case", "system"])
def test_each_step_of_an_approval_needs_those_before(
    damaged: DamagedCase, name: str, where: str
) -> None:
    steps, expected = STORIES[name]
    stream = f"case/{damaged.case}" if where == "case" else where
    last = ledger_entries.end(damaged.tx, stream)[0]
    told(damaged, stream, steps)
    at = last + len(steps)
    kind = f"approval_{steps[at - last - 1][0]}"
    about = damaged.case if where == "case" else where
    said = f"{about} line {at}: I10: expected {expected}, found {kind} without it"
    assert [str(one) for one in damaged.faults()] == ([said] if expected else [])


def test_a_chain_that_somebody_went_on_with_is_named_by_its_story_too(
    damaged: DamagedCase,
) -> None:
    """The hashes fit; the MAC is missing, and nobody gave what is used."""
    stream = f"case/{damaged.case}"
    end = ledger_entries.end(damaged.tx, stream)
    body = {"approval": "a1", "what": "export", "digest": DIGEST}
    now = damaged.desk.clock.now()
    forged = ledger_lines.write(
        stream, end, kind="approval_used", at=now, actor="p_sara", body=body
    )
    damaged.tx.run(ledger_entries.ADD, values(forged))
    place = f"{damaged.case} line {forged.seq}: I10: expected"
    assert [str(one) for one in damaged.faults()] == [
        f"{place} the entry by which it was asked for, found approval_used without it",
        f"{place} an entry that this installation wrote, found one without its MAC",
    ]


RELEASE = "r" * 64


def moved(damaged: DamagedCase, kind: str) -> list[str]:
    """What is wrong with a move of the case by a plan of Sara's, or with its undoing."""
    (fact, *_) = facts.of_case(damaged.tx, damaged.case)
    stimulus = {"plan": "p1"}
    turn = facts.Turn(stimulus, [], [])
    told_fact = {**values(fact), "kind": kind, "actor": "p_sara", "release_id": RELEASE}
    found = check_moves(
        PlanRuns(damaged.tx, damaged.desk.program.services),
        damaged.case,
        [facts.Fact(**{**told_fact, "turn": turn})],
    )
    return [one.expected for one in found]


@pytest.mark.parametrize("lacks", ["", "begun", "used", "plan", "actor", "release", "other kind"])
def test_a_case_moves_only_in_a_run_that_was_begun_and_approved(
    damaged: DamagedCase, lacks: str
) -> None:
    now, stream = damaged.desk.clock.now(), release_stream(damaged.desk.program.services)
    what = "export" if lacks == "other kind" else "migrate_cases"
    steps = [step("asked", what=what), step("given", STINA, what=what), step("used", what=what)]
    told(damaged, "system", steps[:2] if lacks == "used" else steps)
    body: dict[str, Any] = {
        "plan": "p2" if lacks == "plan" else "p1",
        "release": "s" * 64 if lacks == "release" else RELEASE,
        "approval": "a1",
    }
    by = ELSE if lacks == "actor" else SARA
    if lacks != "begun":
        append_entry(damaged.tx, stream, "migration_started", by=by, now=now, body=body)
        write_last(damaged.tx)
    assert len(moved(damaged, "move")) == (1 if lacks else 0)


def test_a_case_is_put_back_only_in_a_run_that_was_begun(damaged: DamagedCase) -> None:
    assert len(moved(damaged, "restore")) == 1
    now, stream = damaged.desk.clock.now(), release_stream(damaged.desk.program.services)
    body = {"plan": "p1", "release": RELEASE}
    append_entry(damaged.tx, stream, "migration_undone", by=SARA, now=now, body=body)
    write_last(damaged.tx)
    assert moved(damaged, "restore") == []


@pytest.mark.parametrize("what", ["print_case", "print_task", "open_document", "make_paper"])
@pytest.mark.parametrize("look", ["", "print", "of another", "earlier"])
def test_what_was_printed_of_a_protected_identity_has_its_entry(
    damaged: DamagedCase, what: str, look: str
) -> None:
    steps = [step("asked", what=what), step("given", STINA, what=what), step("used", what=what)]
    now = damaged.desk.clock.now()
    if look:
        append_entry(
            damaged.tx,
            f"reads/{damaged.case}",
            "print",
            by=ELSE if look == "of another" else SARA,
            now=now - timedelta(minutes=1) if look == "earlier" else now,
            body={"purpose": "print"},
        )
    told(damaged, f"case/{damaged.case}", steps)
    found = check_prints(damaged.tx, damaged.case, of_case(damaged))
    assert len([*found]) == (0 if look == "print" else 1)


def test_a_paper_was_made_with_its_entry(damaged: DamagedCase) -> None:
    body = {"document": "d1", "paper": "x"}
    now, stream = damaged.desk.clock.now(), f"case/{damaged.case}"
    append_entry(damaged.tx, stream, "paper_made", by=SARA, now=now, body=body)
    write_last(damaged.tx)
    assert len([*check_prints(damaged.tx, damaged.case, of_case(damaged))]) == 1


def of_case(damaged: DamagedCase) -> list[Any]:
    return [*load_stream(damaged.tx, f"case/{damaged.case}")]


def given(damaged: DamagedCase, **change: Any) -> None:
    """A consent that the first fact gave."""
    now, day = damaged.desk.clock.now(), date(2026, 3, 2)
    row = Consent("k1", damaged.case, "HEALTH", "her", "signed", day, None, b"x", 1, "p_sara", now)
    made = {**values(row), "mac": consents.ROWS.mac(damaged.tx, row), **change}
    damaged.tx.run(as_system("verify", insert(consent).values(**made)))


def withdrawals(damaged: DamagedCase) -> list[tuple[str, str]]:
    found = check_withdrawals(damaged.tx, damaged.case, of_case(damaged))
    return [(one.place.split()[0], one.expected) for one in found]


def withdraw(damaged: DamagedCase, purpose: str = "HEALTH") -> None:
    now, stream = damaged.desk.clock.now(), f"case/{damaged.case}"
    body = {"purpose": purpose}
    append_entry(damaged.tx, stream, "consent_withdrawn", by=SARA, now=now, body=body)
    write_last(damaged.tx)


def test_a_consent_is_withdrawn_only_after_it_was_given(damaged: DamagedCase) -> None:
    withdraw(damaged)
    assert withdrawals(damaged) == [("line", "a consent that was given before")]
    assert [one.expected for one in damaged.faults()] == ["a consent that was given before"]
    given(damaged, withdrawn_on=date(2026, 3, 3))
    assert withdrawals(damaged) == []
    withdraw(damaged, "TRAVEL")
    assert withdrawals(damaged) == [("line", "a consent that was given before")]


def test_a_consent_that_was_withdrawn_has_its_entry(damaged: DamagedCase) -> None:
    given(damaged, withdrawn_on=date(2026, 3, 3))
    assert withdrawals(damaged) == [("consent", "an entry that it was withdrawn")]


@pytest.mark.parametrize(("rev", "faults"), [(1, 1), (2, 0)])
def test_a_fact_withdraws_what_an_earlier_one_gave(
    damaged: DamagedCase, rev: int, faults: int
) -> None:
    given(damaged, withdrawn_on=date(2026, 3, 3), rev_withdrawn=rev)
    assert len(withdrawals(damaged)) == faults


def test_one_case_alone_is_asked_too(damaged: DamagedCase) -> None:
    told(damaged, f"case/{damaged.case}", [USED])
    services, now = damaged.desk.program.services, damaged.desk.clock.now()
    assert len(verify.verify_alone(damaged.tx, services, damaged.case, now=now).faults) == 1
