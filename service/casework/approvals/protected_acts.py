"""Approval of acts on a protected identity: print, papers, files, a package for an
archive, and less protection.
"""

from __future__ import annotations

from datetime import datetime

from service.access import Viewer
from service.casework.approvals import requests
from service.casework.cases import protection
from service.store.casefile import approvals, cases
from service.store.transaction import Tx

PRINT_CASE, PRINT_TASK, OPEN_DOCUMENT = "print_case", "print_task", "open_document"
MAKE_PAPER = "make_paper"
PACKAGE_CASE = approvals.PACKAGE_CASE
LOWER = protection.LOWER


def digest(kind: str, case_id: str, subject: str) -> str:
    """Digest of an act on a protected identity, as a request for its approval carries it."""
    return requests.digest_of(kind, case_id, {"subject": subject})


def use_if_protected(
    tx: Tx, *, by: Viewer, now: datetime, case: cases.CaseSummary, kind: str, subject: str = ""
) -> None:
    """Use up the approval of an act on a protected identity; every other case needs none.

    Raises:
        ApprovalNeeded: nobody approved it for her, or it was used or ran out.
    """
    if protection.is_protected(case.marking):
        what = digest(kind, case.id, subject)
        requests.use(tx, by=by, now=now, kind=kind, case_id=case.id, digest=what, subject=subject)
