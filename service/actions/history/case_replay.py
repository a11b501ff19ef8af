"""The auditor's replay of a case: its ledger entries line by line, each with what it wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.actions.casefile import diagram_state
from service.actions.casefile.diagram_state import DiagramState
from service.actions.context import Services
from service.actions.history import narrative, promises
from service.actions.history.auditor_view import Pair, load_written_values
from service.actions.history.narrative import HistoryEntry
from service.actions.history.violations import Violation
from service.errors import NotFound
from service.store.casefile import cases
from service.store.transaction import Tx
from service.text import say


@dataclass(frozen=True)
class CaseReplay:
    """A case's lines in the reader's language, with its diagram and what each line wrote.

    A line is named by its place in `entries`, from 0; pages name it by its number in the ledger.
    """

    case: cases.CaseSummary
    entries: Sequence[HistoryEntry]
    diagram: DiagramState
    written: Mapping[int, Sequence[Pair]]
    """Number of a fact to what it wrote."""
    viewer: Viewer

    def place_of(self, number: int | None) -> int:
        """The place of the line with this number in the ledger; the last one for any other."""
        last = len(self.entries) - 1
        return next((i for i, entry in enumerate(self.entries) if entry.n == number), last)

    def rows(self) -> list[dict[str, Any]]:
        """Every line as JSON, as the script of the page reads it."""
        return [self.row(i) for i in range(len(self.entries))]

    def row(self, i: int) -> dict[str, Any]:
        """One line as JSON."""
        entry, lang = self.entries[i], self.viewer.lang
        return {
            "n": entry.n,
            "rev": entry.rev,
            "at": entry.at.isoformat(),
            "when": self._when(entry.at),
            "kind": entry.what,
            "kind_name": say(f"audit.kind_{entry.kind}", lang),
            "who": entry.kind,
            "by": ", ".join(part for part in (entry.who, entry.office) if part),
            "element": entry.element,
            "text": entry.text,
            "facts": list(self.written.get(entry.rev, ())),
            "caused": list(entry.caused),
            "hash": entry.hash,
        }

    def fact_at(self, i: int) -> int:
        """Number of the fact in force at a line: its own, or the last one before it."""
        return next((entry.rev for entry in reversed(self.entries[: i + 1]) if entry.rev), 0)

    def release_text(self, i: int) -> str:
        """The release that the case was on at a line, in words."""
        release = self.diagram.on(self.fact_at(i))
        return say("audit.data_from", self.viewer.lang, release=f"v{release.number}")

    def promise(self, breach: promises.BrokenPromise) -> tuple[int, str]:
        """A promise that was broken: the line with which it was, and the promise in words."""
        line = next((entry.n for entry in self.entries if entry.rev == breach.rev), 0)
        release, definition = self.diagram.on(breach.rev), self.diagram.defined(breach.rev)
        text = promises.promise_text(release, definition, breach.promise, self.viewer.lang)
        return line, text

    def first_broken(self, faults: Sequence[Violation]) -> int | None:
        """The first line that `verify` found a fault in; the last line when no fault names one."""
        if not faults:
            return None
        lines = {f"fact {entry.rev}": entry.n for entry in self.entries if entry.rev}
        lines |= {f"line {entry.n}": entry.n for entry in self.entries}
        broken = [
            n
            for fault in faults
            for place, n in lines.items()
            if fault.place == place or fault.place.endswith(f"of {place}")
        ]
        return min(broken, default=self.entries[-1].n if self.entries else 0)

    def _when(self, at: datetime) -> str:
        """In the reader's zone, which is named: an auditor compares lines of several offices."""
        local = at.astimezone(ZoneInfo(self.viewer.zone))
        return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def load_case_replay(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseReplay:
    """Load a case for its replay.

    Raises:
        NotFound: there is no such case.
    """
    case = cases.get(tx, case_id)
    if case is None:
        raise NotFound
    return CaseReplay(
        case,
        narrative.load_history(tx, services, case_id, viewer.lang),
        diagram_state.load_diagram_state(tx, services, case_id, now),
        load_written_values(tx, services, viewer, case_id, now),
        viewer,
    )
