"""A case with answers of every class, which an auditor reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.access import Viewer
from service.audit.case_replay import CaseReplay, read_case_replay
from service.audit.event_card.form_then import FormThen, load_form_then
from service.casework.approvals import requests, unmasking
from service.casework.approvals.unmasking_page import CaseUnmasking, load_case_unmasking
from service.security.records import LedgerEntry
from service.store.casefile import cases
from service.store.installation import ledger_entries
from tests.support.audits import state_matter, unmask
from tests.support.world import World

NOTE = "qzkanariefagel"
REASON = "Two notes give different towns"


class Audit:
    """A case with answers of every class, its auditor and who answers for data protection."""

    def __init__(self, world: World) -> None:
        self.world, self.services = world, world.program.services
        self.case = world.start_case(noteToOffice=NOTE).case_id
        self.greta, self.disa = world.loaded_viewer("greta"), world.loaded_viewer("disa")
        state_matter(world.program, self.greta, world.clock.now())

    def do(self, act: Any, **more: Any) -> Any:
        with self.world.database.transaction() as tx:
            return act(tx, self.services, now=self.world.clock.now(), **more)

    def ask(self, *classes: str, by: Viewer | None = None, reason: str = REASON) -> str:
        about = {"case_id": self.case, "classes": classes, "reason": reason}
        return str(self.do(unmasking.ask, by=by or self.greta, **about))

    def decide(
        self, id_: str, *, approve: bool = True, by: Viewer | None = None, **more: Any
    ) -> None:
        self.do(unmasking.decide, by=by or self.disa, id_=id_, approve=approve, **more)

    def end(self, id_: str, by: Viewer) -> None:
        self.do(requests.end, by=by, id_=id_)

    def unmask(self, *classes: str) -> str:
        now = self.world.clock.now()
        return unmask(self.world.program, self.greta, self.disa, now, self.case, *classes)

    def look(self, by: Viewer | None = None, case: str = "") -> CaseReplay:
        """Open the replay of a case, as the page does."""
        with self.world.database.transaction() as tx:
            now, viewer = self.world.clock.now(), by or self.greta
            return read_case_replay(tx, self.services, viewer, case or self.case, now)

    def form(self, replay: CaseReplay) -> FormThen:
        with self.world.database.transaction(write=False) as tx:
            about = self.greta, self.case, 1, self.world.clock.now()
            return load_form_then(tx, self.services, *about, replay.opened)

    def page(self) -> CaseUnmasking:
        with self.world.database.transaction(write=False) as tx:
            case = cases.get(tx, self.case)
            assert case is not None
            now = self.world.clock.now()
            return load_case_unmasking(tx, self.services, self.greta, case, now)

    def entries(self, stream: str) -> list[LedgerEntry]:
        with self.world.database.transaction(write=False) as tx:
            return ledger_entries.of_stream(tx, f"{stream}/{self.case}")

    def read(self) -> list[dict[str, Any]]:
        """The bodies of the looks at the case."""
        return [json.loads(one.body) for one in self.entries("reads")]


@pytest.fixture
def audit(shipped_world: World) -> Audit:
    return Audit(shipped_world)
