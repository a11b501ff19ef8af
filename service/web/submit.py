"""Submit a command for the person of a request, once however often its form is sent, and redirect
to where it leads.

A request is known again by its idempotency key, its path and the digest of its body.

Faults are not caught here, but for those of a batch (`GONE`): they reach the one handler in
`service.web.error_pages`, which draws the page of the form again where the view said how
(`redraw`), and else the error page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from flask import g, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from service.application import submit as application
from service.application.submit import RequestKey
from service.casework.commands.command import Command
from service.casework.tasks.unsent_answers import EditConflict, SavedAnswers
from service.errors import (
    CaseMoved,
    FourEyes,
    NotAllowed,
    NotFound,
    TaskClosed,
    TaskTaken,
    TrestegError,
)
from service.web.request_context import current

Result = TypeVar("Result")
Redraw = Callable[[TrestegError], ResponseReturnValue | None]
"""Draws the page of a refused form again; None when it has no page for this fault."""
ONCE = ("csrf_token", "_once", "_page", "do", "send", "confirmed")
"""Fields that no page carries on to the next: each page makes them anew, or they are buttons."""
GONE = (TaskClosed, TaskTaken, CaseMoved, NotFound, NotAllowed, FourEyes)
"""Faults that one command of a batch may end with while the batch goes on with the next."""
JSON = "application/json"
CHUNK = 1 << 16
"""Bytes of a file that are read at once."""


def submit(
    command: Command[Result],
    *,
    then: str | Callable[[Result], str],
    refused: Redraw | None = None,
) -> ResponseReturnValue:
    """Perform a command exactly once, however often its form is sent, and redirect.

    Args:
        then: the address to go on to, or what makes it out of what the command gave.
        refused: draws the page again for a fault that belongs to it, such as wrong answers.
    Raises:
        SlowDown: the person changes more in a minute than a hand can.
        Whatever the command raises; nothing of it has been written then.
    """
    if refused is not None:
        redraw(refused)
    location = then if callable(then) else lambda _: then
    return redirect(submit_once(command, current().key, location), 303)


def redraw(draw: Redraw) -> None:
    """Say how the page of this request is drawn when a fault belongs to it."""
    g.redraw = draw


def submit_once(
    command: Command[Result],
    key: str,
    location: Callable[[Result], str],
    *,
    counts: bool = True,
) -> str:
    """Perform a command exactly once under a key, and give its address, also the second time.

    Args:
        counts: whether it counts towards the rate limit of the person.
    Raises:
        KeyReused: the key came with another body before.
        SlowDown: the person changes more in a minute than a hand can.
        Whatever the command raises; nothing of it has been written then.
    """
    context = current()
    return application.submit_once(
        context.database,
        context.program.services,
        command,
        by=context.viewer,
        now=context.now,
        key=RequestKey(key, _route_key(), _digest_of_body(), context.wall if counts else None),
        location=location,
        worker=context,
    )


def submit_each(
    items: Collection[str], command_of: Callable[[str], Command[object]]
) -> tuple[int, list[str]]:
    """Perform one command for each of several items, each in a transaction of its own.

    Returns:
        How many were done, and the items that somebody else was faster with.
    """
    done, gone = 0, list[str]()
    for item in items:
        key = f"{current().key}-{item}"
        try:
            submit_once(command_of(item), key, lambda _: "", counts=not done)
            done += 1
        except GONE:
            gone.append(item)
    return done, gone


def perform(command: Command[Result]) -> Result:
    """Perform a command that may be sent again without harm, such as keeping what is typed."""
    context = current()
    return application.submit(
        context.database,
        context.program.services,
        command,
        by=context.viewer,
        now=context.now,
        worker=context,
    )


def unsent_reply(
    saved: SavedAnswers,
    conflict: Callable[[Sequence[EditConflict]], str],
    taken: Callable[[TaskTaken], str] | None = None,
) -> ResponseReturnValue:
    """The answer to a page's script that saved unsent answers: when, and their revision; 409 when
    another tab or a colleague was faster.

    Args:
        conflict: makes the sentence that another tab has changed some fields too.
        taken: makes the sentence that a colleague has the task.
    """
    if saved.taken is not None and taken is not None:
        g.cause = {"error": saved.taken.code}
        detail = f"{taken(saved.taken)} {current().t('task.kept_beside')}"
        return jsonify(code=saved.taken.code, status=409, detail=detail, fill_rev=saved.rev), 409
    if saved.clashes:
        g.cause = {"error": "case_moved"}
        detail = conflict(saved.clashes)
        return jsonify(code="case_moved", status=409, detail=detail, fill_rev=saved.rev), 409
    return jsonify(saved=current().clock_time, fill_rev=saved.rev, gone=saved.gone)


def carried_fields(typed: Mapping[str, Sequence[str]], *, without: str) -> list[tuple[str, str]]:
    """(name, value) of everything that a page must carry so that its form can be sent once more.

    Args:
        typed: the answers, with the ids of files that came with them.
        without: name of the button that was pressed.
    """
    dropped = {*ONCE, *typed, without}
    rest = [pair for pair in request.form.items(multi=True) if pair[0] not in dropped]
    return rest + [(path, text) for path in typed if path != without for text in typed[path]]


def _route_key() -> str:
    """The route in an idempotency key that is stored for days: the path as it was sent.

    Ids included, without question mark: `/find`, `/v1/referrals/01J.../revocation`. Never the name
    of a view or of its module.
    """
    return request.path


def _digest_of_body() -> str:
    """SHA-256 of the body, by which a repeated request differs from another under its key.

    Without what differs between two makings of the same page. `repr` is of plain texts alone, never
    of an object of ours: the digest is stored for days.
    """
    digest = hashlib.sha256()
    if request.mimetype == JSON:  # which holds no form
        digest.update(request.get_data())
        return digest.hexdigest()
    for name, values in sorted(request.form.lists()):
        if name not in ("csrf_token", "_once"):
            digest.update(repr((name, values)).encode())
    for name, files in sorted(request.files.lists()):
        for file in files:
            digest.update(repr((name, file.filename)).encode())
            while part := file.stream.read(CHUNK):
                digest.update(part)
            file.stream.seek(0)
    return digest.hexdigest()
