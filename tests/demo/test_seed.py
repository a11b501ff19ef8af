"""The demo: forty cases that stand where they should whenever it is seeded, an incident that can be
mended, and a reset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.app import assemble
from service.application.container import Tresteg
from service.audit import verify
from service.casework import incidents
from service.casework.cases import case_visibility, continuation, given_answers
from service.casework.pages import visible_cases
from service.clock import SetClock, ShiftedClock
from service.demo import seed, state
from service.demo.player import make_player
from service.demo.scenarios import read_scenario
from service.errors import BadSettings, NotFound
from service.operations.start_checks import prepare_database
from service.people import accounts
from service.records.context import Actor
from service.release.retention_checks import is_signed
from service.security.keyring import Keyring, make_keyring
from service.settings import Settings
from service.store.casefile import cases, consents, facts, grants, retention_acts
from service.store.installation import installation_values, ledger_entries
from service.store.installation import releases as release_rows
from service.store.transaction import Tx
from service.store.work import incidents as incident_rows
from service.store.work import tasks
from service.workshop import drafts
from service.workshop.dry_run.case_fold import fold_case
from tests.demo.conftest import DATABASE, LOG, SPRING, program_at, seeded
from tests.stories.history import history
from tests.stories.promises import PROMISES
from tests.support.played_cases import SCENARIOS, UNTIL, play
from tests.support.shipped import copy_with_one_case, people_of

SATURDAY_NIGHT = datetime(2026, 5, 9, 22, 30, tzinfo=UTC)
MOMENTS = (
    pytest.param(datetime(2027, 1, 1, 9, 0, tzinfo=UTC), id="New Year's Day"),
    pytest.param(
        datetime(2026, 6, 19, 12, 0, tzinfo=UTC), id="Midsummer's Eve", marks=pytest.mark.soak
    ),
    pytest.param(SATURDAY_NIGHT, id="a Saturday night", marks=pytest.mark.soak),
)
"""A working day is that of most tests here, and a night that of the reset; of holidays a usual run
takes one.
"""
CASES = 40


@pytest.fixture(scope="module")
def spring(spring_folder: Path, keyring: Keyring) -> Iterator[Tresteg]:
    """A demo that was seeded on a Monday in May, for tests that change nothing another one looks
    at.
    """
    program = program_at(spring_folder / DATABASE, keyring, SPRING)
    yield program
    program.database.close()


@dataclass(frozen=True)
class Counts:
    """What pages and tours of the demo rely on."""

    cases: int
    overdue: set[str]
    incidents: int
    refused: int
    withdrawn: int
    marked: list[str]
    complete: int


SEEDED = Counts(
    cases=CASES,
    overdue={"klar-lind", "tyst-bok", "lila-ljung"},
    incidents=1,
    refused=1,
    withdrawn=1,
    marked=["trygg-ask"],
    complete=5,
)


def counts(tx: Tx, now: datetime) -> Counts:
    """Count them."""
    found = list(cases.listed(tx))
    return Counts(
        cases=len(found),
        overdue={
            case.ref
            for case in found
            for task in tasks.of_case(tx, case.id)
            if task.due is not None and task.due <= now
        },
        incidents=len(incidents.open_incidents(tx)),
        refused=sum(case.inner_end == "End_NotApproved" for case in found),
        withdrawn=sum(
            any(row.withdrawn_on for row in consents.of_case(tx, case.id)) for case in found
        ),
        marked=[case.ref for case in found if case.marking != "PROGRAMME_PROTECTED"],
        complete=sum(case.end == "End_CaseClosed" for case in found),
    )


@pytest.mark.slow
@pytest.mark.every_python
def test_a_seed_logs_nothing_that_looks_like_a_fault(spring: Tresteg, spring_folder: Path) -> None:
    with spring.database.transaction(write=False) as tx:
        assert len(incidents.open_incidents(tx)) == 1
    assert (spring_folder / LOG).read_text("utf-8") == ""


@pytest.mark.slow
def test_iom_medical_sees_health_only_where_she_is_asked(spring: Tresteg) -> None:
    services, now, seen = spring.services, spring.clock.now(), dict[str, set[str]]()
    with spring.database.transaction(write=False) as tx:
        mirja = accounts.load_viewer(tx, people_of(spring)["mirja"])
        assert mirja is not None
        for case in cases.listed(tx):
            live = [row for row in grants.of_case(tx, case.id) if row.live(now)]
            asked = any(row.rule == "G7" for row in live)
            entered = any(
                step[:2] == ["entered", "Task_FitToTravel"]
                for fact in facts.of_case(tx, case.id)
                for step in map(list, fact.steps)
            )
            assert entered or not asked, case.ref
            try:
                visibility = case_visibility.load_unexplained_visibility(
                    tx, services, mirja, case, now
                )
            except NotFound:
                continue
            assert asked, case.ref
            keys = services.case_keys(tx, case.id)
            newest = given_answers.newest(given_answers.load_answers(tx, keys, case.id))
            seen[case.ref] = {answer.klass for answer in visibility.shown(newest).values()}
        listed = visible_cases.load_visible_cases(tx, services, mirja, now)
    assert {row.case.ref for row in listed} == seen.keys()
    assert len(seen) < 13
    assert all("C3" not in classes for classes in seen.values())


@pytest.mark.slow
def test_who_came_back_has_two_cases_that_know_each_other(spring: Tresteg) -> None:
    with spring.database.transaction(write=False) as tx:
        old, new = cases.find(tx, "bred-vass"), cases.find(tx, "ater-sav")
        assert old is not None
        assert new is not None
        sara = accounts.load_viewer(tx, people_of(spring)["sara"])
        assert sara is not None
        now = spring.clock.now()
        assert continuation.load_case_links(
            tx, tx, spring.services, sara, new.id, now
        ).before == continuation.LinkedCase(old.id, "bred-vass")
        assert continuation.load_case_links(tx, tx, spring.services, sara, old.id, now).after == (
            continuation.LinkedCase(new.id, "ater-sav"),
        )


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_demo_has_the_same_tasks_late_whenever_it_is_seeded(
    tmp_path: Path, keyring: Keyring, moment: datetime
) -> None:
    program = seeded(tmp_path / "demo.db", keyring, moment)
    with program.database.transaction(write=False) as tx:
        assert counts(tx, moment) == SEEDED
        assert verify.verify_all(tx, program.services, now=moment).faults == ()
    program.database.close()


@pytest.mark.slow
def test_cases_of_the_demo_begin_on_the_release_of_their_time(spring: Tresteg) -> None:
    told = {one.ref: one.release for one in seed.scenarios(spring, seed.CASES)}
    with spring.database.transaction(write=False) as tx:
        begun = {
            case.ref: f"v{spring.services.release(tx, case.release_id).number}"
            for case in cases.listed(tx)
        }
    assert begun == told


@pytest.mark.slow
def test_what_an_organisation_wrote_is_erased_by_the_rule_that_it_signed(spring: Tresteg) -> None:
    with spring.database.transaction(write=False) as tx:
        case = cases.find(tx, "ny-mane")
        assert case is not None
        (act,) = retention_acts.every(tx)
        release = spring.services.release(tx, act.plan)
        plan = spring.services.configuration(release).retention
    assert (act.case_id, act.office_id) == (case.id, "foreningen-provhamn")
    assert (act.rule, release.number) == ("R3-NGO-END", 2)
    assert is_signed(plan, "NGO")
    assert act.confirmed_at == act.at, "no file held its keys any more"
    assert act.at <= SPRING - timedelta(days=60), "before the next plan, which nobody has signed"


@pytest.mark.slow
def test_no_case_of_the_demo_breaks_a_promise(spring: Tresteg) -> None:
    with spring.database.transaction(write=False) as tx:
        erased = {act.case_id for act in retention_acts.every(tx)}
        told = [
            history(tx, spring.services, case, SPRING)
            for case in cases.listed(tx, process="return_case")
            if case.id not in erased
        ]
        verified = verify.verify_all(tx, spring.services, now=SPRING)
    assert len(told) == CASES - len(erased)
    assert [
        f"{number}: {one.ref}: {broken}"
        for one in told
        for number, promise in PROMISES
        for broken in promise(one)
    ] == []
    assert verified.breaches == ()


@pytest.mark.slow
def test_the_history_of_the_demo_goes_forwards_in_every_stream(spring: Tresteg) -> None:
    with spring.database.transaction(write=False) as tx:
        for name, _ in ledger_entries.streams(tx):
            moments = [line.at for line in ledger_entries.of_stream(tx, name)]
            assert moments == sorted(moments), name


@pytest.mark.slow
def test_the_drafts_one_fault_breaks_the_promise_of_signing(
    spring: Tresteg,
) -> None:
    with spring.database.transaction(write=False) as tx:
        (draft,) = release_rows.drafts(tx, spring.services.programme.process)
    assert draft.title == "v4"
    wrong = [f for f in drafts.check_draft(spring.services, draft, {}) if f.severity == "E"]
    assert {f.code for f in wrong} == {"D809"}
    assert sorted(f.message.partition(" is done:")[0] for f in wrong) == [
        f'"{early}" can be reached before "{needed}"'
        for early, needed in (
            ("Preparation before and during the journey", "Check application and free will"),
            ("Tickets: confirm", "Informed decision: sign and send"),
        )
    ]


@pytest.mark.slow
def test_the_operator_corrects_the_address_and_the_case_moves_on(
    tmp_path: Path, keyring: Keyring
) -> None:
    program = play(
        f"sqlite:///{tmp_path / 'demo.db'}",
        keyring,
        [read_scenario(SCENARIOS / seed.CASES / "10-stilla-gran.scenario.json")],
    ).program
    operator = Actor("tor", "drift")
    with program.database.transaction() as tx:
        (incident,) = incidents.open_incidents(tx)
        case = cases.get(tx, incident.case_id or "")
        assert case is not None
        assert (case.ref, incident.element) == ("stilla-gran", "Svc_NotifyIomHelsinki")
        accounts.set_address(
            tx,
            program.services,
            office_id="foreningen-provhamn",
            address="provhamn@example.invalid",
            by=operator,
            now=UNTIL,
        )
        incidents.retry_incident(tx, incident_id=incident.id, by=operator, now=UNTIL)
        people = state.people(tx)
    player = make_player(program, SetClock(UNTIL), people)
    player.settle()
    player.close()
    with program.database.transaction(write=False) as tx:
        assert [task.element for task in tasks.of_case(tx, case.id)] == ["Task_CounselReturnee"]
        assert incident_rows.still_open(tx, after="") == []
        assert verify.verify(tx, program.services, case.id, now=UNTIL).faults == ()
    program.database.close()


@pytest.mark.slow
def test_a_reset_drops_what_visitors_did_and_resets_the_clock(
    tmp_path: Path, keyring: Keyring
) -> None:
    program = assemble(
        Settings(database_url=f"sqlite:///{tmp_path / 'demo.db'}"),
        clock=ShiftedClock(SetClock(SATURDAY_NIGHT)),
        keyring=keyring,
    )
    prepare_database(program)
    seed.seed_directory(program, SATURDAY_NIGHT)
    with program.database.transaction() as tx:
        state.pass_time(tx, timedelta(days=30))
        installation_values.put(tx, state.WALK, "somewhere")
    made = seed.DemoProgram(program)
    assert program.clock.now() == SATURDAY_NIGHT + timedelta(days=30)
    assert not made.seeded()
    made.reset()
    assert program.clock.now() == SATURDAY_NIGHT
    program.database.check()
    with program.database.transaction(write=False) as tx:
        assert counts(tx, SATURDAY_NIGHT) == SEEDED
        assert installation_values.get(tx, state.WALK) == ""
    assert made.seeded()
    program.database.close()


class CutOff(Exception):
    """The process is stopped in the middle of the seed."""


@pytest.mark.slow
def test_a_cut_off_seed_does_not_stand_in_the_way(
    database_url: str, tmp_path: Path, keyring: Keyring
) -> None:
    def cut(done: int, steps: int) -> None:
        if done > steps // 2:
            raise CutOff

    workflows = copy_with_one_case(tmp_path / "workflows")
    program = assemble(
        Settings(database_url=database_url, workflows_dir=str(workflows)),
        clock=ShiftedClock(SetClock(SPRING)),
        keyring=keyring,
    )
    made = seed.DemoProgram(program)
    with pytest.raises(CutOff):
        seed.fill(program, progress=cut)
    assert not made.seeded()
    told: list[tuple[int, int]] = []
    seed.fill(program, progress=lambda *step: told.append(step))
    assert made.seeded()
    assert [done for done, _ in told] == list(range(1, told[-1][1] + 1))
    program.database.check()
    program.database.close()


def test_no_demo_without_a_demo_keyring(tmp_path: Path) -> None:
    program = assemble(
        Settings(database_url=f"sqlite:///{tmp_path / 'real.db'}"),
        clock=SetClock(SPRING),
        keyring=make_keyring(demo=False),
    )
    program.database.upgrade()
    with pytest.raises(BadSettings, match="demo keyring"):
        seed.seed(program)
    with pytest.raises(BadSettings, match="real"):
        seed.reset(program)
    program.database.close()


@pytest.mark.slow
def test_on_an_unchanged_draft_every_case_goes_the_same_way(spring: Tresteg) -> None:
    """Those of earlier releases too: what changed since then is not the draft's doing."""
    services = spring.services
    with spring.database.transaction(write=False) as tx:
        now, live = spring.clock.now(), services.current(tx)
        found = [
            fold_case(tx, services, case.id, draft=live, base=live, now=now)
            for case in cases.listed(tx)
        ]
    verdicts = Counter(outcome.verdict for outcome in found)
    assert verdicts == {"same": len(found) - 1, "erased": 1}
    moves = Counter(o.detail["move"]["verdict"] for o in found if "move" in o.detail)
    assert moves["moves"] > moves["choice"] + moves["cannot"] > 0
