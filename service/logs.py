"""Logs without personal data: one JSON object a line, with keys from a closed list.

What is not on the list is dropped, and its name is counted.

No bodies, query strings, headers or values: an id leads to the case, for those who may see it.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

import structlog

from service.errors import TrestegError

OURS: Final = frozenset({"service", "handlers"})
"""Packages whose places a line names."""
ALLOWED: Final = frozenset(
    {
        "timestamp",
        "level",
        "event",
        "request",
        "route",
        "method",
        "status",
        "ms",
        "case",
        "task",
        "job",
        "topic",
        "error",
        "where",
        "directive",
        "incident",
        "seconds",
        "fault",
        "driver",
        "person",
        "office",
        "tries",
        "part",
        "batch",
        "provider",
        "why",
    }
)
EVENTS: Final = {
    "batch_case_failed": "A dry run or a migration met a fault in one case, and went on. `batch` "
    "(its id), `case`, `fault`, `driver`, `where`.",
    "checkpoints_not_set_aside": "A restored copy was confirmed, and the checkpoints of before "
    "could not be moved into a folder of their own: the next start does it. `error`.",
    "clock_jumped": "The machine's clock jumped: timers are paused. `seconds`.",
    "provider_down": "A provider for signing in gave no answer that could be used. `provider`, "
    "`why`.",
    "provider_refused": "What came back from a provider is no sign-in, and nobody was signed in. "
    "`provider`, `why` (which check).",
    "csp": "A browser reports that a page broke its policy. `directive`.",
    "database_damaged": "The file of the database is damaged: nothing is done until a backup is "
    "restored.",
    "database_busy": "A `part` of the worker gave up because the database did not answer, or took "
    "no writing. `driver`, `where`, `tries`.",
    "debugging": "At the start: TRESTEG_DEBUG is on. Debuggers and profilers work in turns, and "
    "the memory is visible to processes of the same user.",
    "engine_stopped": "A case cannot go on; there is an incident. `job`, `case`.",
    "not_erased": "A case was refused, so what has fallen due in it was not done; the others were. "
    "`case`.",
    "retention_ran": "The worker did what had fallen due in a case under the retention plan. "
    "`case`.",
    "erasure_not_confirmed": "A day after an erasure something of it may lie in a live file of the "
    "database still (docs/howto/backup.md). `case` of the first.",
    "erasure_not_done_again": "A damaged row kept a restored copy from being erased again in a "
    "case: it is as the copy has it. `case`, `where` (the table).",
    "erasure_not_listed": "An erasure is done, and the list outside does not say so yet: the "
    "worker writes it. `error`.",
    "failures_unsaid": "What fails could not be written into the database: the worker gives no "
    "sign of life until it can. `fault`, `driver`, `where`, `tries`.",
    "fault": "A request met a fault of the program. `fault`, `where`; the line `request` follows.",
    "isolation_lacks": "At the start: a part of the isolation of child processes does not work on "
    "this machine; `tresteg doctor` says what to change. `fault` (the part).",
    "job_failed": "A try of a job failed. `job`, `topic`, `case`, `fault`, `driver`, `where`.",
    "job_gave_up": "The last try failed; there is an incident. `job`, `topic`.",
    "letter_partly_refused": "The mail server took a letter for some people of an office "
    "and refused others. `job` (its key).",
    "letter_failed": "A letter met a fault of the program. `job` (its key), `case`, `where`.",
    "letter_gave_up": "A letter rests after its last try, with an incident. `job` (its key).",
    "glass_letter_refused": "The mail server refused the letter that somebody tried to open a case "
    "in danger to life; it is tried again. `office`, `error`.",
    "log_review_begun": "The worker began the log review of a month.",
    "log_review_letter_refused": "The mail server refused the letter that a log review waits; it "
    "is tried again. `office`, `error`.",
    "mail_refused": "The mail server could not be used, or did not take a letter. `error`, "
    "`tries`.",
    "moment_moved": "A timer was no longer due when its turn came. `job`.",
    "not_sequenced": "Entries of the ledger get no checkpoint, or none is kept outside. `error` "
    "says which (as the incident does), `where`, `tries`.",
    "part_failing": "A `part` of the worker failed three times in a row: there is an incident, and "
    "`/readyz` says it. `error` (kind and place of the fault), `tries`.",
    "part_recovered": "That part works again. `part`, `tries` (failures until then).",
    "passkey_counter_back": "The signature counter of a passkey went back: somebody may have a "
    "copy. It is refused; `tresteg doctor` names whose it is.",
    "request": "One answered request. `request` (its id), `route`, `method` (read or write), "
    "`status`, `ms`; `person`, `office`, `case`, `task` where known; from status 400 `error`, the "
    "code below *Errors*; from 500 also `fault` (class), `driver` (the database's name of it) and "
    "`where` (module:function:line).",
    "round_failed": "A fault of the program ended a round of the worker, or a `part` of it. "
    "`fault`, `driver`, `where`, `tries`. As other failures of parts, it is logged the first time, "
    "the 10th, the 100th and so on.",
    "row_refused": "A row of the table `where` is not as this program wrote it. It counts as if it "
    "were not there, or stops what was to be done; `tresteg verify` says more. `person`, `case`.",
    "sign_in_alarm": "So many wrong sign-ins on the whole site that all waits are doubled.",
    "thread_ended": "A thread of the worker had ended, and was begun again. `error` (its name), "
    "`tries`.",
    "work_was_postponed": "A row of the table `where` waited longer than anything waits here: it "
    "was put off in the database. It is due again. `case`.",
    "timers_fire": "Timers are not paused any more.",
    "timers_paused": "Timers are paused. `error` says why: the clock jumped, or this is a restored "
    "copy that nobody has confirmed.",
    "work_was_gone": "A job was over when its turn came. `job`.",
}
"""Every event with its meaning and its keys, besides `level` and `timestamp`."""
DROPPED: Final = Counter[str]()
"""Names of keys that somebody tried to log, with how often; a test fails on any."""
LONGEST: Final = 120
_LEFT_OUT: Final[ContextVar[frozenset[str]]] = ContextVar("left_out", default=frozenset())


@contextmanager
def leave_out(*events: str) -> Iterator[None]:
    """Write no line of these events meanwhile, in this thread: a demo makes them on purpose."""
    before = _LEFT_OUT.set(frozenset(events))
    try:
        yield
    finally:
        _LEFT_OUT.reset(before)


def only_allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep the keys of the closed list, as short text without line breaks.

    Raises:
        structlog.DropEvent: the event is one that is left out now.
    """
    if event.get("event") in _LEFT_OUT.get():
        raise structlog.DropEvent
    for name in [name for name in event if name not in ALLOWED]:
        DROPPED[name] += 1
        del event[name]
    return {
        name: value if isinstance(value, int) else _one_line(value) for name, value in event.items()
    }


def _one_line(value: object) -> str:
    return str(value).replace("\n", " ").replace("\r", " ")[:LONGEST]


def described(fault: BaseException) -> dict[str, str]:
    """What a line may say of a fault: its code or class, the driver's name of it, and the innermost
    place in our own code.

    Never its words, which may hold a value.
    """
    facts = fault.facts if isinstance(fault, TrestegError) else {}
    original = getattr(fault, "orig", None)
    driver = facts.get("driver") or (type(original).__name__ if original is not None else "")
    said = {
        "error": fault.code if isinstance(fault, TrestegError) else "error",
        "fault": type(fault).__name__,
        "driver": str(driver),
        "where": place(fault),
    }
    return {name: text for name, text in said.items() if text}


def place(fault: BaseException) -> str:
    """Module, function and line of the innermost place in our own code; lines of code are no
    values.
    """
    found, trace = "", fault.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in OURS:
            found = f"{module}:{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def begin(level: str) -> None:
    """Set logging up for this process: ours as JSON on standard error, libraries' warnings."""
    number = logging.getLevelName(level.upper())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s")
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: LineLogger(),
    )


class LineLogger:
    """Writes lines to standard error, and never raises: on a full disk a line is lost, and what it
    tells of goes on. A letter that was sent must not count as failed because nobody could log it.
    """

    def msg(self, line: str) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):  # no room, a reader that is gone; closed already
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg
