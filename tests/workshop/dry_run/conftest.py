"""A process with a choice, some cases of it, and drafts that change it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.access import Viewer
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.store.work import batches
from service.store.work.batches import Batch, BatchCase, CaseOutcome
from service.workshop import drafts
from service.workshop.dry_run import dry_runs
from service.workshop.dry_run.case_fold import fold_case
from tests.support import diagrams as d
from tests.support import local_handlers as handlers
from tests.support import small
from tests.support.world import World, open_world
from tests.workshop.test_drafts import OWNER

FILE = "workflows/0.bpmn"
STEPS = small.person("a", "ask", name="Fråga") + d.xor("g", name="Ja?") + small.person("b")
TWO = STEPS + small.person("c")
WAYS = 's>a a>g g>b[answer = "YES"] g>c* b>e c>e'
CHOICE = small.one(TWO, WAYS)
SWAPPED = small.one(TWO, 's>a a>g g>b[answer = "NO"] g>c* b>e c>e')
LONGER = small.one(TWO + small.person("x"), 's>a a>x x>g g>b[answer = "YES"] g>c* b>e c>e')
SHORTER = small.one(STEPS, 's>a a>g g>b[answer = "YES"] g>e* b>e')
TOPICS = {**handlers.TOPICS, "letters.tell": handlers.declare("letters.tell")}
CALLS = small.one(TWO + d.job("j", "letters.count"), 's>a a>j j>g g>b[answer = "YES"] g>c* b>e c>e')
SENDS = small.one(TWO + d.job("j", "letters.tell"), 's>a a>j j>g g>b[answer = "YES"] g>c* b>e c>e')
BREAKS = small.one(TWO, 's>a a>g g>b[answer = "YES"] g>c[answer = null] b>e c>e')


@dataclass
class Trial:
    """An installation with cases, on which drafts are tried."""

    desk: World

    def case(self, *steps: str, answer: str = "YES") -> str:
        """A case that has done some steps."""
        self.desk.later(hours=1)
        case = self.desk.start().case_id
        for step in steps:
            self.desk.later(hours=1)
            given = {"answer": [answer]} if step == "a" else {"note": ["qzkanariefagel"]}
            self.desk.do(case, step, given)
        return case

    def fold(self, draft: Bundle, case: str) -> CaseOutcome:
        """What would have become of a case on a draft."""
        services = self.desk.program.services
        prepared = services.prepared.build(draft, process=services.programme.process)
        with self.desk.database.transaction(write=False) as tx:
            return fold_case(
                tx,
                services,
                case,
                draft=prepared,
                base=services.current(tx),
                now=self.desk.clock.now(),
            )

    def draft(self, bundle: Bundle, by: Viewer = OWNER) -> str:
        """The open draft with the diagram of a bundle; gives its id."""
        services, now = self.desk.program.services, self.desk.clock.now()
        with self.desk.database.transaction() as tx:
            row = drafts.open_draft(tx, services, by=by, now=now)
            drafts.save_files(
                tx,
                services,
                by=by,
                now=now,
                draft_id=row.id,
                changed={FILE: bundle.files[FILE]},
                found=(),
                rev=row.rev,
            )
        return row.id

    def run(self, draft: str) -> Batch:
        """The newest run of a draft."""
        with self.desk.database.transaction(write=False) as tx:
            found = batches.newest(tx, dry_runs.KIND, draft)
        assert found is not None
        return found

    def found(self, draft: str) -> list[BatchCase]:
        """What the newest run of a draft found."""
        run = self.run(draft)
        with self.desk.database.transaction(write=False) as tx:
            return batches.of_batch(tx, run.id)


@pytest.fixture
def trial(empty_sqlite: Path, tmp_path: Path, keyring: Keyring) -> Iterator[Trial]:
    file = shutil.copyfile(empty_sqlite, tmp_path / "tresteg.db")
    desk = open_world(f"sqlite:///{file}", keyring, CHOICE, topics=TOPICS)
    yield Trial(desk)
    desk.database.close()
