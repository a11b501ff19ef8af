"""What pages of requests share: what is ticked to be struck out, and the paper that is given."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from flask import Response, request

from service.casework.subject_requests.request_page import AnswerPaper
from service.errors import PaperFailed, ReportFailed
from service.sandbox.paper_compilers import SHARED as COMPILERS

BETWEEN: Final = "|"
"""Stands between the id of a part and the number of a piece of it."""


def struck_pieces() -> dict[str, tuple[int, ...]]:
    """Part to the numbers of its pieces that are ticked to be struck out."""
    struck = defaultdict[str, list[int]](list)
    for ticked in request.form.getlist("strike"):
        part, _, number = ticked.rpartition(BETWEEN)
        if number.isascii() and number.isdigit():
            struck[part].append(int(number))
    return {part: (*numbers,) for part, numbers in struck.items()}


def send_paper(made: AnswerPaper, at: datetime) -> Response:
    """Make the paper and send it; no browser keeps it.

    Raises:
        ReportFailed: it cannot be made.
    """
    try:
        content = COMPILERS.compile(made.source, made.data, at=at)
    except PaperFailed as e:
        raise ReportFailed from e
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
