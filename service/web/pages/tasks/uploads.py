"""Files that came with the form of a task: checked, and kept at once."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage

from service.casework.casefile.documents import CheckedFile
from service.casework.tasks.send_buttons import SEND
from service.casework.tasks.task_commands import AttachFile
from service.errors import FieldFault, InvalidAnswers
from service.sandbox.attachments import SHARED as CLEANERS
from service.web.request_context import current
from service.web.submit import submit_once

NO_ANSWER = frozenset({"case", "step", "news", "confirmed", SEND})
"""Fields that the page carries with the answers: where it belongs, the release whose change it
says, that the end of the case is meant, and the plain button."""
Typed = dict[str, list[str]]
"""Field path to texts."""


def typed_answers() -> Typed:
    """What was typed into the form of a task, without its files."""
    return current().answers(NO_ANSWER)


def typed_with_files(task: str) -> tuple[Typed, tuple[FieldFault, ...]]:
    """What was typed, with the ids of the files that came with it; and the faults of files that are
    not taken.
    """
    typed = typed_answers()
    faults: list[FieldFault] = []
    for path, sent in request.files.lists():
        for n, file in enumerate(part for part in sent if part.filename):
            try:
                command = AttachFile(task, path, _checked(path, file), in_unsent=True)
                key = f"{current().key}-{path}-{n}"
                id_ = submit_once(command, key, lambda kept: kept, counts=False)
                typed.setdefault(path, []).append(id_)
            except InvalidAnswers as e:
                faults += e.faults
    return typed, tuple(faults)


def _checked(path: str, file: FileStorage) -> CheckedFile:
    most = current().program.settings.upload_max_mb
    sent = (str(file.filename), file.mimetype, file.stream.read())
    file.stream.seek(0)
    return CLEANERS.clean_field(path, *sent, most_mb=most)
