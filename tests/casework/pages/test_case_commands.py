"""The commands of a case's pages: each writes what it says, for who may see the case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from service.access import Viewer
from service.casework.casefile import documents, notes
from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.documents import CheckedFile
from service.casework.pages.case_commands import (
    change_marking,
    drop_document,
    keep_message_answers,
    keep_search,
    keep_start_answers,
    record_lookup_reason,
    send_referral,
    write_note,
)
from service.casework.referrals.referral_options import ReferralChoice
from service.errors import (
    ApprovalNeeded,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    ReasonNeeded,
    Stale,
)
from service.people import short_lived_texts
from service.records.ledger_append import open_reason
from service.security.keyring import Keyring
from service.store.casefile import parties, referrals
from service.store.installation import keys, ledger_entries
from tests.casework.pages.conftest import PROCESS, START
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import OFFICE, ONE_OFFICE, ROLE, Directory, OfficePlan, PersonPlan
from tests.support.world import World, open_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TWO_OFFICES = Directory(
    (*ONE_OFFICE.offices, OfficePlan("barn", "Barn", "SOCIALTJANST")),
    (*ONE_OFFICE.people, PersonPlan("berit", "barn", ("ChildServices",))),
)
STRANGER = Viewer("p_x", "elsewhere", frozenset({ROLE}))
MARKED = "SEKRETESSMARKERING"
CHILD = ReferralChoice(office="barn", purpose="CHILD", fields=frozenset({"contact"}))


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An office with cases, and one that they can be referred to."""
    made = open_world(database_url, keyring, PROCESS, directory=TWO_OFFICES)
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    """A case that Sara has begun; its first task waits for her office."""
    return desk.start({"contact": ["by phone"]}, element=START).case_id


@pytest.fixture
def approver(desk: World, case: str) -> Viewer:
    """Somebody of the same office who may change the marking of the case."""
    with desk.database.transaction() as tx:
        parties.bind(tx, case, {"CaseApprover": OFFICE}, parties.of_case(tx, case))
    return replace(desk.viewer("stina"), roles=frozenset({ROLE, "CaseApprover"}))


def perform(desk: World, command: Any, by: str | Viewer = "sara") -> Any:
    viewer = desk.viewer(by) if isinstance(by, str) else by
    with desk.database.transaction() as tx:
        return command(tx, desk.program.services, viewer, desk.clock.now())


def end(desk: World, case: str) -> None:
    """End the case: no task of the office waits in it any more."""
    desk.do(case, "a")
    desk.do(case, "b", {"answer": ["YES"]})
    assert desk.tasks(case) == []


def attached(desk: World, case: str) -> str:
    """A document of the case, by Sara, that her office sees after its end too; gives its id."""
    with desk.database.transaction() as tx:
        return documents.attach(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            case_id=case,
            task_key="",
            field="contact",
            klass="C0",
            clean=CheckedFile("a.pdf", "pdf", b"%PDF"),
        )


def entries(desk: World, stream: str) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return [entry.kind for entry in ledger_entries.of_stream(tx, stream)]


def test_a_note_is_read_by_the_offices_it_is_shared_with(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        parties.bind(tx, case, {"ChildServices": "barn"}, parties.of_case(tx, case))
    perform(desk, partial(write_note, case_id=case, text="for both", shared=["barn", "nowhere"]))
    desk.later(minutes=1)
    perform(desk, partial(write_note, case_id=case, text="for us", shared=[]))
    read = {}
    with desk.database.transaction(write=False) as tx:
        for name in ("stina", "berit"):
            found = notes.read(tx, desk.program.services, desk.viewer(name), case, closed=())
            read[name] = [note.text for note in found]
    assert read == {"stina": ["for us", "for both"], "berit": ["for both"]}


def test_a_note_needs_words_and_a_case_one_sees(desk: World, case: str) -> None:
    with pytest.raises(InvalidAnswers):
        perform(desk, partial(write_note, case_id=case, text=" ", shared=[]))
    with pytest.raises(NotFound):
        perform(desk, partial(write_note, case_id=case, text="words", shared=[]), STRANGER)
    with pytest.raises(NotFound):
        perform(desk, partial(write_note, case_id="0" * 26, text="words", shared=[]))
    assert "note" not in entries(desk, f"case/{case}")


def test_a_recorded_reason_opens_the_case(desk: World, case: str) -> None:
    end(desk, case)
    services, stina, now = desk.program.services, desk.viewer("stina"), desk.clock.now()
    with desk.database.transaction() as tx, pytest.raises(ReasonNeeded):
        load_case_view(tx, services, stina, case, now)
    perform(
        desk,
        partial(record_lookup_reason, case_id=case, purpose="PHONE", reason="she called"),
        stina,
    )
    with desk.database.transaction(write=False) as tx:
        assert load_case_view(tx, services, stina, case, now).case.id == case
    assert entries(desk, f"reads/{case}") == ["lookup"]


def test_a_reason_needs_a_case_one_sees_and_a_purpose(desk: World, case: str) -> None:
    with pytest.raises(NotFound):
        perform(
            desk, partial(record_lookup_reason, case_id=case, purpose="PHONE", reason=""), STRANGER
        )
    with pytest.raises(NotFound):
        perform(desk, partial(record_lookup_reason, case_id=case, purpose="CURIOUS", reason=""))
    assert entries(desk, f"reads/{case}") == []


def test_a_marking_is_changed_with_a_reason(desk: World, case: str, approver: Viewer) -> None:
    was = desk.case(case).marking
    with pytest.raises(InvalidAnswers):
        perform(
            desk,
            partial(change_marking, case_id=case, marking=MARKED, reason=" ", was=was),
            approver,
        )
    assert desk.case(case).marking == was
    perform(
        desk,
        partial(change_marking, case_id=case, marking=MARKED, reason="a threat", was=was),
        approver,
    )
    assert desk.case(case).marking == MARKED
    with pytest.raises(ReasonNeeded):
        perform(
            desk,
            partial(change_marking, case_id=case, marking="NONE", reason="no threat", was=was),
            approver,
        )
    perform(
        desk, partial(record_lookup_reason, case_id=case, purpose="SAFETY", reason=""), approver
    )
    with pytest.raises(Stale):
        perform(
            desk,
            partial(change_marking, case_id=case, marking="NONE", reason="no threat", was=was),
            approver,
        )
    with pytest.raises(ApprovalNeeded):
        perform(
            desk,
            partial(change_marking, case_id=case, marking="NONE", reason="no threat", was=MARKED),
            approver,
        )
    assert desk.case(case).marking == MARKED


def test_a_marking_is_changed_by_who_may(desk: World, case: str, approver: Viewer) -> None:
    change = partial(
        change_marking, case_id=case, marking=MARKED, reason="a threat", was=desk.case(case).marking
    )
    with pytest.raises(NotAllowed):
        perform(
            desk,
            partial(
                change_marking,
                case_id=case,
                marking="NONE",
                reason="no threat",
                was=desk.case(case).marking,
            ),
        )
    with pytest.raises(NotFound):
        perform(desk, change, STRANGER)
    end(desk, case)
    with pytest.raises(ReasonNeeded):
        perform(desk, change, approver)
    assert desk.case(case).marking != MARKED
    perform(
        desk, partial(record_lookup_reason, case_id=case, purpose="SAFETY", reason=""), approver
    )
    perform(desk, change, approver)
    assert desk.case(case).marking == MARKED


def test_a_document_is_dropped_with_a_reason(desk: World, case: str) -> None:
    id_ = attached(desk, case)
    with pytest.raises(InvalidAnswers):
        perform(desk, partial(drop_document, case_id=case, document_id=id_, reason=" "))
    perform(desk, partial(drop_document, case_id=case, document_id=id_, reason="of somebody else"))
    assert entries(desk, f"case/{case}")[-1] == "detach"
    with desk.database.transaction(write=False) as tx, pytest.raises(NotFound):
        documents.read_document(tx, desk.program.services, id_)
    with pytest.raises(NotFound):
        perform(desk, partial(drop_document, case_id=case, document_id=id_, reason="again"))


def test_a_document_is_dropped_in_its_own_case_alone(desk: World, case: str) -> None:
    id_, other = attached(desk, case), desk.start(element=START).case_id
    with pytest.raises(NotFound):
        perform(desk, partial(drop_document, case_id=other, document_id=id_, reason="wrong case"))
    with pytest.raises(NotFound):
        perform(
            desk, partial(drop_document, case_id=case, document_id=id_, reason="not mine"), STRANGER
        )
    assert "detach" not in entries(desk, f"case/{case}")


def test_who_has_not_said_why_drops_no_document(desk: World, case: str) -> None:
    id_ = attached(desk, case)
    end(desk, case)
    drop = partial(drop_document, case_id=case, document_id=id_, reason="of somebody else")
    with pytest.raises(ReasonNeeded):
        perform(desk, drop, "stina")
    perform(desk, partial(record_lookup_reason, case_id=case, purpose="OTHER", reason=""), "stina")
    perform(desk, drop, "stina")
    assert entries(desk, f"case/{case}")[-1] == "detach"


def test_answers_of_a_start_are_kept_once_per_field(desk: World) -> None:
    first = perform(
        desk,
        partial(
            keep_start_answers, element=START, answers={"note": ["first"], "foreign": ["x"]}, rev=0
        ),
    )
    assert (first.raw, first.rev) == ({"note": ["first"]}, 1)
    late = partial(
        keep_start_answers, element=START, answers={"note": ["second"], "place": ["Lund"]}, rev=0
    )
    with pytest.raises(Stale):
        perform(desk, partial(late, refuse_conflicts=True))
    kept = perform(desk, late)
    assert kept.raw == {"note": ["first"], "place": ["Lund"]}
    assert [clash.path for clash in kept.clashes] == ["note"]


def test_a_start_for_another_role_keeps_nothing(desk: World) -> None:
    for element, who in (("unknown", "sara"), (START, "berit")):
        with pytest.raises(NotFound):
            perform(
                desk,
                partial(keep_start_answers, element=element, answers={"note": ["x"]}, rev=0),
                who,
            )


def test_answers_of_a_message_are_kept_once_per_field(desk: World, case: str) -> None:
    first = perform(
        desk,
        partial(
            keep_message_answers, case_id=case, message="m", answers={"note": ["first"]}, rev=0
        ),
    )
    assert first.raw["note"] == ["first"]
    late = partial(
        keep_message_answers,
        case_id=case,
        message="m",
        answers={"note": ["second"], "place": ["Lund"]},
        rev=0,
    )
    with pytest.raises(Stale):
        perform(desk, partial(late, refuse_conflicts=True))
    kept = perform(desk, late)
    assert (kept.raw["note"], kept.raw["place"]) == (["first"], ["Lund"])
    assert [clash.path for clash in kept.clashes] == ["note"]


def test_a_message_of_a_case_one_does_not_see_is_not_kept(desk: World, case: str) -> None:
    with pytest.raises(NotFound):
        perform(
            desk,
            partial(
                keep_message_answers, case_id=case, message="m", answers={"note": ["x"]}, rev=0
            ),
            STRANGER,
        )
    with pytest.raises(NotFound):
        perform(
            desk,
            partial(
                keep_message_answers,
                case_id=case,
                message="unknown",
                answers={"note": ["x"]},
                rev=0,
            ),
        )


def test_a_referral_is_sent_from_the_page_one_saw(desk: World, case: str) -> None:
    rev = desk.case(case).rev
    for old in (None, rev + 1):
        with pytest.raises(Stale):
            perform(desk, partial(send_referral, case_id=case, choice=CHILD, rev=old))
    with pytest.raises(InvalidAnswers):
        perform(
            desk,
            partial(send_referral, case_id=case, choice=replace(CHILD, office="nowhere"), rev=rev),
        )
    id_ = perform(desk, partial(send_referral, case_id=case, choice=CHILD, rev=rev))
    with desk.database.transaction(write=False) as tx:
        rows = [(row.id, row.to_office, row.state) for row in referrals.of_case(tx, case)]
    assert rows == [(id_, "barn", "sent")]


def test_a_referral_needs_a_case_that_one_may_open(desk: World, case: str) -> None:
    with pytest.raises(NotFound):
        perform(
            desk,
            partial(send_referral, case_id=case, choice=CHILD, rev=desk.case(case).rev),
            STRANGER,
        )
    with desk.database.transaction(write=False) as tx:
        assert list(referrals.of_case(tx, case)) == []


def test_who_has_not_said_why_sends_no_referral(desk: World) -> None:
    body = small.begin(id_=START) + small.person("a") + d.job("j") + d.end()
    desk.publish(small.bundle(d.diagram(body, f"{START}>a a>j j>e")))
    case = desk.start(element=START).case_id
    desk.do(case, "a", {"contact": ["by phone"]})
    send = partial(send_referral, case_id=case, choice=CHILD, rev=desk.case(case).rev)
    with pytest.raises(ReasonNeeded):
        perform(desk, send, "stina")
    perform(
        desk, partial(record_lookup_reason, case_id=case, purpose="PREPARE", reason=""), "stina"
    )
    perform(desk, send, "stina")
    assert "refer_sent" in entries(desk, f"case/{case}")


def test_a_search_is_recorded_and_its_words_kept(desk: World) -> None:
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        wrapped = keys.get(tx, "person:p_sara")
    name = perform(
        desk,
        partial(
            keep_search,
            words="Anna Ek",
            kind="name",
            hits=3,
            secret="cookie",
            key=wrapped,
            kept_at=now,
        ),
    )
    about: dict[str, Any] = {"name": name, "person": "p_sara"}
    after = now + short_lived_texts.SEARCH
    with desk.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.latest(tx, f"office/{OFFICE}", kinds=["search"])
        body, key = json.loads(entry.body), services.key(tx, "person:p_sara")
        read = [
            short_lived_texts.read_text(tx, secret=secret, now=at, **about)
            for secret, at in (("cookie", now), ("another", now), ("cookie", after))
        ]
    assert (body["by"], body["hits"]) == ("name", 3)
    assert "Anna Ek" not in entry.body
    assert open_reason(key, f"office/{OFFICE}", "p_sara", body["word"]) == "Anna Ek"
    assert read == ["Anna Ek", None, None]
