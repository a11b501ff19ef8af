"""What an operator should know of the grounds in law: which of them no lawyer has confirmed, and
which rules rest on one that has ended or not begun.
"""

from __future__ import annotations

from service.application.container import Tresteg
from service.release.ground_checks import confirmation_findings, force_findings


def ground_warnings(program: Tresteg) -> list[str]:
    """A sentence about grounds that nobody has confirmed, one about those that were changed since,
    and one for each rule of the release in force that rests on one which is not; none before
    anything was published.
    """
    services, today = program.services, program.clock.now().date()
    with program.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return []
        release = services.current(tx)
    grounds = services.configuration(release).grounds
    found = (*confirmation_findings(grounds), *force_findings(release.bundle, today))
    return [one.message for one in found]
