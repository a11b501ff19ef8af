"""How a release was published is kept with it, named by the ledger, and checked by verify."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from service.audit import verify
from service.audit.verify import verify_without_keys
from service.errors import ApprovalNeeded, FourEyes, Stale
from service.records.context import release_stream
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.store.casefile import approvals
from service.store.installation import ledger_entries, releases
from service.store.row_scope import as_system
from service.store.transaction import Tx
from service.workshop import reviews
from service.workshop.publish import PublishedRelease, publish_draft
from service.workshop.release_dossier import load_dossier
from tests.support import small
from tests.support.publication import Checked, checked_for_publication
from tests.support.world import NOON, World, open_world
from tests.workshop.test_drafts import OWNER, REVIEWER
from tests.workshop.test_reviews import BOTH, PEOPLE, PROTECTION, widened


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1), directory=PEOPLE)
    yield made
    made.database.close()


class Publication:
    """A draft with a question more about a person, and those who publish it."""

    def __init__(self, desk: World) -> None:
        self.desk, self.services = desk, desk.program.services
        with desk.database.transaction() as tx:
            self.draft = widened(tx, desk)
        self.checked: Checked = checked_for_publication(desk, unpack(self.draft.files))

    def ask(self, tx: Tx) -> dict[str, str]:
        """Ask both; gives kind to request."""
        reviews.ask_publication(
            tx, self.services, by=OWNER, now=NOON, note="Shoes are bought", **self._about()
        )
        kinds = (reviews.PUBLISH, reviews.FLOWS)
        return {kind: row.id for kind in kinds for row in approvals.of_kind(tx, kind)}

    def decide(self, tx: Tx, request: str, by: Any) -> None:
        about: dict[str, Any] = {"request_id": request, "approve": True, "about": self.draft.id}
        reviews.decide(tx, self.services, by=by, now=NOON, **about)

    def publish(self, tx: Tx) -> PublishedRelease:
        about, evidence = self._about(), self.checked.evidence
        return publish_draft(
            tx, self.services, by=OWNER, now=NOON, note="Shoes", evidence=evidence, **about
        )

    def published(self, tx: Tx) -> PublishedRelease:
        asked = self.ask(tx)
        self.decide(tx, asked[reviews.PUBLISH], REVIEWER)
        self.decide(tx, asked[reviews.FLOWS], PROTECTION)
        return self.publish(tx)

    def _about(self) -> dict[str, Any]:
        about = {"draft_id": self.draft.id, "rev": self.draft.rev, "seen": self.checked.seen}
        return {**about, "checked": self.checked.release, "flows": self.checked.flows}


def test_a_wider_flow_is_published_after_both_answers(desk: World) -> None:
    made = Publication(desk)
    with desk.database.transaction() as tx:
        asked = made.ask(tx)
        made.decide(tx, asked[reviews.PUBLISH], REVIEWER)
    with pytest.raises(ApprovalNeeded), desk.database.transaction() as tx:
        made.publish(tx)
    with desk.database.transaction() as tx:
        made.decide(tx, asked[reviews.FLOWS], PROTECTION)
        assert made.publish(tx).number == 2


def test_two_answers_of_one_person_publish_nothing(desk: World) -> None:
    """Also where both lie in the database, however they came there."""
    made = Publication(desk)
    with desk.database.transaction() as tx:
        asked = made.ask(tx)
        made.decide(tx, asked[reviews.PUBLISH], BOTH)
        given = {"decided_by": BOTH.person, "decided_at": NOON}
        row = approvals.get(tx, asked[reviews.FLOWS])
        assert row is not None
        approvals.settle(tx, row, state="approved", **given)
        with pytest.raises(FourEyes):
            made.publish(tx)


def test_another_release_in_force_makes_a_comparison_stale(desk: World) -> None:
    made = Publication(desk)
    desk.publish(small.row_of_tasks(3))
    with desk.database.transaction() as tx, pytest.raises(Stale):
        made.ask(tx)


def test_the_dossier_holds_what_was_known_and_who_answered(desk: World) -> None:
    made = Publication(desk)
    with desk.database.transaction() as tx:
        done = made.published(tx)
    with desk.database.transaction(write=False) as tx:
        row, entry = releases.dossier(tx, done.id), _published(tx, made)
        page = load_dossier(tx, made.services, done.id, "en")
    assert row is not None
    assert page is not None
    assert entry["dossier"] == hashlib.sha256(row.content.encode()).hexdigest() == page.digest
    kept = json.loads(row.content)
    assert kept["people"] == {
        "published": OWNER.person,
        "reviewer": REVIEWER.person,
        "data_protection": PROTECTION.person,
        "authors": [OWNER.person],
    }
    assert (kept["number"], kept["note"]) == (2, "Shoes")
    assert [kind for kind, _ in page.flows] == ["field"]
    assert any("Shoesize" in sentence for _, sentence in page.changes)
    assert [role for role, _ in page.people] == [
        "author", "data_protection", "reviewer", "published",
    ]  # fmt: skip
    assert page.numbers is None, "there was no case to try"
    assert set(kept["changes"][0]["text"]) == {"sv", "en"}


def test_a_release_without_a_dossier_says_nothing(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        live = services.current(tx)
        assert load_dossier(tx, services, live.id, "sv") is None
        assert verify.verify_all(tx, services, now=NOON).faults == ()


def test_a_changed_dossier_is_found_with_and_without_keys(desk: World) -> None:
    made = Publication(desk)
    with desk.database.transaction() as tx:
        made.published(tx)
    with desk.database.transaction(write=False) as tx:
        assert verify.verify_all(tx, made.services, now=NOON).faults == ()
    with desk.database.transaction(write=False) as tx:
        row = releases.dossier(tx, made.checked.release.digest)
    assert row is not None
    forged = replace(row, content=row.content.replace("p_disa", "p_evil"))
    _overwrite(desk, forged.content)
    with desk.database.transaction(write=False) as tx:
        found = verify.verify_all(tx, made.services, now=NOON).faults
        keyless = verify_without_keys(tx, now=NOON).faults
    for faults in (found, keyless):
        assert [one for one in faults if one.place.startswith("release_dossier")]


def _published(tx: Tx, made: Publication) -> Any:
    stream = ledger_entries.of_stream(tx, release_stream(made.services))
    return json.loads([entry for entry in stream if entry.kind == "published"][-1].body)


def _overwrite(desk: World, content: str) -> None:
    """Change the row as somebody does who owns the database."""
    with as_system("schema", desk.database.engine.connect()) as conn:
        on = " ON release_dossier" if desk.database.postgres else ""
        conn.execute(text(f"DROP TRIGGER release_dossier_no_update{on}"))
        conn.execute(text("UPDATE release_dossier SET content = :c"), {"c": content})
        conn.commit()
