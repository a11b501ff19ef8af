"""Making a paper of a case, between two transactions.

What goes into it is read in the first, with the line that says who reads; the template runs outside
of any; the command that this gives compares and keeps it in the second.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from service.application import unit_of_work
from service.casework.casefile import papers
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.paper_commands import keep_paper
from service.casework.casefile.papers import ComposedPaper, PaperOrder
from service.casework.commands.command import Command
from service.records.ids import ulid
from service.sandbox.paper_compilers import SHARED as COMPILERS
from service.store.database import Database
from service.store.transaction import Tx


def make_paper(
    database: Database,
    case: str,
    order: PaperOrder,
    *,
    load: Callable[[Tx], CaseView],
    by_name: str,
    now: datetime,
) -> Command[str]:
    """Make a paper of a case; it is kept once the command is performed.

    Args:
        load: the case as the maker sees it, with the line that says who reads it.
        by_name: the maker's name.
    Raises:
        NotFound: there is no such paper for her.   ReasonNeeded: she must say why she opens the
            case.   PaperFailed: the template does not work.
    """
    document = ulid(now)

    def compose(tx: Tx) -> ComposedPaper:
        return papers.compose(load(tx), order, document=document, by_name=by_name)

    composed = unit_of_work.read_and_log(database, compose)
    content = COMPILERS.compile(composed.source, composed.data, at=now)
    return partial(
        keep_paper,
        case_id=case,
        order=order,
        document=document,
        by_name=by_name,
        composed=composed,
        content=content,
    )
