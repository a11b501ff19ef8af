"""Tasks that the plan gives an office: they wait for its records officers until one answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.access import Viewer
from service.casework.retention import retention_process, retention_tasks
from service.casework.retention.retention_tasks import ArchiveReceipt
from service.engine import Complete, Start, advance
from service.errors import InvalidAnswers, NotFound, TaskClosed
from service.security.keyring import Keyring
from service.store.casefile import retention_acts
from service.store.casefile.retention_acts import DESTROY, HAND_OVER, RECALL, REVIEW, RetentionAct
from service.store.work import letters
from tests.support.directory import OFFICE, THREE_OFFICES
from tests.support.plans import SENSITIVE, rule, signed
from tests.support.small_plan import ASKING, RULES, ended, with_plan, work, world_with
from tests.support.world import NOON, World, open_world

HANDING = rule("ARCHIVE", HAND_OVER, "P0D", classes=SENSITIVE)
SARA = Viewer("p_sara", OFFICE, frozenset({"ask", "records-officer"}))
COLLEAGUE = Viewer("p_eva", OFFICE, frozenset({"ask"}))
OTHER = Viewer("p_omar", "o_lst", frozenset({"records-officer"}))


def plan(more: str) -> str:
    """The signed rules, and one more."""
    return signed(RULES + more, "SOCIALTJANST")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = world_with(database_url, keyring, plan(ASKING))
    yield made
    made.database.close()


def acts(desk: World, case: str, does: str) -> list[RetentionAct]:
    with desk.database.transaction(write=False) as tx:
        return [act for act in retention_acts.of_case(tx, case) if act.does == does]


def answer(
    desk: World,
    by: Viewer,
    act: str,
    reason: str = "The person may come back.",
    receipt: ArchiveReceipt | None = None,
) -> None:
    with desk.database.transaction() as tx:
        retention_tasks.answer_task(
            *(tx, desk.program.services, by, desk.clock.now()),
            act=act,
            reason=reason,
            receipt=receipt,
        )


@pytest.mark.parametrize("does", retention_process.KINDS)
def test_every_way_through_the_diagram_ends(does: str) -> None:
    made = retention_process.definition(retention_process.VERSION)
    begun = advance(made, b"", Start({"what": does}), now=NOON, seed="1")
    (task,) = begun.open
    assert task.element == retention_process.STEPS[does]
    assert made.elements[task.element].roles == ("records-officer",)
    done = advance(made, begun.state, Complete(task.id, {}), now=NOON, seed="2")
    assert done.ends == ("End_Done",)
    with pytest.raises(NotFound):
        retention_process.definition(retention_process.VERSION + 1)


def test_a_review_is_a_task_until_it_is_answered_and_comes_again(desk: World) -> None:
    case = ended(desk)
    work(desk, 32)
    (task,) = acts(desk, case, REVIEW)
    assert (task.office_id, task.rule, task.classes) == (OFFICE, "LOOK", ["C0", "C1"])
    with desk.database.transaction(write=False) as tx:
        assert [row.id for row in retention_tasks.waiting_for(tx, SARA)] == [task.id]
        assert retention_tasks.waiting_for(tx, COLLEAGUE) == []
        assert retention_tasks.waiting_for(tx, OTHER) == []
    work(desk, 40)
    assert len(acts(desk, case, REVIEW)) == 2, "asked again each month, answered or not"
    for row in acts(desk, case, REVIEW):
        answer(desk, SARA, row.id)
    assert {row.outcome for row in acts(desk, case, REVIEW)} == {"kept"}
    with desk.database.transaction(write=False) as tx:
        assert retention_tasks.waiting_for(tx, SARA) == []
    assert desk.faults() == []


def test_only_a_records_officer_of_the_office_answers_once_and_says_why(desk: World) -> None:
    case = ended(desk)
    work(desk, 32)
    (task,) = acts(desk, case, REVIEW)
    for stranger in (COLLEAGUE, OTHER):
        with pytest.raises(NotFound):
            answer(desk, stranger, task.id)
    with pytest.raises(InvalidAnswers):
        answer(desk, SARA, task.id, " ")
    answer(desk, SARA, task.id)
    with pytest.raises(TaskClosed):
        answer(desk, SARA, task.id)


def test_the_office_gets_a_letter_and_data_protection_one_when_it_is_late(
    database_url: str, keyring: Keyring
) -> None:
    desk = open_world(database_url, keyring, with_plan(plan(ASKING)), directory=THREE_OFFICES)
    case = ended(desk)
    work(desk, 32)
    assert sent(desk, case) == {("retention_task", OFFICE)}
    work(desk, 20)
    work(desk, 25)
    work(desk, 1)
    late = [
        (template, office) for template, office in sent(desk, case) if template != "retention_task"
    ]
    assert [template for template, _ in late] == ["retention_late"]
    assert desk.faults() == []
    desk.database.close()


def sent(desk: World, case: str) -> set[tuple[str, str]]:
    with desk.database.transaction(write=False) as tx:
        return {(row.template, row.office_id) for row in letters.of_case(tx, case)}


def test_what_is_to_be_handed_over_is_not_erased_until_somebody_says_it_is(
    database_url: str, keyring: Keyring
) -> None:
    desk = world_with(database_url, keyring, plan(HANDING))
    case = ended(desk)
    work(desk, 60)
    (task,) = acts(desk, case, HAND_OVER)
    assert acts(desk, case, DESTROY) == []
    answer(desk, SARA, task.id, "On 1 June.", ArchiveReceipt("City archive", "2026-17"))
    work(desk, 2)
    assert len(acts(desk, case, DESTROY)) == 1
    assert len(acts(desk, case, HAND_OVER)) == 1
    assert desk.faults() == []
    desk.database.close()


def test_an_erasure_ends_reviews_of_what_is_gone_and_asks_who_has_copies(
    database_url: str, keyring: Keyring
) -> None:
    asking = rule("LOOK", REVIEW, "P0D", every="P1M", classes=SENSITIVE)
    desk = world_with(database_url, keyring, plan(asking))
    case = ended(desk)
    work(desk, 1)
    assert [row.ended_at for row in acts(desk, case, REVIEW)] == [None]
    work(desk, 60)
    assert {row.outcome for row in acts(desk, case, REVIEW)} == {"erased"}
    (recall,) = acts(desk, case, RECALL)
    assert recall.counts.keys() == {"letter"}
    work(desk, 60)
    assert len(acts(desk, case, RECALL)) == 1
    assert desk.faults() == []
    desk.database.close()


def test_in_a_plan_that_nobody_signed_nobody_is_asked(database_url: str, keyring: Keyring) -> None:
    desk = world_with(database_url, keyring, signed(RULES + ASKING, "MYNDIGHET"))
    case = ended(desk)
    work(desk, 60)
    assert acts(desk, case, REVIEW) == []
    desk.database.close()
