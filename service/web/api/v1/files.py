"""Files of a case: one, and sending one that answers a question of a task."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask import Response, make_response, request

from service.casework.casefile.documents import CheckedFile
from service.casework.tasks.task_commands import attach_file
from service.errors import NotUnderstood
from service.sandbox.attachments import SHARED as CLEANERS
from service.web.api.v1.operations import Done, Reply, operation, submit
from service.web.api.v1.shapes import Text
from service.web.document_response import document_response
from service.web.request_context import current

REFUSED = (
    "not_allowed",
    "not_named",
    "reason_needed",
    "task_over",
    "task_taken",
    "too_large",
    "wrong_kind",
    "answers_invalid",
)
"""Codes of the faults that sending a file can be answered with."""


@operation("get_file", "GET", "/files/<document>", faults=("reason_needed", "approval_needed"))
def get_file(document: str) -> Response:
    """One file, under a name that tells nothing.
    Who opened it stands in the read log before it is sent.
    """
    return make_response(document_response(document))


@dataclass(frozen=True, slots=True)
class NewFile:
    """What a file answers: a task, and the key path of the question.
    The file itself comes as the part `file`.
    """

    task: Text
    field: Text


@operation(
    "send_file",
    "POST",
    "/files",
    asks=NewFile,
    gives=Done,
    status=201,
    keyed=True,
    upload=True,
    faults=REFUSED,
)
def send_file(body: NewFile) -> Reply:
    """Keep a file in a case: PDF, JPG or PNG, looked through and made anew.
    Its id is then an answer of the task's form; a free task is claimed.
    """
    clean = sent_file()
    return submit(
        partial(attach_file, task_key=body.task, path=body.field, file=clean),
        lambda id_: f"/v1/files/{id_}",
    )


def sent_file() -> CheckedFile:
    """The file of the request, looked through and made anew.

    Raises:
        NotUnderstood: none came, or more than one.   WrongKind, TooLarge: it is not taken.
    """
    sent = request.files.getlist("file")
    if len(sent) != 1 or set(request.files) != {"file"}:
        raise NotUnderstood(field="file", why="missing" if not sent else "kind")
    content = sent[0].stream.read()
    sent[0].stream.seek(0)
    return CLEANERS.clean(
        str(sent[0].filename),
        sent[0].mimetype,
        content,
        most_mb=current().program.settings.upload_max_mb,
    )
