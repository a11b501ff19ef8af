"""Papers: PDF/A-2a and PDF/UA-1 made of a template of the release, in a child process.

Whatever a template does, the server goes on answering.
Source: decisions/0030.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.errors import PaperFailed
from service.sandbox.child_processes import ChildEnded, ChildProcesses
from service.sandbox.media_types import PAPER_MOST

SECONDS = 15.0
"""Longest that one paper may take."""
PRINTERS, WAITING = 2, 6
"""Children that work at once, and how many may wait for one."""


class PaperCompilers:
    """A few children that make papers; shared by all threads of a program."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._children = ChildProcesses(
            "service.sandbox.paper_compiling",
            longest=PAPER_MOST,
            several=PRINTERS,
            waiting=WAITING,
            seconds=seconds,
        )

    def compile(
        self, source: str, data: Mapping[str, Any], *, at: datetime, sample: bool = False
    ) -> bytes:
        """A paper.

        Args:
            source: the template, with what the release puts before every template.
            data: what it reads as `paper`: title, language, and what its header declares.
            at: the moment that the paper bears as that of its making.
            sample: the data are invented, so that what typst says may be passed on.
        Raises:
            PaperFailed: `facts["why"]` is `file`, `package`, `endless`, `template`, `standard` (not
                everybody could read it), `archive` (no archive could keep it), `link` (one leads to
                what is no site, mail or telephone), `content` (more than
                pages), or `heavy` when it took too much time, memory or space; `facts["line"]`.
            Busy: too many others are having papers made.
        """
        asked = {"source": source, "data": data, "sample": sample, "at": int(at.timestamp())}
        try:
            said = json.loads(self._children.ask(json.dumps(asked)))
        except ChildEnded as e:
            raise PaperFailed(why="heavy", line=0, said="") from e
        if "paper" not in said:
            raise PaperFailed(**said)
        return base64.b64decode(said["paper"])

    def close(self) -> None:
        """End the children."""
        self._children.close()


SHARED = PaperCompilers()
"""What makes the papers of this program."""
