"""Failures of a worker: counted by its threads, written to the database by its loop.

While all is well nothing is kept and nothing written. Source: decisions/0080.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from service import logs
from service.errors import Busy, DamagedDatabase, MailRefused
from service.operations import background, health
from service.store.database import Database

log = structlog.get_logger("worker")
QUIET: Final = timedelta(seconds=15)
"""Time without a failure after a success, until a part counts as working again. So a part that
fails now and then has one incident, not one for each failure."""
FORGET: Final = 3600.0
"""Seconds after which the same fault is logged as a new one."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A part that failed when it was last at work, or did until a moment ago."""

    failures: int
    """In a row; one that was written down goes on after a success, until that lasts."""
    error: str
    """Kind and place of the first fault of the row."""
    noted: float | None = None
    """When that was last written down, in seconds of the steady clock; None before the third."""
    opened: bool = False
    """Whether the incident was opened, too."""
    succeeded: float | None = None
    """When it succeeded since."""


@dataclass
class Failures:
    """The failures of one worker, by part. Safe in any thread."""

    parts: dict[str, Failing] = field(default_factory=dict)
    unsaid: bool = False
    """Whether they could not be written down. Then the worker gives no sign of life, so that its
    silence says it."""
    _logged: dict[tuple[str, ...], tuple[int, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def failed(self, part: str, event: str, said: Mapping[str, str]) -> None:
        """Count a failure of a part, and log it: the first, the 10th, the 100th and so on.

        Args:
            part: one of `background.PARTS`; "" for a help to others that is only logged.
            said: kind and place of the fault, as `logs.described` gives them.
        """
        now = time.monotonic()
        with self._lock:
            if part:
                before = self.parts.get(part) or Failing(0, _in_words(said))
                self.parts[part] = replace(before, failures=before.failures + 1, succeeded=None)
            key = (part, event, *said.values())
            count, last = self._logged.get(key, (0, now))
            count = 1 if now - last > FORGET else count + 1
            self._logged[key] = count, now
        if str(count).strip("0") == "1":
            log.error(event, part=part, tries=count, **said)

    def fault(self, part: str, fault: Exception) -> None:
        """Count a failure that an exception brought."""
        said = logs.described(fault)
        if isinstance(fault, MailRefused):
            self.failed(part, "mail_refused", {"error": str(fault)})
        elif isinstance(fault, DamagedDatabase):
            self.failed(part, "database_damaged", said)
        elif isinstance(fault, Busy):
            self.failed(part, "database_busy", said)
        else:
            self.failed(part, "round_failed", said)

    def succeeded(self, part: str) -> None:
        """A part did its work: what it failed at before was no row, or is over soon."""
        if part not in self.parts:
            return
        with self._lock:
            known = self.parts.get(part)
            if known is None:
                return
            if known.noted is None and known.succeeded is None:
                del self.parts[part]
            elif known.succeeded is None:
                self.parts[part] = replace(known, succeeded=time.monotonic())

    def write_down(self, database: Database, worker: str, *, now: datetime) -> None:
        """Write down what fails by now, and what is over.

        Args:
            now: by the wall clock.
        """
        steady = time.monotonic()
        try:
            for part, known in list(self.parts.items()):
                noted = known.noted
                if known.succeeded is not None:
                    if steady - known.succeeded >= QUIET.total_seconds():
                        self._write_over(database, worker, part, known, now)
                elif known.failures >= background.FAILURES and (
                    noted is None or steady - noted >= health.BEAT.total_seconds()
                ):
                    self._write_failing(database, worker, part, known, now)
            self.unsaid = False
        except Exception as e:  # noqa: BLE001 - a loop that must not end; the kind of fault is logged, never a value
            self.unsaid = True
            self.failed("", "failures_unsaid", logs.described(e))

    def _write_failing(
        self, database: Database, worker: str, part: str, known: Failing, now: datetime
    ) -> None:
        """First one row that is read by `/readyz`, then the incident, with its ledger entry."""
        if not self._change(part, noted=time.monotonic()):
            return  # it succeeded meanwhile
        try:
            with database.transaction() as tx:
                background.record_failing(tx, part, worker, failures=known.failures, now=now)
            with database.transaction() as tx:
                anew = known.opened and not background.is_open(tx, part)
                opens = not anew and background.open_incident(tx, part, error=known.error, now=now)
                if anew:  # an operator closed it, and wants it counted anew
                    background.record_over(tx, part, worker, now=now)
        except BaseException:
            self._change(part, noted=known.noted)
            raise
        if opens:  # once for each incident, whichever worker opened it
            log.error("part_failing", part=part, error=known.error, tries=known.failures)
        self._change(part, opened=True)
        if anew:
            self._drop(part)

    def _write_over(
        self, database: Database, worker: str, part: str, known: Failing, now: datetime
    ) -> None:
        with database.transaction() as tx:
            background.record_over(tx, part, worker, now=now)
        log.warning("part_recovered", part=part, tries=known.failures)
        self._drop(part)

    def _change(self, part: str, **changed: Any) -> bool:  # noqa: ANN401 - fields of `Failing`
        """Change what is known of a part; False when nothing is."""
        with self._lock:
            known = self.parts.get(part)
            if known is not None:
                self.parts[part] = replace(known, **changed)
            return known is not None

    def _drop(self, part: str) -> None:
        """Count and log a part anew."""
        with self._lock:
            del self.parts[part]
            self._logged = {key: n for key, n in self._logged.items() if key[0] != part}


def _in_words(said: Mapping[str, str]) -> str:
    """Kind and place of a fault in a line."""
    kind = said.get("fault") or said.get("error", "")
    driver = f" ({said['driver']})" if "driver" in said else ""
    before = " in " if "fault" in said else ": "
    where = f"{before}{said['where']}" if said.get("where") else ""
    return f"{kind}{driver}{where}"
