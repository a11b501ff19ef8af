"""Fresh proof: who signed in some minutes ago shows once more that it is she, before she does what
cannot be taken back or opens what is closed. Whoever finds a browser signed in cannot.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import redirect, url_for
from werkzeug.wrappers import Response

from service.errors import NotAllowed, ProofNeeded
from service.web.late_form_store import read_late_form
from service.web.request_context import current

FRESH: Final = timedelta(minutes=5)
"""How long a proof holds."""


def require_proof() -> None:
    """Require that the person has shown not long ago that it is she.

    A form that is refused is kept meanwhile, and sent on when she has (`error_pages`).

    Raises:
        ProofNeeded: she has not.   NotAllowed: a program asks, which can show nothing.
    """
    if current().viewer.is_program:
        raise NotAllowed(why="program")
    if current().wall - current().signed_in.proven_at > FRESH:
        raise ProofNeeded


def go_on_proven() -> Response:
    """To the form that was kept meanwhile, else to where she came from."""
    with current().transaction() as tx:
        kept = read_late_form(tx, current().viewer.person) is not None
    return redirect(url_for("late_forms.page") if kept else current().back or "/", 303)
