"""The interface for programs: a second, thin skin over the same verbs and the same sight as the
pages.
"""

from service.web.api.v1 import (
    absences,
    api_info,
    case_access,
    cases,
    corrections,
    drafts,
    dry_runs,
    files,
    forms,
    migrations,
    papers,
    referrals,
    tasks,
)
from service.web.api.v1.operations import OPERATIONS, Operation, bp

__all__ = [
    "OPERATIONS",
    "Operation",
    "absences",
    "api_info",
    "bp",
    "case_access",
    "cases",
    "corrections",
    "drafts",
    "dry_runs",
    "files",
    "forms",
    "migrations",
    "papers",
    "referrals",
    "tasks",
]
