"""After the first erasure in a case the rules that come later are counted as before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from service.casework.cases.continuation import EndedCase, link_cases
from service.casework.retention import due_runs
from service.casework.retention.erasing_again import erase_again
from service.casework.retention.erasure import ErasureOrder, as_listed, erase
from service.records.retention import FallingDue
from service.release.bundle import Bundle
from service.release.programme.retention_rules import DESTROY, REOPENED
from service.security.keyring import Keyring
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import keys, offices
from service.store.read_models import whole_rows
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import OFFICE, ROLE
from tests.support.filled_case import end_path, erased
from tests.support.plans import FILE, PLAIN, SENSITIVE, ground, moment, record, rule, signed
from tests.support.world import SEED, World, open_world

BORN = "2010-05-09"
RULES = (
    ground()
    + record("child", process=["p"], only_if={"name": "isMinor", "values": ["true"]})
    + record("adult")
    + moment()
    + moment("birth", answer=["dateOfBirth"])
    + rule("HEALTH", DESTROY, "P12M", record=["child", "adult"], classes=SENSITIVE)
    + rule("ADULT", DESTROY, "P10Y", record=["adult"], classes=PLAIN, unless=[REOPENED])
    + rule(
        "CHILD",
        DESTROY,
        "P28Y",
        record=["child"],
        classes=PLAIN,
        counted="birth",
        unless=[REOPENED],
    )
)
YES_NO = [{"label": "Ja", "value": True}, {"label": "Nej", "value": False}]
ASKED = small.form(
    "asked",
    {
        **small.field("isMinor", "radio", "C0", values=YES_NO),
        "properties": {"class": "C0", "routing": "yes", "as": "yesno"},
    },
    {
        **small.field("dateOfBirth", "textfield", "C2"),
        "properties": {"class": "C2", "as": "date"},
    },
)
BEGINS = d.ext(f'<zeebe:formDefinition formId="asked"/>{d.props(roles=ROLE)}')
FILES = {
    **small.bundle(
        d.diagram(d.start("s", BEGINS) + small.person("a", "ask") + d.end(), "s>a a>e")
    ).files,
    "forms/asked.form": ASKED,
    "workflows/config/types.toml": (
        small.TYPES + '[isMinor]\ntype = "boolean"\nclass = "C0"\n'
    ).encode(),
}


def bundle(rules: str) -> Bundle:
    return Bundle({**FILES, FILE: signed(rules, "SOCIALTJANST").encode()})


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, bundle(RULES))
    yield made
    made.database.close()


def begun(desk: World, minor: str = "true") -> str:
    return desk.start({"isMinor": [minor], "dateOfBirth": [BORN]}).case_id


def ended(desk: World, minor: str = "true") -> str:
    case = begun(desk, minor)
    desk.do(case, "a", small.ANSWERS)
    return case


def run(desk: World, case: str, day: date) -> list[RetentionAct]:
    """What runs in a case on a day."""
    desk.clock.set(datetime.combine(day, datetime.min.time(), UTC).replace(hour=12))
    with desk.database.transaction() as tx:
        return due_runs.run_case(tx, desk.program.services, case, desk.clock.now())


def falls(desk: World, case: str, day: date) -> list[FallingDue]:
    with desk.database.transaction(write=False) as tx:
        found, services = cases.get(tx, case), desk.program.services
        plan = due_runs.current_plan(tx, services)
        assert found is not None
        noon = datetime.combine(day, datetime.min.time(), UTC).replace(hour=12)
        return due_runs.of_case(tx, services, plan, found, offices.everyone(tx), noon)


def rules(acts: list[RetentionAct]) -> list[tuple[str, list[str]]]:
    return [(act.rule, act.classes) for act in acts]


def test_a_childs_file_goes_28_years_after_a_birth_that_was_erased(desk: World) -> None:
    case = ended(desk)
    assert rules(run(desk, case, date(2027, 3, 2))) == []
    assert rules(run(desk, case, date(2027, 3, 3))) == [("HEALTH", ["C2", "C3"])]
    assert rules(run(desk, case, date(2036, 3, 3))) == []
    assert rules(run(desk, case, date(2038, 5, 9))) == []
    assert rules(run(desk, case, date(2038, 5, 10))) == [("CHILD", ["C0", "C1"])]
    with desk.database.transaction(write=False) as tx:
        assert keys.of_case(tx, case) == []
    assert desk.faults() == []


def test_an_adults_file_stays_one(desk: World) -> None:
    case = ended(desk, "false")
    assert rules(run(desk, case, date(2027, 3, 3))) == [("HEALTH", ["C2", "C3"])]
    assert rules(run(desk, case, date(2036, 3, 2))) == []
    assert rules(run(desk, case, date(2036, 3, 3))) == [("ADULT", ["C0", "C1"])]


def test_a_plan_that_changes_after_the_erasure_counts(desk: World) -> None:
    case = ended(desk)
    run(desk, case, date(2027, 3, 3))
    desk.publish(bundle(RULES.replace("P28Y", "P30Y")))
    assert falls(desk, case, date(2040, 5, 9)) == []
    (found,) = falls(desk, case, date(2040, 5, 10))
    assert (found.day, found.rule) == (date(2040, 5, 10), "CHILD")


def test_nobody_reads_the_day_of_birth_in_the_row(desk: World) -> None:
    case = ended(desk)
    (act,) = run(desk, case, date(2027, 3, 3))
    assert {*act.later["days"]} == {f"{OFFICE}/C0", f"{OFFICE}/C1"}
    with desk.database.transaction(write=False) as tx:
        (row,) = whole_rows.stored(tx, "retention_act")
    written = json.dumps(row, default=str)
    assert "child" in written
    assert not any(part in written for part in (BORN, "2010", "2038"))


def test_a_case_that_was_taken_up_again_stays_so(desk: World) -> None:
    case = ended(desk)
    new = ended(desk)
    link(desk, new, case)
    assert rules(run(desk, case, date(2027, 3, 3))) == [("HEALTH", ["C2", "C3"])]
    assert falls(desk, case, date(2050, 1, 1)) == []


def test_a_case_that_was_taken_up_again_stays_so_when_nothing_is_left_of_the_later_one(
    desk: World,
) -> None:
    case, new = ended(desk, "false"), ended(desk, "false")
    link(desk, new, case)
    erased(desk, new)
    end_path(desk, new)
    assert rules(run(desk, case, date(2050, 1, 1))) == [("HEALTH", ["C2", "C3"])]
    assert falls(desk, case, date(2060, 1, 1)) == []


def test_a_case_may_be_taken_up_after_its_first_erasure(desk: World) -> None:
    case = ended(desk)
    run(desk, case, date(2027, 3, 3))
    run(desk, case, date(2027, 3, 4))
    link(desk, ended(desk), case)
    assert falls(desk, case, date(2050, 1, 1)) == []


def link(desk: World, new: str, old: str) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        both = (EndedCase(id_, services.key(tx, f"case:{id_}")) for id_ in (new, old))
        begins, before = both
        link_cases(tx, by=SEED, new=begins, old=before, now=desk.clock.now())


def test_a_copy_in_which_the_case_was_open_knows_that_it_is_a_childs(desk: World) -> None:
    """Its end in the copy leaves nothing that says so; the act that is done again does."""
    gone, case = ended(desk), begun(desk)
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        order = ErasureOrder(gone, OFFICE, ["C2", "C3"], "HEALTH", services.current(tx).id)
        listed = as_listed(erase(tx, services, order, by=SEED, now=now))
    with desk.database.transaction() as tx:
        again = replace(listed, id="01ARZ3NDEKTSV4RRFFQ69G5FAV", case_id=case, keys=())
        assert erase_again(tx, services, again, by=SEED, now=now)
    with desk.database.transaction(write=False) as tx:
        (act,) = retention_acts.of_case(tx, case)
    assert act.later["record"] == "child"
    assert falls(desk, case, date(2036, 3, 3)) == []
    assert rules(run(desk, case, date(2038, 5, 10))) == [("CHILD", ["C0"])]
