"""Whatever breaks, and whatever it says of itself: no word of a fault of ours reaches a page, a log
line, or a row of the database.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from itertools import product
from typing import NoReturn

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, StatementError

from service import logs
from service.binding import Answer, Letter
from service.errors import NotFound, TrestegError
from service.security.keyring import Keyring
from service.store.row_scope import as_system
from service.store.tables import incident, job, letter
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.world import World, open_world, settle
from tests.web.pages.casework.task_forms import carried
from tests.web.story import Story

BIRD = "QZKANARIEFAGEL"
"""Stands in every fault, wherever one can hold a word."""


def strange() -> Exception:
    """A fault that says a word in a value, its cause and its note as well."""
    fault = RuntimeError({BIRD: BIRD})
    fault.__cause__ = ValueError(BIRD)
    fault.add_note(BIRD)
    return fault


FAULTS: tuple[Callable[[], Exception], ...] = (
    lambda: ValueError(BIRD),
    lambda: KeyError(BIRD),
    lambda: OSError(2, BIRD, f"/tmp/{BIRD}"),  # noqa: S108 - a path that nobody opens
    lambda: UnicodeDecodeError("utf-8", BIRD.encode(), 0, 1, BIRD),
    lambda: ExceptionGroup(BIRD, [ValueError(BIRD)]),
    lambda: DataError(f"INSERT {BIRD}", {"note": BIRD}, Exception(BIRD)),
    lambda: StatementError(BIRD, f"INSERT {BIRD}", {"note": BIRD}, Exception(BIRD)),
    lambda: TrestegError(BIRD, about=BIRD),
    lambda: NotFound(BIRD, about=BIRD),
    strange,
    lambda: RecursionError(BIRD),
)
SENT = (
    "service.web.pages.casework.tasks.complete_task",
    "service.casework.commands.turn_consequences.turn",
    "service.casework.cases.turn.guarded",
    "service.engine.audit_guard.advance",
    "service.security.ledger_lines.write",
    "service.store.casefile.cases.save",
    "service.store.installation.ledger_entries.add",
    "service.security.vault.OwnerKey.seal",
)
"""What is on the way of a form that is sent."""
SHOWN = (
    "service.casework.pages.case_page.load_case_page",
    "service.store.work.tasks.of_case",
    "service.security.vault.OwnerKey.open",
    "service.web.pages.casework.cases.render_template",
)
"""What is on the way of a page."""
WORKED = (
    "service.casework.commands.handler_call.build_call",
    "service.worker.jobs.fire_timer",
    "service.casework.letters.letter_mail.compose_mail",
    "service.operations.reminders.queue_reminders",
    "service.casework.cases.turn.guarded",
    "service.store.work.jobs.lease",
    "service.worker.letters.hand_over",
    "tests.support.local_handlers.LocalHandlers.ask",
)
"""What is on the way of the worker."""


class Broken:
    """A place that raises, and how often it did."""

    def __init__(self, fault: Callable[[], Exception]) -> None:
        self.fault, self.hits = fault, 0

    def __call__(self, *_args: object, **_given: object) -> NoReturn:
        self.hits += 1
        raise self.fault()


def said(act: Callable[[], object]) -> str:
    """What was written to the terminal meanwhile, at its most talkative."""
    out = StringIO()
    with redirect_stderr(out), redirect_stdout(out):
        logs.begin("debug")
        try:
            act()
        finally:
            logs.begin("info")
    return out.getvalue()


def forced(
    place: str,
    fault: Callable[[], Exception],
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[], object],
) -> str:
    """Let a place raise while something is done; what was logged."""
    broken = Broken(fault)
    with monkeypatch.context() as here:
        here.setattr(place, broken)
        log = said(act)
    assert broken.hits, (place, fault())
    return log


def test_no_word_of_a_page_fault_reaches_page_or_log(
    shipped_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(shipped_world)
    browser, task, pages = (
        shipped_world.browser("sara"),
        f"/tasks/{story.key('Task_OfferReturnInformation')}",
        list[str](),
    )
    for place, fault in product((*SENT, *SHOWN), FAULTS):
        browser.get(task)
        typed = {
            **story.typed("Task_OfferReturnInformation", "sara"),
            **carried(browser),
            "send": "1",
        }
        path, send = (
            (task, partial(browser.post, data=typed))
            if place in SENT
            else (f"/cases/{story.case}", browser.get)
        )
        log = forced(place, fault, monkeypatch, lambda: pages.append(send(path).text))  # noqa: B023 - called at once
        assert BIRD not in log, (place, fault())
        assert BIRD not in pages[-1], (place, fault())
    assert len(pages) > 100
    assert story.open() == ["Task_OfferReturnInformation"], "nothing has changed"
    story.close()


def test_no_word_of_a_worker_fault_reaches_log_or_row(
    database_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        d.job("j")
        + small.person("a")
        + d.border("b", "a", d.timer("Duration", "PT1H"))
        + d.end("late")
    )
    functions = {
        "letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),)),
        "letters.count": lambda _: Answer(),
    }
    desk = open_world(
        database_url, keyring, small.one(body, "s>j j>a a>e b>late"), functions=functions
    )
    for place, fault in product(WORKED, FAULTS):
        desk.start()
        worker = desk.worker()
        if place == "service.worker.jobs.fire_timer":
            worker.step()
            desk.later(hours=1)
        log = forced(
            place,
            fault,
            monkeypatch,
            lambda: [worker.safely(worker.step) for _ in range(3)],  # noqa: B023 - called at once
        )
        assert BIRD not in log, (place, fault())
        desk.later(hours=3)
        settle(worker)
    with desk.database.transaction(write=False) as tx:
        rows = [
            tx.all(lambda *cells: str(cells), as_system("operate", select(table.c.error)))
            for table in (job, letter, incident)
        ]
    assert BIRD not in str(rows)
    desk.database.close()
