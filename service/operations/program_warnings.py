"""What an operator should know of programs: tokens that end soon, and those that nobody uses."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from service.application.container import Tresteg
from service.clock import wall_clock
from service.people import programs

SOON: Final = timedelta(days=14)
"""Before its end, an operator has to make another token."""
UNUSED: Final = timedelta(days=90)
"""After so long without a use a token is more danger than help. Assumed."""


def program_warnings(program: Tresteg) -> list[str]:
    """A sentence for each program whose token ends soon, or was not used for long."""
    now = wall_clock(program.clock).now()
    with program.database.transaction(write=False) as tx:
        live = [row for row in programs.list_programs(tx, program.services) if row.is_live(now)]
    soon = [
        f"The token of the program {row.id} ends on {row.ends_at:%Y-%m-%d}."
        for row in live
        if row.ends_at - now <= SOON
    ]
    unused = [
        f"The program {row.id} has not used its token since "
        f"{row.used_at or row.made_at:%Y-%m-%d}: `tresteg program end {row.id}` ends it."
        for row in live
        if now - (row.used_at or row.made_at) > UNUSED
    ]
    return soon + unused
