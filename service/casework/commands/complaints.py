"""A complaint: for whom it does not exist, which office may handle it, and who leaves the case that
it is about.

It is a case of its own, so that nothing of it is in the case that it is about. It is barred before
anybody gets it: a start with the first question of a complaint bars the new case to whom it names.
What follows is drawn. Source: decisions/0114.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from service.access import CLASSES, Bars
from service.casework.cases import bars, continuation, given_answers
from service.casework.cases.bars import ABOUT, LEFT, Barred
from service.casework.cases.continuation import EndedCase
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.casework.cases.turn import TurnResult
from service.casework.commands.job_commands import load_job
from service.casework.commands.turn_consequences import Origin, follow
from service.engine import Answer
from service.errors import HandlerFailed
from service.people import accounts
from service.records.context import WORKER, Actor, Services
from service.records.ledger_append import append_entry
from service.release.programme.named_fields import ComplaintQuestions
from service.store.at_hand import Reader
from service.store.casefile import case_bars, cases, facts, parties
from service.store.changes import Changes, Writer
from service.store.installation import offices, people
from service.store.installation.people import PersonWithKey
from service.store.transaction import Tx
from service.store.work import tasks
from service.store.work.jobs import Job
from service.store.writing import write

FIND_OFFICE: Final = "complaints.find_office"
"""Topic of the step that says which offices may handle a complaint."""
LEAVE: Final = "complaints.leave"
"""Topic of the step that lets somebody leave the case that a complaint is about."""
TOPICS: Final = (FIND_OFFICE, LEAVE)
NOBODY, PERSON, OFFICE = "NOBODY", "PERSON", "OFFICE"
"""What the decision says of who leaves."""
DONE, UNKNOWN, ALONE = "DONE", "UNKNOWN", "ALONE"
"""What became of it: done; there is no such case, person or office in it; nobody else of the office
could go on, so that first another office or person is needed."""
SHORTEST: Final = 2
"""Letters of the shortest word of a name that means somebody."""


def bar_at_start(
    writer: Writer,
    tx: Tx,
    services: Services,
    questions: ComplaintQuestions,
    answers: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    case_id: str,
) -> Bars:
    """Bar a new case to whom its answers complain about; gives whom, nobody when they do not."""
    if not questions.role or not answers.get(questions.role):
        return Bars()
    whom = list(whom_about(tx, services, questions, answers))
    bars.bar(writer, by=by, now=now, case_id=case_id, whom=whom, why=ABOUT)
    return Bars(
        frozenset(one.office for one in whom if one.office),
        frozenset(one.person for one in whom if one.person),
        frozenset(one.role for one in whom if one.role),
    )


def bar_in_case(
    tx: Tx,
    services: Services,
    questions: ComplaintQuestions,
    answers: Mapping[str, Any],
    holders: Mapping[str, str],
    *,
    now: datetime,
    case_id: str,
) -> None:
    """Bar a complaint to those whom it means in the case that it is about, besides those to whom
    it was barred as it began.

    Args:
        holders: role to office in the case that it is about.
    """
    before = {
        Barred(row.office_id, row.person_id, row.role) for row in case_bars.of_case(tx, case_id)
    }
    meant = whom_about(tx, services, questions, answers, holders)
    whom = [one for one in meant if one not in before]
    bars.bar(tx, by=WORKER, now=now, case_id=case_id, whom=whom, why=ABOUT)


def whom_about(
    reader: Tx,
    services: Services,
    questions: ComplaintQuestions,
    answers: Mapping[str, Any],
    holders: Mapping[str, str] | None = None,
) -> Iterator[Barred]:
    """Whom the answers of a complaint mean: rather too many than one too few.

    Args:
        holders: role to office in the case that it is about, where that is known.
    """
    row = questions.about.get(str(answers.get(questions.role, "")))
    office = str(answers.get(questions.office) or "")
    known = offices.everyone(reader)
    found: dict[Barred, None] = {}
    if office in known:
        found[Barred(office=office)] = None
    if row is not None:
        named = (services.programme.offices.get(name, "") for name in row.offices)
        in_case = ((holders or {}).get(role, "") for role in row.roles)
        found |= {Barred(office=one): None for one in (*named, *in_case) if one in known}
        whole = () if found else row.roles
        found |= {Barred(role=role): None for role in (*whole, *row.always)}
    said = str(answers.get(questions.person) or "")
    found |= {Barred(person=id_): None for id_ in sorted(_named(reader, services, said))}
    yield from found


def _named(reader: Tx, services: Services, said: str, of: Collection[str] = ()) -> set[str]:
    """The people whose names have every word of what was said, of all offices or of some."""
    words = {word for word in said.casefold().split() if len(word) >= SHORTEST}
    if not words:
        return set()
    wanted = of or offices.everyone(reader)
    every = [row for office in sorted(wanted) for row in people.of_office(reader, office)]
    return {
        row.person.id
        for row in every
        if words <= {*accounts.open_name(services, row).casefold().split()}
    }


def may_handle(
    reader: Reader, services: Services, questions: ComplaintQuestions, barred: Bars
) -> dict[str, bool]:
    """Routing name to whether an office may handle a complaint: it is none that the complaint is
    about, and somebody of it who is not either holds the role.
    """
    named, known = services.programme.offices, offices.everyone(reader)

    def may(name: str, role: str) -> bool:
        office = known.get(named.get(name, ""))
        if office is None or office.closed_at is not None or office.id in barred.offices:
            return False
        return _some(people.with_role(reader, office.id, role), barred)

    return {questions.free[name]: may(name, role) for name, role in questions.handled_by.items()}


def find_office(tx: Tx, services: Services, now: datetime, *, job_key: str) -> TurnResult:
    """Do the step that says which offices may handle a complaint; a rule chooses among them.

    Raises:
        TaskClosed: the job is gone.   CaseMoved: somebody was faster.
        HandlerFailed: no office may: an incident, which says nothing of the complaint.
    """
    job, loaded = load_job(tx, services, job_key)
    questions = _questions(services, loaded)
    found = may_handle(tx, services, questions, bars.load_bars(tx, loaded.case.id))
    if not any(found.values()):
        raise HandlerFailed("no office is left that may handle it")
    return _answer(tx, services, loaded, job, now, found)


def let_leave(tx: Tx, services: Services, now: datetime, *, job_key: str) -> TurnResult:
    """Do the step that lets somebody leave the case that a complaint is about, as its newest
    decision says. The complaint names that case from then on, and so holds it, whoever leaves.

    Nobody leaves whom nobody could replace: a complaint stops no alarm and no support.

    Raises:
        TaskClosed: the job is gone.   CaseMoved: somebody was faster in one of the two.
    """
    job, loaded = load_job(tx, services, job_key)
    at_hand = tx.read(*facts.reads_of_answers(loaded.case.id, CLASSES))
    given = given_answers.load_answers(at_hand, loaded.keys, loaded.case.id)
    said = {key: one.value for key, one in given_answers.newest(given).items()}
    questions = _questions(services, loaded)
    by = Actor(*_decided_by(given, questions))
    about = cases.find(tx, str(said.get(questions.about_case) or "").strip())
    if about is not None:
        new, old = EndedCase(loaded.case.id, loaded.key), EndedCase(about.id, None)
        continuation.name_earlier(tx, by=by, new=new, old=old, now=now)
    became = _leave(tx, services, questions, said, about, by=by, now=now)
    return _answer(tx, services, loaded, job, now, {questions.left: became})


def _decided_by(
    given: Collection[given_answers.GivenAnswer], questions: ComplaintQuestions
) -> tuple[str, str]:
    """Who decided last, and for which office."""
    own = [one for one in given if one.key == questions.leaves]
    return (own[-1].by, own[-1].office) if own else (WORKER.id, "")


def _leave(
    tx: Tx,
    services: Services,
    questions: ComplaintQuestions,
    said: Mapping[str, Any],
    case: cases.CaseSummary | None,
    *,
    by: Actor,
    now: datetime,
) -> str:
    leaves = said.get(questions.leaves, NOBODY)
    if leaves == NOBODY:
        return DONE
    if case is None or case.status == "ended":
        return UNKNOWN
    holders = parties.of_case(tx, case.id)
    if leaves == OFFICE:
        whom = [Barred(office=str(said.get(questions.leaves_office) or ""))]
        if whom[0].office not in holders.values():
            return UNKNOWN
    else:
        name = str(said.get(questions.leaves_person) or "")
        found = _named(tx, services, name, {*holders.values()})
        if len(found) != 1:
            return UNKNOWN
        whom = [Barred(person=found.pop())]
    return DONE if leave_case(tx, by=by, now=now, case_id=case.id, whom=whom) else ALONE


def leave_case(tx: Tx, *, by: Actor, now: datetime, case_id: str, whom: Collection[Barred]) -> bool:
    """Let somebody leave a case, for whom it does not exist from this moment on; gives whether she
    could. Tasks that she has go back to her office, which keeps the case.

    She cannot while a role that her office holds in the case would have nobody, or a task would
    wait for nobody.
    """
    before = bars.load_bars(tx, case_id)
    after = Bars(
        before.offices | {one.office for one in whom if one.office},
        before.persons | {one.person for one in whom if one.person},
        before.roles | {one.role for one in whom if one.role},
    )
    waiting = tasks.of_case(tx, case_id)
    needed = {(office, role) for role, office in parties.of_case(tx, case_id).items()}
    needed |= {(task.office_id, task.role) for task in waiting if task.office_id}
    for office, role in sorted(needed):
        able = people.with_role(tx, office, role)
        if _some(able, before) and not _some(able, after):
            return False
    gone = {row.person.id for row in _people(tx, waiting) if bars.meets(after, row)}
    for task in waiting:
        if task.claimed_by in gone:
            tasks.put_back(tx, task.key)
            body = {"task": task.key, "element": task.element}
            append_entry(tx, f"case/{case_id}", "claim_ended", by=by, now=now, body=body)
    bars.bar(tx, by=by, now=now, case_id=case_id, whom=whom, why=LEFT)
    return True


def _some(able: Collection[PersonWithKey], barred: Bars) -> bool:
    return any(not bars.meets(barred, row) for row in able)


def _people(tx: Tx, waiting: Collection[tasks.Task]) -> Collection[PersonWithKey]:
    claimed = {task.claimed_by for task in waiting if task.claimed_by}
    return people.of(tx, claimed).values() if claimed else ()


def _questions(services: Services, loaded: LoadedCase) -> ComplaintQuestions:
    return services.configuration(loaded.release).named_fields.complaint


def _answer(
    tx: Tx,
    services: Services,
    loaded: LoadedCase,
    job: Job,
    now: datetime,
    values: Mapping[str, Any],
) -> TurnResult:
    changes, given = Changes.of(tx), Submission(WORKER, now, job.element, job.nth, job.work_id)
    moved = follow(services, loaded, Answer(job.work_id, dict(values)), given, Origin(), changes)
    write(tx, changes)
    return moved.result
