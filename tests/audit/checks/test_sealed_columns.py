"""Sealed values apart from facts are checked too: one that was changed or swapped is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text, update

from service.binding import Answer, Letter
from service.casework.casefile import documents as case_documents
from service.casework.casefile import notes
from service.casework.cases import consents
from service.casework.history import replay
from service.casework.tasks import unsent_answers
from service.security.keyring import Keyring
from service.store.casefile import cases, documents
from service.store.row_scope import as_system
from service.store.tables import letter
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.world import World, open_world

BIG = b"%PDF-1.4\n" + bytes(range(256)) * 8_192
"""A document that takes several chunks."""
WAYS = {
    "consent": "UPDATE consent SET detail = :sealed",
    "inputs of job": "UPDATE job SET inputs = :sealed WHERE kind = 'call'",
    "note": "UPDATE note SET sealed = :sealed",
    "unsent answers": "UPDATE unsent SET sealed = :sealed",
    "name of paper": "UPDATE document SET name = :sealed",
    "paper": "UPDATE document_chunk SET sealed = :sealed WHERE nth = 1",
}


def fill(desk: World, case: str) -> None:
    """Give a case a consent, a note, unsent answers and a document."""
    desk.do(case, "a", small.ANSWERS)
    services, who, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction() as tx:
        _, keys = replay.load_case_and_keys(tx, services, case)
        given = {"REFER": {"givenBy": "SELF", "language": "bg"}}
        consents.give(
            tx,
            services.programme.configuration,
            key=keys.for_writing(tx, who.office, consents.WORDS),
            case_id=case,
            given=given,
            by=who.person,
            rev=2,
            now=now,
        )
        notes.write(tx, services, by=who, case_id=case, text="Ring hem", now=now)
        unsent_answers.save_unsent(
            tx,
            services,
            by=who,
            key=desk.key(case, "b"),
            case_id=case,
            raw={"note": ["halvskrivet"]},
            base={},
            rev=0,
            now=now,
        )
        clean = case_documents.CheckedFile("intyg.pdf", "pdf", BIG)
        case_documents.attach(
            tx,
            services,
            by=who,
            case_id=case,
            task_key="",
            field="note",
            klass="C2",
            clean=clean,
            now=now,
        )
        (document,) = documents.of_case(tx, case)
        assert document.chunks > 1


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """A case with every kind of sealed value."""
    bundle = small.one(
        small.person("a") + d.both("f") + d.job("j") + small.person("b") + d.both("g"),
        "s>a a>f f>j f>b j>g b>g g>e",
    )
    desk = open_world(
        database_url,
        keyring,
        bundle,
        functions={"letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),))},
    )
    case = desk.start(small.ANSWERS).case_id
    fill(desk, case)
    yield desk
    desk.database.close()


def change(desk: World, statement: str, **values: object) -> None:
    with desk.database.transaction() as tx:
        assert tx.run(as_system("schema", text(statement)), values or None) == 1


def found(desk: World) -> list[tuple[str, str]]:
    return [
        (fault.invariant, fault.place.rpartition(" ")[0].removesuffix(" to") or fault.place)
        for fault in desk.verified().faults
    ]


def test_every_sealed_value_opens(desk: World) -> None:
    assert found(desk) == []


@pytest.mark.parametrize("what", WAYS)
def test_a_sealed_value_that_does_not_open_is_named(desk: World, what: str) -> None:
    change(desk, WAYS[what], sealed=b"\x01" * 80)
    assert found(desk) == [("I11", what)]
    assert "halvskrivet" not in str(desk.faults())


def test_a_document_that_was_cut_short_is_named(desk: World) -> None:
    change(desk, "DELETE FROM document_chunk WHERE nth = (SELECT max(nth) FROM document_chunk)")
    assert found(desk) == [("I11", "paper")]


def test_a_sealed_value_in_the_place_of_another_is_named(desk: World) -> None:
    change(
        desk,
        "UPDATE document_chunk SET sealed = "
        "(SELECT sealed FROM document_chunk WHERE nth = 0) WHERE nth = 1",
    )
    assert found(desk) == [("I11", "paper")]


def test_a_dropped_document_is_not_opened(desk: World) -> None:
    with desk.database.transaction() as tx:
        (document,) = documents.of_case(tx, cases.listed(tx)[0].id)
        case_documents.drop(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            id_=document.id,
            reason="Fel intyg",
        )
    assert found(desk) == []


def test_a_letter_that_a_dead_worker_holds_is_named(desk: World) -> None:
    desk.worker().timers_and_calls()
    with desk.database.transaction() as tx:
        tx.run(
            as_system(
                "schema",
                update(letter).values(
                    state="leased", leased_by="gone", lease_until=desk.clock.now()
                ),
            )
        )
    assert found(desk) == []
    desk.later(hours=2)
    assert found(desk) == [("I6", "letter")]
