"""Linting and outlines of foreign files, in a child process.

Whatever a diagram does to its reader, the server goes on answering.
Source: decisions/0006.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from service.engine import broke, lint, too_slow
from service.errors import BadDiagram, Finding
from service.release.appeal_checks import appeals_in_force
from service.release.bundle import LANGUAGES, TEXTS, Bundle, unpack
from service.release.ground_checks import force_findings
from service.release.paper_templates import FOLDER as PAPERS
from service.release.prepared import files_of
from service.release.recently_used import RecentlyUsed
from service.release.translation_findings import language_findings
from service.sandbox.child import serve
from service.sandbox.child_processes import ChildEnded, ChildProcesses
from service.sandbox.handlers import declared
from service.workshop.outline import outline

SECONDS = 15.0
"""Longest that one reading may take."""
ANSWER_MOST = 8 * 2**20
"""Longest answer, in bytes: a release can have thousands of findings."""
READERS, WAITING = 2, 4
"""Children that read at once, and how many may wait for one.

So a web server with eight threads still answers everybody else.
"""

KEPT = 64
"""Readings whose findings are kept: pages ask for those of the same files again and again."""
OF_PAPERS = (f"{PAPERS}/", "forms/", LANGUAGES, *TEXTS)
"""Folders of what papers are made of. To make them takes as long as all else, and few changes touch
them."""


class LintProcesses:
    """A few children that read; shared by all threads of a program."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._children = ChildProcesses(
            "service.sandbox.release_linting",
            longest=ANSWER_MOST,
            several=READERS,
            waiting=WAITING,
            seconds=seconds,
        )
        self._known = RecentlyUsed[tuple[Finding, ...]](KEPT)
        self._papers_known = RecentlyUsed[tuple[Finding, ...]](KEPT)

    def findings(
        self, bundle: Bundle, name: str = "", *, today: date | None = None
    ) -> list[Finding]:
        """Everything that linter and form reader have to say about a bundle.

        Args:
            name: the file that is to blame when reading has to be ended.
            today: for dates that have passed; None leaves that check out.
        Returns: the findings; one of X110 when it took too much time or memory.
        Raises:
            Busy: too many others are having files read.
        """
        day = today.isoformat() if today else None
        whole, papers = f"{bundle.digest} {day}", _papers_digest(bundle)
        of_files = self._known.get(whole)
        of_papers = self._papers_known.get(papers)
        if of_files is None or of_papers is None:
            kept = {"files": of_files, "papers": of_papers}
            missing = " ".join(part for part, found in kept.items() if found is None)
            said = self._ask(_question("lint", bundle, name, today=day, parts=missing), name)
            if "findings" in said:  # it was not read to its end, and is tried again when asked
                return [Finding(**found) for found in said["findings"]]
            if "files" in said:
                of_files = self._known.put(whole, _findings(said["files"]))
            if "papers" in said:
                of_papers = self._papers_known.put(papers, _findings(said["papers"]))
        return [*(of_files or ()), *(of_papers or ())]

    def outline(self, bundle: Bundle, name: str, lang: str) -> list[str]:
        """A diagram of the bundle in words, as indented lines.

        Raises:
            BadDiagram: it cannot be read; X110 when it took too much time or memory.
            Busy: as above.
        """
        said = self._ask(_question("explain", bundle, name, lang=lang), name)
        if said["findings"]:
            raise BadDiagram(tuple(Finding(**found) for found in said["findings"]))
        return list(said["lines"])

    def close(self) -> None:
        """End the children."""
        self._children.close()

    def _ask(self, line: str, name: str) -> dict[str, Any]:
        declared()  # a module of handlers that cannot be loaded is named here; the child is silent
        try:
            said: dict[str, Any] = json.loads(self._children.ask(line))
        except ChildEnded:
            return {"findings": [asdict(too_slow(name))]}
        return said


SHARED = LintProcesses()
"""The readers of this program; their children start when they are first asked, and end with it."""


def _papers_digest(bundle: Bundle) -> str:
    """Digest of the files that papers are made of."""
    return Bundle({n: data for n, data in bundle.files.items() if n.startswith(OF_PAPERS)}).digest


def _findings(said: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**found) for found in said)


def _question(do: str, bundle: Bundle, name: str, **more: str | None) -> str:
    return json.dumps(
        {"do": do, "bundle": base64.b64encode(bundle.pack()).decode(), "name": name, **more}
    )


# ---- inside the child


def answer_one(line: str) -> str:
    """The child's answer to one line, as JSON: findings, or lines of an outline."""
    asked = json.loads(line)
    try:
        bundle = unpack(base64.b64decode(asked["bundle"]))
        return json.dumps(_ANSWERS[asked["do"]](bundle, asked), default=str)
    except BadDiagram as e:
        return json.dumps({"findings": [asdict(found) for found in e.findings]}, default=str)
    except Exception as e:  # noqa: BLE001 - a fault of ours in a file of others: a sentence, not a silence
        return json.dumps({"findings": [asdict(broke(asked["name"], type(e).__name__))]})


def _lint(bundle: Bundle, asked: Mapping[str, Any]) -> dict[str, object]:
    files, forms, findings = files_of(bundle, declared())
    said: dict[str, object] = {}
    if "papers" in asked["parts"]:
        from service.sandbox.paper_linting import (  # noqa: PLC0415 - brings what makes papers, which only the child needs
            font_findings,
            paper_findings,
        )

        checks = (paper_findings, font_findings, language_findings)
        said["papers"] = [asdict(found) for check in checks for found in check(bundle, forms)]
    if "files" in asked["parts"]:
        today = date.fromisoformat(asked["today"]) if asked.get("today") else None
        findings += lint(files, today=today)
        if today is not None:
            findings += [*force_findings(bundle, today), *appeals_in_force(bundle, today)]
        said["files"] = [asdict(found) for found in findings]
    return said


def _explain(bundle: Bundle, asked: Mapping[str, Any]) -> dict[str, object]:
    files, forms, _ = files_of(bundle, declared())
    return {"findings": [], "lines": outline(files, forms, asked["name"], asked["lang"])}


_ANSWERS: Mapping[str, Callable[[Bundle, Mapping[str, Any]], dict[str, object]]] = {
    "lint": _lint,
    "explain": _explain,
}


def main() -> None:
    """Run as the child: handlers are read for what they declare, and never called."""
    serve(answer_one, longest=ANSWER_MOST, prepare=declared)


if __name__ == "__main__":
    main()
