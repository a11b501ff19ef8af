"""SpiffWorkflow alone, in a process that does not know us: what it does with the diagrams of each
trap.

Run as a program it prints one JSON object, trap to what happened. `test_traps_*.py` say what that
has been; another release of the library may differ.
"""

from __future__ import annotations

import json
import sys
import traceback

from tests.engine.spiff import stock_files as files
from tests.engine.spiff import stock_flow as flow
from tests.engine.spiff import stock_tasks as tasks
from tests.engine.spiff.stock_cases import Outcome

TRAPS = (
    *(
        flow.depth,
        flow.dead_end,
        flow.reserved,
        flow.loop_join,
        flow.loop_drop,
        flow.or_join,
        flow.layout,
        flow.scoped_error,
        flow.event_sub,
        flow.event_sub_start,
        flow.spec_unchanged,
        flow.again,
        flow.long_chain,
        flow.quadratic,
        flow.fault_end,
        flow.bombs,
        flow.message_one,
    ),
    *(
        tasks.mi_restored,
        tasks.mi_data,
        tasks.mi_frozen,
        tasks.race,
        tasks.race_clean,
        tasks.timer_text,
        tasks.months,
        tasks.due_now,
        tasks.missed,
        tasks.late,
        tasks.variables,
        tasks.no_eval,
        tasks.thrown_away,
        flow.started,
        tasks.migrate,
        tasks.reset,
        tasks.move_boundary,
        flow.threads,
    ),
    *(
        files.codec_no_code,
        files.nothing_ignored,
        files.kinds,
        files.one_error,
        files.ids,
        files.artefacts,
        files.dmn,
        files.ad_hoc,
        files.quiet,
        files.codec_round,
    ),
)


if __name__ == "__main__":
    outcomes: dict[str, Outcome] = {}
    for trap in TRAPS:
        try:
            outcomes[trap.__name__] = trap()
        except Exception:  # noqa: BLE001 - one trap must not hide the others
            outcomes[trap.__name__] = traceback.format_exc(limit=-3)
    json.dump(outcomes, sys.stdout, default=repr)
