"""A complaint is played as it is drawn: another office than the one it is about has it, and nobody
else.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from service.audit import verify
from service.demo.scenarios import read_scenarios
from service.security.keyring import Keyring
from service.store.casefile import cases, parties
from service.store.work import letters
from tests.support.played_cases import SCENARIOS, UNTIL, play

ABOUT = {
    "complaint-iom": ("iom-helsinki", "lansstyrelsen-stockholm"),
    "complaint-approver": ("lansstyrelsen-stockholm", "regionkoordinator-mitt"),
    "complaint-other-iom": ("iom-helsinki", "lansstyrelsen-stockholm"),
}
"""Scenario to the office that it is about, and the one that has it."""


@pytest.mark.slow
def test_each_complaint_ends_at_an_office_that_it_is_not_about(
    keyring: Keyring, tmp_path: Path
) -> None:
    wanted = [one for one in read_scenarios(SCENARIOS) if one.name.startswith("complaint-")]
    made = play(f"sqlite:///{tmp_path / 'played.db'}", keyring, wanted)
    with made.program.database.transaction(write=False) as tx:
        report = verify.verify_all(tx, made.program.services, now=UNTIL)
        assert (report.faults, report.breaches) == ((), ())
        assert len(made.cases) == len(wanted) > len(ABOUT)
        for name, case_id in made.cases.items():
            case = cases.get(tx, case_id)
            assert case is not None
            assert (case.process, case.end) == ("complaint", "End_Complaint")
            if name in ABOUT:
                office, has = ABOUT[name]
                assert office not in parties.of_case(tx, case_id).values()
                sent = {letter.office_id for letter in letters.of_case(tx, case_id)}
                assert office not in sent
                assert has in parties.of_case(tx, case_id).values()
    made.program.database.close()
