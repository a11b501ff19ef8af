"""A request of a person: each office answers for its own, whoever cannot show who he is gets the
one answer, nothing that somebody typed leaves unread, and the clock is that of the law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from service.access import Viewer
from service.casework.casefile import read_log
from service.casework.cases.continuation import EndedCase, link_cases, name_earlier
from service.casework.retention import holds
from service.casework.subject_requests import asking, request_process
from service.casework.subject_requests.copy_parts import (
    COPIED,
    LOOK_LIST,
    NOT_COPIED,
    CopyPart,
    load_copy,
    pieces_of,
)
from service.casework.subject_requests.masks import view_of
from service.errors import InvalidAnswers, NotFound, TaskClosed
from service.records.context import actor
from service.release.programme.named_fields import RequestNames
from service.security.keyring import Keyring
from service.store.casefile import cases, erasing, subject_requests
from service.store.casefile.subject_requests import SubjectRequest
from tests.support import small
from tests.support.changed_configuration import with_configuration
from tests.support.directory import OFFICE, ROLE
from tests.support.filled_case import TWO, erased, fill_case
from tests.support.world import World, open_world

OFFICER = Viewer("p_sara", OFFICE, frozenset({ROLE, "records-officer"}))
MARK = "qzjxkvbwpf"
GROUND = "ANDRAS_RATT_15_4"
ZONE = "Europe/Stockholm"
ABOUT: dict[str, Any] = {
    "kind": "copy",
    "who": "herself",
    "proven": "document",
    "wish": "",
    "everywhere": False,
    "person": False,
}


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO)
    yield made
    made.database.close()


def ask(desk: World, case: str, kind: str = "copy", **given: object) -> str:
    about: dict[str, Any] = {
        **ABOUT,
        "kind": kind,
        "wish": "" if kind == "copy" else "Fel datum",
        **given,
    }
    id_: str = do(desk, partial(asking.ask, **about), case_id=case)
    return id_


def do(desk: World, act: Callable[..., Any], by: Viewer = OFFICER, **given: object) -> Any:
    with desk.database.transaction() as tx:
        return act(tx, desk.program.services, by, desk.clock.now(), **given)


def row(desk: World, id_: str) -> SubjectRequest:
    with desk.database.transaction(write=False) as tx:
        found = subject_requests.get(tx, id_)
    assert found is not None
    return found


def step(desk: World, id_: str) -> str:
    found = request_process.waiting_step(row(desk, id_), ZONE)
    return found.element if found is not None else ""


def parts(desk: World, case: str, lang: str = "sv", by: Viewer = OFFICER) -> tuple[CopyPart, ...]:
    with desk.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        assert found is not None
        now = desk.clock.now()
        return load_copy(tx, desk.program.services, by, found, lang, now=now)


def read_all(desk: World, case: str, id_: str) -> None:
    marked = {part.id: ((), "") for part in parts(desk, case) if part.is_free}
    do(desk, asking.read_parts, request=id_, marked=marked, lang="sv")


def test_every_column_that_bears_content_is_in_the_copy_or_says_why_not() -> None:
    assert COPIED.keys() | NOT_COPIED.keys() == erasing.HOW.keys()
    assert not COPIED.keys() & NOT_COPIED.keys()


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_each_mark_is_in_the_copy(desk: World, lang: str) -> None:
    case = fill_case(desk, MARK)
    id_ = ask(desk, case, "correct", wish=f"Fel{MARK}")
    do(desk, asking.decide, request=id_, outcome="granted", answer=f"Rättat{MARK}")
    with desk.database.transaction() as tx:
        until = desk.clock.now() + timedelta(days=9)
        by = actor(OFFICER)
        about: dict[str, Any] = {"by": by, "now": desk.clock.now(), "case_id": case, "until": until}
        holds.set_hold(tx, desk.program.services, **about, reason=MARK)
    longer = ask(desk, case, "object", wish="Ingen bild")
    do(desk, asking.lengthen, request=longer, why=f"Två kontor{MARK}")
    found = parts(desk, case, lang)
    marked = {part.id[0] for part in found if MARK in " ".join(part.pieces)}
    assert marked == {"a", "c", "d", "h", "n", "q"}
    answers = [part for part in found if part.id[0] == "a"]
    assert sum(MARK in " ".join(part.pieces) for part in answers) == 2 * len(small.TEXTS)
    assert all(part.is_free for part in found if MARK in " ".join(part.pieces))


def test_a_copy_leaves_when_all_that_was_typed_is_read(desk: World) -> None:
    case = fill_case(desk, MARK)
    id_ = ask(desk, case)
    assert step(desk, id_) == "Task_MakeCopy"
    with pytest.raises(InvalidAnswers):
        do(desk, asking.release_copy, request=id_, lang="sv")
    read_all(desk, case, id_)
    do(desk, asking.release_copy, request=id_, lang="sv")
    assert (row(desk, id_).outcome, step(desk, id_)) == ("granted", "Task_GiveAnswer")
    do(desk, asking.give, request=id_, how="handed")
    assert step(desk, id_) == ""
    with pytest.raises(TaskClosed):
        do(desk, asking.give, request=id_, how="handed")
    assert desk.faults() == []


def test_what_is_struck_out_has_a_ground(desk: World) -> None:
    case = fill_case(desk, MARK)
    id_ = ask(desk, case)
    (note,) = (part.id for part in parts(desk, case) if part.id[0] == "n")
    with pytest.raises(InvalidAnswers):
        do(desk, asking.read_parts, request=id_, marked={note: ((0,), "")}, lang="sv")
    read_all(desk, case, id_)
    for ground in ("POLIS_35_1", "SAMTYCKE_12_2", "NONE"):
        with pytest.raises(InvalidAnswers):
            do(desk, asking.read_parts, request=id_, marked={note: ((0,), ground)}, lang="sv")
    do(desk, asking.read_parts, request=id_, marked={note: ((0, 99), GROUND)}, lang="sv")
    do(desk, asking.release_copy, request=id_, lang="sv")
    found = row(desk, id_)
    assert (found.outcome, found.masks[note]) == ("partly", [[0], GROUND])


def test_a_line_that_is_struck_out_stays_so_while_its_list_grows(desk: World) -> None:
    case = fill_case(desk, MARK)
    id_ = ask(desk, case)

    def looks() -> CopyPart:
        return next(part for part in parts(desk, case) if part.id == LOOK_LIST)

    def look(purpose: str) -> None:
        with desk.database.transaction() as tx:
            about: dict[str, Any] = {"case_id": case, "purpose": purpose, "classes": {"C0"}}
            read_log.record_read(tx, by=OFFICER, now=desk.clock.now(), **about)

    look("task")
    struck = len(looks().pieces) - 1
    do(desk, asking.read_parts, request=id_, marked={LOOK_LIST: ((struck,), GROUND)}, lang="sv")
    before = looks().pieces[struck]
    look("audit")
    look("task")
    view = view_of(looks(), row(desk, id_).masks)
    (number,) = view.struck
    assert number == struck + 1, "another line stands before it"
    assert looks().pieces[number].startswith(before)
    assert looks().pieces[struck] != before


@pytest.mark.parametrize("who", ["guardian", "other"])
@pytest.mark.parametrize("proven", ["document", "known"])
def test_nobody_gets_anything_for_her_whom_the_case_does_not_call_free(
    desk: World, who: str, proven: str
) -> None:
    id_ = ask(desk, fill_case(desk), who=who, proven=proven)
    assert (row(desk, id_).proven, row(desk, id_).outcome) == ("NOT", "refused")


@pytest.mark.parametrize(("answer", "proven"), [("YES", "NOT"), ("", "NOT"), ("NO", "document")])
def test_a_guardian_gets_something_only_where_the_case_says_that_he_is_not_involved(
    desk: World, answer: str, proven: str
) -> None:
    names = RequestNames(guardian="answer", free=("NO",))
    named = replace(desk.program.services.programme.configuration.named_fields, requests=names)
    case = desk.start().case_id
    if answer:
        desk.do(case, "a", {"answer": [answer]})
    id_ = ask(desk, case, who="guardian", proven="")
    services = with_configuration(desk.program.services, named_fields=named)
    with desk.database.transaction() as tx:
        now = desk.clock.now()
        asking.show_identity(tx, services, OFFICER, now, request=id_, proven="document")
    assert row(desk, id_).proven == proven


def test_a_request_about_a_person_is_about_all_her_cases(desk: World) -> None:
    old, alone = fill_case(desk), fill_case(desk)
    new = desk.start().case_id
    with desk.database.transaction() as tx:
        services = desk.program.services
        later, before = (EndedCase(one, services.key(tx, f"case:{one}")) for one in (new, old))
        about = EndedCase(alone, services.key(tx, f"case:{alone}"))
        by, now = actor(OFFICER), desk.clock.now()
        link_cases(tx, by=by, new=later, old=before, now=now)
        name_earlier(tx, by=by, new=about, old=before, now=now)
    for case in (old, new):
        id_ = ask(desk, case, person=True, proven="")
        do(desk, asking.show_identity, request=id_, proven="known")
        group = row(desk, id_).asked
        with desk.database.transaction(write=False) as tx:
            rows = [one for one in subject_requests.of_office(tx, OFFICE) if one.asked == group]
        assert {one.case_id for one in rows} == {old, new}, "not what names hers, and is not hers"
        assert {one.proven for one in rows} == {"known"}
    id_ = ask(desk, old)
    assert row(desk, id_).case_id == old


def test_who_does_not_show_who_he_is_gets_the_one_answer(desk: World) -> None:
    case = fill_case(desk)
    id_ = ask(desk, case, who="other", proven="")
    assert step(desk, id_) == "Task_ProveIdentity"
    do(desk, asking.show_identity, request=id_, proven="NOT")
    assert (row(desk, id_).outcome, step(desk, id_)) == ("refused", "Task_GiveAnswer")
    with pytest.raises(TaskClosed):
        do(desk, asking.release_copy, request=id_, lang="sv")
    with pytest.raises(TaskClosed):
        do(desk, asking.decide, request=id_, outcome="granted", answer="x")


def test_nobody_else_sees_or_answers_it(desk: World) -> None:
    case = fill_case(desk)
    id_ = ask(desk, case)
    others = (
        replace(OFFICER, roles=frozenset({ROLE})),
        replace(OFFICER, office="other"),
        replace(OFFICER, barred=frozenset({case})),
        Viewer("p_dpo", OFFICE, frozenset({"data-protection"})),
    )
    for other in others:
        with pytest.raises(NotFound):
            do(desk, asking.give, by=other, request=id_, how="handed")
    for other in others[:3]:
        with pytest.raises(NotFound):
            do(desk, partial(asking.ask, **ABOUT), by=other, case_id=case)


def test_an_open_request_holds_the_case(desk: World) -> None:
    case = fill_case(desk)
    id_ = ask(desk, case, "erase")
    with desk.database.transaction(write=False) as tx:
        held = holds.why_held(tx, desk.program.services, case, desk.clock.now())
    assert held == "subject_request"
    do(desk, asking.decide, request=id_, outcome="refused", answer="Lagen säger annat.")
    do(desk, asking.give, request=id_, how="read")
    with desk.database.transaction(write=False) as tx:
        assert not holds.why_held(tx, desk.program.services, case, desk.clock.now())
    erased(desk, case)
    gone = row(desk, id_)
    assert (gone.wish, gone.answer, gone.masks, gone.outcome) == (None, None, {}, "refused")
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("at", "proven_at", "longer_at", "last"),
    [
        ("2026-01-31T12:00", "2026-01-31T12:00", None, "2026-02-28"),
        ("2026-01-15T12:00", "2026-01-20T12:00", None, "2026-02-20"),
        ("2026-01-15T12:00", "2026-01-15T12:00", "2026-02-01T12:00", "2026-04-15"),
        ("2026-01-15T23:30", "2026-01-15T23:30", None, "2026-02-16"),
    ],
)
def test_the_clock_is_a_month_and_rests_until_somebody_knows_who_asks(
    at: str, proven_at: str, longer_at: str | None, last: str
) -> None:
    moment, shown = moment_of(at), moment_of(proven_at)
    asked = SubjectRequest("1", "c", OFFICE, "g", "copy", "herself", "p", moment, 1)
    longer = moment_of(longer_at) if longer_at else None
    asked = replace(asked, proven="document", proven_at=shown, longer_at=longer)
    due = request_process.due_of(asked, ZONE)
    assert due.date() == date.fromisoformat(last)
    found = request_process.waiting_step(asked, ZONE)
    assert found is not None
    assert found.due == due
    assert not request_process.is_late(asked, ZONE, due)
    assert request_process.is_late(asked, ZONE, due + timedelta(seconds=1))


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def test_free_text_is_struck_out_by_the_sentence() -> None:
    text = "Hon bor hos Ana. Brodern vet!\nRing inte?  Mer"
    assert pieces_of(text) == ("Hon bor hos Ana.", "Brodern vet!", "Ring inte?", "Mer")
