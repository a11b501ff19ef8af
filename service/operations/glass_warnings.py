"""What an operator should know of cases that were opened in danger to life: how many nobody has
reviewed in time.
"""

from __future__ import annotations

from service.application.container import Tresteg
from service.casework.break_glass.late_reviews import late_reviews


def glass_warnings(program: Tresteg) -> list[str]:
    """A sentence with the number of reviews that are late; none where none is."""
    with program.database.transaction(write=False) as tx:
        late = len(late_reviews(tx, program.services, program.clock.now()))
    if not late:
        return []
    said = "1 case was" if late == 1 else f"{late} cases were"
    return [f"{said} opened in danger to life, and not reviewed in time: see Approvals."]
