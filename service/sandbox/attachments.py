"""Attached files, checked and made anew in a child process.

Whatever a file does to its reader, the server goes on answering.
Source: decisions/0006.
"""

from __future__ import annotations

import base64
import json

from service.casework.casefile.documents import CheckedFile
from service.errors import Busy, FieldFault, InvalidAnswers, TooLarge, WrongKind
from service.sandbox.child_processes import ChildEnded, ChildProcesses
from service.sandbox.media_types import ANSWER_MOST, MIB

SECONDS = 20.0
"""Longest that one file may take."""
CHECKERS, WAITING = 2, 6
"""Children that work at once, and how many may wait for one."""


class AttachmentCheckers:
    """A few children that look at files; shared by all threads of a program."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._children = ChildProcesses(
            "service.sandbox.attachment_checks",
            longest=ANSWER_MOST,
            several=CHECKERS,
            waiting=WAITING,
            seconds=seconds,
        )

    def clean(self, name: str, declared: str, content: bytes, *, most_mb: int) -> CheckedFile:
        """A file as it may be kept.

        Args:
            name: as the browser sent it.
            declared: its media type, as the browser sent it.
        Raises:
            TooLarge: over `most_mb`, before or after.
            WrongKind: `facts["why"]`, as `attachment_checks` names it; "heavy" when looking at it
                took too much time or memory.
            Busy: too many others are having files looked at.
        """
        if len(content) > most_mb * MIB:
            raise TooLarge(most=most_mb)
        asked = {
            "name": name,
            "declared": declared,
            "content": base64.b64encode(content).decode(),
            "most": most_mb,
        }
        try:
            said = json.loads(self._children.ask(json.dumps(asked)))
        except ChildEnded as e:
            raise WrongKind(why="heavy") from e
        if said.get("large"):
            raise TooLarge(most=most_mb)
        if "why" in said:
            raise WrongKind(why=said["why"])
        return CheckedFile(name, said["kind"], base64.b64decode(said["content"]))

    def clean_field(
        self, path: str, name: str, declared: str, content: bytes, *, most_mb: int
    ) -> CheckedFile:
        """A file that came in a field of a form, as it may be kept; it takes a while, so no
        transaction waits for it.

        Args:
            path: of the field.
            name, declared, content: as `clean` takes them.
        Raises:
            InvalidAnswers: why it is not taken.
        """
        try:
            return self.clean(name, declared, content, most_mb=most_mb)
        except (TooLarge, WrongKind, Busy) as e:
            fault = {"too_large": "large", "busy": "busy"}.get(e.code) or str(e.facts["why"])
            raise InvalidAnswers(
                (FieldFault(path, f"form.file_{fault}", {"most": most_mb}),)
            ) from e

    def close(self) -> None:
        """End the children."""
        self._children.close()


SHARED = AttachmentCheckers()
"""The checkers of this program."""
