"""An office with a case, and another office that it can refer the case to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from service.access import Viewer
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.referrals import compose, send
from service.casework.referrals.referral_options import ReferralChoice
from service.people import accounts
from service.security.keyring import Keyring
from service.store.casefile import grants, parties, referrals
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx
from service.store.work import jobs
from tests.support import by_hand, small
from tests.support.directory import ROLE
from tests.support.world import NOON, SEED, World, open_world

RECEIVER = "barn"
FIELDS = frozenset({"contact", "note"})
CHOICE = ReferralChoice(office=RECEIVER, purpose="CHILD", fields=FIELDS)


@dataclass
class ReferralSite:
    """A desk with one case, whose sender is Sara and whose receiver is Berit."""

    desk: World
    case: str

    @property
    def sender(self) -> Viewer:
        return self.desk.viewer()

    @property
    def receiver(self) -> Viewer:
        return Viewer("p_berit", RECEIVER, frozenset({"ChildServices"}), "en", "Europe/Stockholm")

    def view(self, tx: Tx) -> CaseView:
        services, now = self.desk.program.services, self.desk.clock.now()
        more = compose.reads_of_compose(self.case)
        return load_case_view(tx, services, self.sender, self.case, now, more=more)

    def send(self, choice: ReferralChoice = CHOICE) -> str:
        """Send a referral; returns its id."""
        with self.desk.database.transaction() as tx:
            at = self.view(tx)
            return send.send_referral(tx, at, choice, rev=at.case.rev).id

    def open_case(self, rule: str, office: str, role: str) -> None:
        """Let an office that is a party in this role see the case, and nobody by a task."""
        case, now = self.case, self.desk.clock.now()
        what = (rule, "C0 C1", "NODVANDIGT_10_2", "", now)
        with self.desk.database.transaction() as tx:
            parties.bind(tx, case, {role: office}, parties.of_case(tx, case))
            grants.add(tx, grants.GrantRow(f"by-{rule}", case, office, role, *what))
            by_hand.hand_to(tx, case, ROLE, RECEIVER)
            by_hand.entry(tx, f"case/{case}")

    def do(self, act: Callable[[Tx], object]) -> None:
        with self.desk.database.transaction() as tx:
            act(tx)

    def row(self, id_: str) -> referrals.Referral:
        with self.desk.database.transaction(write=False) as tx:
            row = referrals.get(tx, id_)
        assert row is not None
        return row

    def entries(self) -> list[str]:
        """Kinds of the ledger entries about referrals."""
        with self.desk.database.transaction(write=False) as tx:
            stream = ledger_entries.of_stream(tx, f"case/{self.case}")
        return [entry.kind for entry in stream if entry.kind.startswith("refer_")]

    def deadlines(self) -> list[str]:
        with self.desk.database.transaction(write=False) as tx:
            return [job.key for job in jobs.of_case(tx, self.case, kinds=[jobs.REFERRAL])]


@pytest.fixture
def site(database_url: str, keyring: Keyring) -> Iterator[ReferralSite]:
    desk = open_world(database_url, keyring, small.row_of_tasks(1))
    services = desk.program.services
    office = offices.Office(
        RECEIVER, "Barn", "SOCIALTJANST", [], [], "sweden", "Europe/Stockholm", "sv"
    )
    with desk.database.transaction() as tx:
        accounts.add_office(
            tx,
            services,
            office=office,
            address="barn@example.invalid",
            by=SEED,
            now=NOON,
        )
        accounts.add_person(
            tx,
            services,
            id_="p_berit",
            sign_in="berit",
            name="Berit",
            office=RECEIVER,
            roles=["ChildServices"],
            password=None,
            language="en",
            by=SEED,
            now=NOON,
        )
    answers = {key: small.ANSWERS[key] for key in ("note", "contact", "place")}
    yield ReferralSite(desk, desk.start(answers).case_id)
    desk.database.close()
