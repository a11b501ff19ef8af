"""Papers of a case: which ones the caller may have made, making one, and bringing a signed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from service.application.paper_making import make_paper
from service.casework.casefile import papers
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.paper_commands import add_signed_copy
from service.casework.casefile.papers import PaperChoice, PaperOrder
from service.casework.pages import case_reads
from service.errors import NotUnderstood
from service.store.transaction import Tx
from service.web.api.v1.files import sent_file
from service.web.api.v1.operations import Done, Reply, operation, submit
from service.web.api.v1.shapes import Text
from service.web.request_context import current

ADDRESS = "/v1/files/{}"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line that whoever makes the paper types, at most so many characters."""

    key: str
    label: str
    most: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that the caller may have made, in one of its languages."""

    id: str
    title: str
    kind: str
    languages: tuple[str, ...]
    typed: tuple[PaperLine, ...]


@dataclass(frozen=True, slots=True)
class PaperList:
    """The papers of the case's release that the caller may have made."""

    items: tuple[Paper, ...]


@operation("list_papers", "GET", "/cases/<case>/papers", gives=PaperList, faults=("reason_needed",))
def list_papers(case: str) -> Reply:
    """The papers that the caller may have made of a case.
    Those that were made are its `files`.
    """
    view = current().read_and_log(lambda tx: _opened(tx, case))
    return Reply(PaperList(tuple(_paper(choice) for choice in papers.paper_choices(view))))


def _opened(tx: Tx, case: str) -> CaseView:
    """The case as the caller sees it, with the line that says who reads it."""
    context = current()
    view = load_case_view(tx, context.program.services, context.viewer, case, context.now)
    case_reads.record_case(tx, view, classes={"C0"}, about={"tab": "papers"})
    return view


def _paper(choice: PaperChoice) -> Paper:
    lang = current().lang
    lines = (
        PaperLine(line.key, line.label.get(lang) or line.label["sv"], line.most)
        for line in choice.typed
    )
    return Paper(choice.id, choice.title, choice.kind, choice.languages, tuple(lines))


@dataclass(frozen=True, slots=True)
class NewPaper:
    """Which paper is made, in which language and why.
    `typed` holds the lines that the paper asks for, by key.
    """

    paper: Text
    lang: Text
    reason: Literal["SIGN", "GIVE", "HAND_OVER", "KEEP"]
    typed: Mapping[str, str] = field(default_factory=dict)


@operation(
    "make_paper",
    "POST",
    "/cases/<case>/papers",
    asks=NewPaper,
    gives=Done,
    status=201,
    keyed=True,
    faults=("reason_needed", "approval_needed", "paper_failed", "stale"),
)
def make(case: str, body: NewPaper) -> Reply:
    """Have a paper made, and keep it with the case. It stands in the read log as a print.
    The answer's `location` is that of the file. `stale` when the case moved meanwhile: ask again.
    """
    context = current()
    order = PaperOrder(body.paper, body.lang, body.reason, _typed(case, body))
    command = make_paper(
        context.database,
        case,
        order,
        load=lambda tx: _opened(tx, case),
        by_name=context.signed_in.name,
        now=context.now,
    )
    return submit(command, ADDRESS.format)


def _typed(case: str, body: NewPaper) -> Mapping[str, str]:
    """The typed lines, each of which the paper asks for.

    Raises:
        NotUnderstood: it asks for none of that name.
    """
    if body.typed:
        view = current().read_and_log(lambda tx: _opened(tx, case))
        known = {line.key for line in papers.find_choice(view, body.paper).typed}
        for key in body.typed:
            if key not in known:
                raise NotUnderstood(field=f"typed.{key}", why="unknown")
    return body.typed


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """The code on the pages that were signed. The file itself comes as the part `file`."""

    code: Text


@operation(
    "add_signed_paper",
    "POST",
    "/cases/<case>/papers/signed",
    asks=SignedPaper,
    gives=Done,
    status=201,
    keyed=True,
    upload=True,
    faults=("reason_needed", "wrong_kind", "answers_invalid"),
)
def add_signed(case: str, body: SignedPaper) -> Reply:
    """Keep the signed copy of a paper with the paper that bears the code."""
    current().read_and_log(lambda tx: _opened(tx, case))
    return submit(
        partial(add_signed_copy, case_id=case, code=body.code, clean=sent_file()), ADDRESS.format
    )
