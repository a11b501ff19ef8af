"""Rows of the store that fit together, for tests that need no services."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from service.store.casefile import cases
from service.store.installation import offices, people, releases
from service.store.lists import case_access
from service.store.transaction import Tx
from service.store.work import jobs, letters, tasks
from service.store.writing import write_last

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
RELEASE = "ab" * 32


class SampleRows:
    """Makes rows that fit together."""

    noon = NOON
    release = RELEASE

    def found(self, tx: Tx, *, cases_: int = 0) -> None:
        """Two offices, a person in each, a release, and some cases."""
        for name in ("north", "south"):
            offices.add(
                tx,
                offices.Office(
                    name, name.title(), "NGO", ["FI"], [], "se", "Europe/Stockholm", "sv"
                ),
            )
            person = people.Person(
                f"p-{name}", name, name.encode(), b"box", None, None, "sv", {"theme": "dark"}, NOON
            )
            people.add(tx, person, {"Helper", "Reader"})
        releases.add(
            tx,
            releases.Release(
                RELEASE,
                "return_case",
                1,
                RELEASE,
                {},
                "published",
                "First",
                None,
                None,
                None,
                "p-north",
                NOON,
                b"zip",
            ),
        )
        for nth in range(cases_):
            cases.add(tx, self.case(f"c{nth:03}"))

    def release_before(self, tx: Tx, id_: str) -> None:
        """Another release of the same process."""
        (row,) = [releases.get(tx, RELEASE)]
        assert row is not None
        releases.add(tx, replace(row, id=id_, number=row.number + 1, state="withdrawn"))

    def case(self, id_: str, *, rev: int = 1) -> cases.Case:
        return cases.Case(
            id=id_,
            ref=f"ref-{id_}",
            number=f"2026-{id_}",
            process="return_case",
            release_id=RELEASE,
            rev=rev,
            snapshot=b"box",
            stage="1",
            station="s",
            status="open",
            end="",
            inner_end="",
            marking="NONE",
            kind="case",
            next_due=None,
            started_by="north",
            opened_at=NOON,
            moved_at=NOON,
        )

    def task(
        self,
        case_id: str,
        id_: str,
        *,
        due: datetime | None = None,
        priority: int = 50,
        office: str = "north",
    ) -> tasks.Task:
        return tasks.Task(
            f"k-{case_id}-{id_}",
            case_id,
            id_,
            "Task_A",
            1,
            "Helper",
            office,
            "1",
            due,
            None,
            priority,
            NOON,
            ref=f"ref-{case_id}",
        )

    def job(
        self,
        case_id: str,
        id_: str,
        *,
        due: datetime | None = NOON,
        kind: str = "call",
        priority: int = jobs.USUAL,
    ) -> jobs.Job:
        key = f"{case_id}:{id_}"
        return jobs.Job(key, case_id, id_, kind, "letters.tell", "Svc_A", 1, due, priority)

    def letter(self, case_id: str, nth: int) -> letters.Letter:
        return letters.Letter(
            f"{case_id}:{nth}",
            case_id,
            "south",
            "Helper",
            "task_opened",
            "sv",
            {"count": nth},
            "",
            NOON,
        )

    def sums(self, tx: Tx, case_id: str) -> bytes:
        """The sums that the row of a case bears."""
        loaded = cases.load(tx, case_id)
        assert loaded is not None
        return loaded.sums

    def put_in_lists(self, tx: Tx, *case_ids: str) -> None:
        """Do what a turn does: write the rows of cases in lists by what is stored of them."""
        for id_ in case_ids:
            found = cases.get(tx, id_)
            assert found is not None
            case_access.refresh(tx, found, NOON)
        write_last(tx)

    def later(self, **span: int) -> datetime:
        return NOON + timedelta(**span)


NO = "00" * 32
