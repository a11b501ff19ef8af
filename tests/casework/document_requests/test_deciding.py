"""A public document: whoever is bound by no Swedish act is not offered it, nothing leaves that was
not chosen and read, and a refusal leaves the same traces whether there was a case or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.access import CLASSES, Viewer
from service.casework.document_requests import deciding
from service.casework.retention import holds
from service.casework.retention.left import DOCUMENT, exits
from service.casework.subject_requests.copy_parts import LISTS, CopyPart, load_copy
from service.errors import InvalidAnswers, NotFound, NotNamed, TaskClosed
from service.records.context import CLOCK
from service.records.ledger_append import append_entry
from service.security.keyring import Keyring
from service.store.casefile import cases, document_requests
from service.store.casefile.document_requests import DocumentRequest
from service.store.installation import ledger_entries, offices
from service.store.work import letters
from tests.support.directory import BOARD, HELSINKI, OFFICE, ROLE, THREE_OFFICES
from tests.support.filled_case import TWO, fill_case
from tests.support.world import World, open_world

OFFICER = Viewer("p_sara", OFFICE, frozenset({ROLE, "records-officer"}))
BOARD_OFFICER = Viewer("p_omar", BOARD, frozenset({"CaseApprover", "records-officer"}))
MARK = "qzjxkvbwpf"
GROUND = "ANDRA_26_1"


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO, directory=THREE_OFFICES)
    yield made
    made.database.close()


def do(desk: World, act: Callable[..., Any], by: Viewer = OFFICER, **given: Any) -> Any:
    with desk.database.transaction() as tx:
        return act(tx, desk.program.services, by, desk.clock.now(), **given)


def ask(desk: World, case: str = "", by: Viewer = OFFICER) -> str:
    """A request, found to be about a case where one is named."""
    id_: str = do(desk, deciding.ask, by=by, wish="Alla beslut om boende")
    if case:
        do(desk, deciding.find, by=by, request=id_, word=desk.case(case).number)
    return id_


def parts(desk: World, case: str) -> list[CopyPart]:
    with desk.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        assert found is not None
        given = (tx, desk.program.services, OFFICER, found, deciding.LANG)
        made = load_copy(*given, now=desk.clock.now())
    return [part for part in made if part.id not in LISTS]


def row(desk: World, id_: str) -> DocumentRequest:
    with desk.database.transaction(write=False) as tx:
        found = document_requests.get(tx, id_)
    assert found is not None
    return found


def chosen(desk: World, id_: str) -> dict[str, list[object]]:
    with desk.database.transaction(write=False) as tx:
        found = document_requests.choice_of(tx, id_)
    assert found is not None
    return found.parts


def entries(desk: World, stream: str) -> list[tuple[str, dict[str, object]]]:
    with desk.database.transaction(write=False) as tx:
        found = [*ledger_entries.latest(tx, stream, limit=100)]
    return [(one.kind, json.loads(one.body)) for one in reversed(found)]


def told(desk: World) -> list[tuple[str, frozenset[str]]]:
    """What the stream of the office says of requests: kinds, and the keys of what they say."""
    return [
        (kind, frozenset(body))
        for kind, body in entries(desk, f"office/{OFFICE}")
        if kind.startswith("document_")
    ]


def test_who_is_bound_by_no_swedish_act_is_not_offered_it(desk: World) -> None:
    kinds = {"SOCIALTJANST": True, "MYNDIGHET": True, "IOM_MISSION": False, "NGO": False}
    with desk.database.transaction(write=False) as tx:
        known, now = offices.everyone(tx), desk.clock.now()
        for kind, offered in {**kinds, "PARTNER_ABROAD": False}.items():
            office = replace(known[OFFICE], kind=kind)
            found = deciding.grounds_of(tx, desk.program.services, office, now)
            assert bool(found) is offered, kind
            assert deciding.is_offered(desk.program.services, office, now) is offered
    with pytest.raises(NotFound):
        ask(desk, by=Viewer("p_iva", HELSINKI, frozenset({"IomHelsinki", "records-officer"})))
    with pytest.raises(NotFound):
        ask(desk, by=replace(OFFICER, roles=frozenset({ROLE})))


def test_a_refusal_leaves_the_same_traces_with_a_case_and_without(desk: World) -> None:
    case = fill_case(desk, MARK)
    without = ask(desk)
    do(desk, deciding.decide, request=without, outcome="refused")
    do(desk, deciding.give, request=without, how="sent")
    first = told(desk)
    with_case = ask(desk, case)
    for klass in CLASSES:
        about: dict[str, Any] = {
            "request": with_case,
            "klass": klass,
            "does": "choose",
            "ground": "",
        }
        do(desk, deciding.choose_class, **about)
    before = entries(desk, f"case/{case}")
    do(desk, deciding.decide, request=with_case, outcome="refused")
    do(desk, deciding.give, request=with_case, how="sent")
    assert told(desk) == first * 2
    assert entries(desk, f"case/{case}") == before
    assert case not in json.dumps(entries(desk, f"office/{OFFICE}"))
    same = {
        (one.outcome, one.given, one.by, one.decided_by)
        for one in (row(desk, id_) for id_ in (without, with_case))
    }
    assert same == {("refused", "sent", OFFICER.person, OFFICER.person)}
    with desk.database.transaction(write=False) as tx:
        assert document_requests.choices_of_case(tx, case) == []
        assert [one for one in exits(tx, case) if one.what == DOCUMENT] == []
    assert desk.faults() == []


def test_nothing_is_chosen_until_somebody_chooses_and_nothing_leaves_unread(desk: World) -> None:
    case = fill_case(desk, MARK)
    id_ = ask(desk, case)
    assert chosen(desk, id_) == {}
    for outcome in ("whole", "partly", "some", ""):
        with pytest.raises(InvalidAnswers):
            do(desk, deciding.decide, request=id_, outcome=outcome)
    about: dict[str, Any] = {"request": id_, "klass": "C3", "does": "choose", "ground": ""}
    do(desk, deciding.choose_class, **about)
    with pytest.raises(InvalidAnswers):
        do(desk, deciding.decide, request=id_, outcome="whole")
    do(desk, deciding.choose_class, **{**about, "does": "leave"})
    assert chosen(desk, id_) == {}
    note = next(part for part in parts(desk, case) if part.id[0] == "n")
    do(desk, deciding.choose_parts, request=id_, marked={note.id: ((), ""), "other": ((), "")})
    assert chosen(desk, id_) == {note.id: [[], "", True]}
    do(desk, deciding.choose_parts, request=id_, marked={note.id: None})
    assert chosen(desk, id_) == {}


def test_a_class_is_struck_out_with_one_press_and_a_ground(desk: World) -> None:
    case = fill_case(desk)
    id_ = ask(desk, case)
    about: dict[str, Any] = {"request": id_, "klass": "C3", "does": "strike"}
    for ground in ("", "POLIS_35_1", "SAMTYCKE_12_2", "ANDRAS_RATT_15_4"):
        with pytest.raises(InvalidAnswers):
            do(desk, deciding.choose_class, **about, ground=ground)
    do(desk, deciding.choose_class, **about, ground=GROUND)
    of_class = [part for part in parts(desk, case) if part.klass == "C3"]
    whole = {part.id: [[*range(len(part.pieces))], GROUND, True] for part in of_class}
    assert chosen(desk, id_) == whole
    with pytest.raises(InvalidAnswers):
        do(desk, deciding.decide, request=id_, outcome="partly")
    other = next(part for part in parts(desk, case) if part.klass == "C1")
    do(desk, deciding.choose_parts, request=id_, marked={other.id: ((), "")})
    with pytest.raises(InvalidAnswers):
        do(desk, deciding.decide, request=id_, outcome="whole")
    do(desk, deciding.decide, request=id_, outcome="partly")
    with pytest.raises(TaskClosed):
        do(desk, deciding.choose_class, **about, ground=GROUND)


def test_what_is_given_is_in_the_history_of_the_case_in_her_copy_and_in_what_left(
    desk: World,
) -> None:
    case = fill_case(desk, MARK)
    id_ = ask(desk, case)
    with desk.database.transaction(write=False) as tx:
        held = holds.why_held(tx, desk.program.services, case, desk.clock.now())
    assert held == "document_request"
    one = next(part for part in parts(desk, case) if part.klass == "C2" and part.id[0] == "a")
    do(desk, deciding.choose_parts, request=id_, marked={one.id: ((), "")})
    do(desk, deciding.decide, request=id_, outcome="whole")
    kind, body = entries(desk, f"case/{case}")[-1]
    assert kind == "document_disclosed"
    assert (body["to"], body["classes"], body["parts"], body["struck"]) == (OFFICE, ["C2"], 1, 0)
    with desk.database.transaction(write=False) as tx:
        assert [left.office for left in exits(tx, case) if left.what == DOCUMENT] == [OFFICE]
    assert any(part.id[0] == "p" for part in parts(desk, case))
    do(desk, deciding.give, request=id_, how="handed")
    with desk.database.transaction(write=False) as tx:
        assert not holds.why_held(tx, desk.program.services, case, desk.clock.now())
    with pytest.raises(TaskClosed):
        do(desk, deciding.give, request=id_, how="handed")
    assert desk.faults() == []


def test_a_case_that_an_office_did_not_write_in_or_that_is_barred_is_not_there(desk: World) -> None:
    case = fill_case(desk)
    for by in (BOARD_OFFICER, replace(OFFICER, barred=frozenset({case}))):
        id_ = ask(desk, by=by)
        for word in (desk.case(case).number, "2026-9999", ""):
            with pytest.raises(InvalidAnswers):
                do(desk, deciding.find, by=by, request=id_, word=word)
    id_ = ask(desk, case)
    barred = replace(OFFICER, barred=frozenset({case}))
    with pytest.raises(NotFound):
        do(desk, deciding.decide, by=barred, request=id_, outcome="refused")
    with desk.database.transaction(write=False) as tx:
        assert id_ in {one.id for one in deciding.waiting_for(tx, OFFICER)}
        assert id_ not in {one.id for one in deciding.waiting_for(tx, barred)}
        assert id_ not in {one.id for one in deciding.waiting_for(tx, BOARD_OFFICER)}
    with pytest.raises(NotFound):
        do(desk, deciding.decide, by=BOARD_OFFICER, request=id_, outcome="refused")


def test_a_protected_identity_is_chosen_from_by_who_is_named(desk: World) -> None:
    case = fill_case(desk)
    with desk.database.transaction() as tx:
        known = cases.get(tx, case)
        assert known is not None
        cases.set_marking(tx, case, known.rev, "SEKRETESSMARKERING")
        append_entry(tx, f"case/{case}", "note", by=CLOCK, now=desk.clock.now(), body={"note": "x"})
    id_ = ask(desk, case)
    colleague = replace(OFFICER, person="p_stina")
    with pytest.raises(NotNamed):
        do(desk, deciding.decide, by=colleague, request=id_, outcome="refused")
    with desk.database.transaction() as tx:
        choice = document_requests.choice_of(tx, id_)
        assert choice is not None
        with pytest.raises(NotNamed):
            deciding.load_parts(*(tx, desk.program.services, colleague, desk.clock.now()), choice)


def test_what_was_chosen_of_one_case_is_not_chosen_of_another(desk: World) -> None:
    first, second = fill_case(desk), fill_case(desk)
    id_ = ask(desk, first)
    about: dict[str, Any] = {"request": id_, "klass": "C1", "does": "choose", "ground": ""}
    do(desk, deciding.choose_class, **about)
    do(desk, deciding.find, request=id_, word=desk.case(first).number)
    assert chosen(desk, id_)
    do(desk, deciding.find, request=id_, word=desk.case(second).number)
    assert chosen(desk, id_) == {}
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("at", "last"),
    [("2026-03-04T12:00", "2026-03-05"), ("2026-03-06T12:00", "2026-03-09")],
)
def test_it_is_due_on_the_next_working_day(at: str, last: str) -> None:
    office = offices.Office(OFFICE, "S", "SOCIALTJANST", [], [], "", "Europe/Stockholm", "sv")
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    due = deciding.due_of(moment, office, lambda day: day.isoweekday() <= 5)
    assert (due - timedelta(seconds=1)).date() == date.fromisoformat(last)


def test_late_answers_about_a_case_are_told_once(desk: World) -> None:
    case = fill_case(desk)
    about, alone = ask(desk, case), ask(desk)
    desk.clock.set(desk.clock.now() + timedelta(days=9))
    for made in (1, 0):
        with desk.database.transaction() as tx:
            assert deciding.write_late_letters(tx, desk.clock.now()) == made
    with desk.database.transaction(write=False) as tx:
        written = [one for one in letters.of_case(tx, case) if one.template == "document_late"]
    assert [one.office_id for one in written] == [BOARD]
    now = desk.clock.now()
    assert deciding.is_late(row(desk, about), now)
    assert deciding.is_late(row(desk, alone), now)


def test_the_words_go_after_the_time_for_an_appeal(desk: World) -> None:
    answered, waiting = ask(desk), ask(desk)
    do(desk, deciding.decide, request=answered, outcome="refused")
    do(desk, deciding.give, request=answered, how="shown")
    for days, gone in ((89, 0), (1, 1), (1, 0)):
        desk.clock.set(desk.clock.now() + timedelta(days=days))
        with desk.database.transaction() as tx:
            assert deciding.end_words(tx, desk.clock.now()) == gone
    assert row(desk, answered).wish is None
    assert row(desk, waiting).wish is not None
    assert desk.faults() == []
