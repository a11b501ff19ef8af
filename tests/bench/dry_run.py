"""S11: the dry run of a draft: one whole case of the shipped process folded on the release and on a
draft, against folding it once.

One process computes alone, so it is measured in processor time; the ratio is of one run.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from service.casework.history.replay import replay_turns
from service.demo.scenarios import read_scenarios
from service.release.bundle import Bundle
from service.security.keyring import make_keyring
from service.workshop.dry_run.case_fold import fold_case
from tests.bench._gauge import Row, median, report, sqlite
from tests.support.played_cases import SCENARIOS, play

ROUNDS = 30
DIAGRAM = "workflows/return_case.bpmn"


def taken(work: Callable[[], object]) -> float:
    """Processor time of one call, in milliseconds: the median."""
    times = []
    for _ in range(ROUNDS):
        begun = process_time()
        work()
        times.append(process_time() - begun)
    return median(times[3:])


def measure(url: str) -> list[Row]:
    longest = max(read_scenarios(SCENARIOS), key=lambda scenario: len(scenario.steps))
    played = play(url, make_keyring(demo=True), [longest])
    program, case = played.program, played.cases[longest.name]
    services, now = program.services, program.clock.now()
    with program.database.transaction(write=False) as tx:
        base = services.current(tx)
        drawn = base.bundle.files[DIAGRAM].replace(b'"P5D"', b'"P6D"')
        files = Bundle({**base.bundle.files, DIAGRAM: drawn})
        draft = services.prepared.build(files, process=base.process)
        facts = len([*replay_turns(tx, services, case)])
        once = taken(lambda: [*replay_turns(tx, services, case)])
        both = taken(lambda: fold_case(tx, services, case, draft=draft, base=base, now=now))
    program.database.close()
    thousand = both  # milliseconds of a case are seconds of a thousand
    return [
        Row(
            "S11",
            f"dry run of 1,000 cases of {facts} facts, one worker",
            "<= 10 s",
            f"{thousand:.0f} s of processor time",
            thousand <= 10,
        ),
        Row(
            "S11", "dry run of a case / its fold", "<= 3.0", f"{both / once:.2f}", both / once <= 3
        ),
    ]


def main() -> None:
    with sqlite() as url:
        report("dry_run", measure(url))


if __name__ == "__main__":
    main()
