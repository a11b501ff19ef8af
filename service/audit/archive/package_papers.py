"""The papers that are made for a package: what is in it, what the office answered, and the history
of the case.

A long one becomes several, for a paper that is made takes only so much.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from service.access import CLASSES
from service.audit.archive.package_content import PackageContent, PackagedStep
from service.casework.casefile.retention_words import classes_in_words
from service.casework.history.narrative import HistoryEntry
from service.release.printed.report import PrintedReport, template

CONTENTS, ANSWERS, HISTORY, PROOF = "contents", "answers", "history", "proof.zip"
"""Names of what a package holds: the page to read first, and what it names."""
READ_ME: Final = "documentation/README.txt"
"""Where in a package it is said what it is and how to check it."""
MOST_STEPS, MOST_LINES = 200, 800
"""Steps, and lines of history, in one paper."""
TEMPLATE: Final = Path(__file__).parent / "package.typ"
Part = TypeVar("Part")


def papers_of(content: PackageContent) -> dict[str, PrintedReport]:
    """File to the paper that is made for it."""
    steps = [*content.steps, *content.notes]
    made = {
        file: _paper(content, ANSWERS, file, sections=[_section(step) for step in part])
        for file, part in _several(ANSWERS, steps, MOST_STEPS)
    }
    made |= {
        file: _paper(content, HISTORY, file, lines=[_line(content, entry) for entry in part])
        for file, part in _several(HISTORY, content.history, MOST_LINES)
    }
    listed = _paper(content, CONTENTS, f"{CONTENTS}.pdf", sections=[*_lists(content, [*made])])
    return {f"{CONTENTS}.pdf": listed, **made}


def _several(name: str, parts: Sequence[Part], most: int) -> Iterator[tuple[str, Sequence[Part]]]:
    """The parts of a paper, each with the file of its own paper."""
    for start in range(0, max(1, len(parts)), most):
        number = f"-{start // most + 1}" if len(parts) > most else ""
        yield f"{name}{number}.pdf", parts[start : start + most]


def _paper(
    content: PackageContent,
    kind: str,
    file: str,
    *,
    sections: Sequence[dict[str, Any]] = (),
    lines: Sequence[Sequence[str]] = (),
) -> PrintedReport:
    case = content.order.case
    said = content.say
    empty = "" if sections or lines else said("nothing")
    data = {
        "title": said(f"{kind}_title", number=case.number),
        "lang": content.lang,
        "over": content.process,
        "under": f"{content.office.name} · {case.ref}",
        "foot": content.id,
        "lead": " ".join([said(f"{kind}_lead", office=content.office.name), empty]).strip(),
        "about": _about(content) if kind == CONTENTS else [],
        "sections": sections,
        "heads": [said(f"head_{head}") for head in ("line", "when", "what", "who")],
        "lines": lines,
        "words": {"page": said("page")},
    }
    return PrintedReport(template("page") + TEMPLATE.read_text("utf-8"), data, file)


def _about(content: PackageContent) -> list[tuple[str, str]]:
    case, said = content.order.case, content.say
    return [
        (said("number"), f"{case.number} · {case.ref}"),
        (said("office"), content.office.name),
        (said("process"), content.process),
        (said("began"), content.when(content.began)),
        (said("ended"), content.when(content.ended)),
        (said("classes"), classes_in_words(content.order.classes, content.lang)),
        (said("rules"), "; ".join(content.rules)),
        (said("made"), content.when(content.made)),
    ]


def _lists(content: PackageContent, made: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What lies in the package, and what does not."""
    said = content.say
    yield {
        "title": said("files"),
        "under": "",
        "rows": [
            *((file, said(file.rstrip("pdf.-0123456789") + "_is")) for file in made),
            (PROOF, said("proof_is")),
            (READ_ME, said("readme_is")),
        ],
    }
    papers = [
        (
            paper.file,
            said(
                "paper_made" if paper.made else "paper_brought",
                title=paper.title,
                when=content.when(paper.at),
            ),
        )
        for paper in content.documents
    ]
    yield {"title": said("papers"), "under": "" if papers else said("no_papers"), "rows": papers}
    rows = [(said("others"), said("others_is"))]
    if len(content.order.classes) < len(CLASSES):
        rows.append((said("rest"), said("rest_is")))
    rows.append((said("looks"), said("looks_is")))
    yield {"title": said("left_out"), "under": "", "rows": rows}


def _section(step: PackagedStep) -> dict[str, Any]:
    return {"title": step.title, "under": step.under, "rows": list(step.rows)}


def _line(content: PackageContent, entry: HistoryEntry) -> list[str]:
    what = "\n".join((entry.text, *entry.caused))
    who = ", ".join(part for part in (entry.who, entry.office) if part)
    return [str(entry.n), content.when(entry.at), what, who]
