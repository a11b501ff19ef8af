"""Fresh proof: who signed in some minutes ago shows once more that it is she, before she does what
cannot be taken back or opens what is closed. Whoever finds a browser signed in cannot.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from service.errors import ProofNeeded
from service.web.request_context import current

FRESH: Final = timedelta(minutes=5)
"""How long a proof holds."""


def require_proof() -> None:
    """Require that the person has shown not long ago that it is she.

    A form that is refused is kept meanwhile, and sent on when she has (`error_pages`).

    Raises:
        ProofNeeded: she has not.
    """
    if current().wall - current().signed_in.proven_at > FRESH:
        raise ProofNeeded
