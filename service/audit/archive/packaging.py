"""Making a package for an archive: what is loaded, and what is recorded before it leaves.

Whoever makes one loads its content, has its papers made outside of any transaction, and records it;
only then it leaves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from service.access import Viewer
from service.audit.archive.package_content import PackageContent, load_content
from service.audit.archive.package_file import ArchivePackage
from service.casework.approvals import protected_acts
from service.casework.casefile import read_log
from service.casework.retention.handing_over import require_hand_over
from service.casework.retention.left import ARCHIVE
from service.errors import Stale
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.transaction import Tx

PACKAGED: Final = "case_packaged"
"""Kind of the entry in the history of the case."""


def load_package(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, case_id: str
) -> PackageContent:
    """Load what goes into the package of a case: what the viewer's office keeps of it, and is asked
    to hand over.

    Raises:
        NotFound, NotPackable: as `require_hand_over` and `load_content` say.
    """
    return load_content(tx, services, viewer, require_hand_over(tx, viewer, case_id), now)


def record_package(
    tx: Tx, by: Viewer, now: datetime, *, content: PackageContent, made: ArchivePackage
) -> None:
    """Record a package before it leaves: in the history of the case, and in the log of who looked.

    Raises:
        NotFound, NotPackable: as `require_hand_over` says.
        Stale: since it was loaded, something of it was erased, or is asked for besides.
        ApprovalNeeded: the identity is protected, and no second person has approved it.
    """
    order = require_hand_over(tx, by, content.order.case.id)
    if order != content.order:
        raise Stale
    case = order.case
    protected_acts.use_if_protected(
        tx, by=by, now=now, case=case, kind=protected_acts.PACKAGE_CASE, subject=order.office
    )
    body: dict[str, ledger_lines.Canonical] = {
        "to": order.office,
        "package": made.id,
        "classes": order.classes,
        "rule": ", ".join(order.rules),
        "documents": made.documents,
        "files": made.files,
        "digest": made.digest,
    }
    append_entry(tx, f"case/{case.id}", PACKAGED, by=actor(by), now=now, body=body)
    read_log.record_read(
        tx,
        by=by,
        now=now,
        case_id=case.id,
        purpose="export",
        classes=order.classes,
        about={"tab": ARCHIVE},
        case=case,
    )
