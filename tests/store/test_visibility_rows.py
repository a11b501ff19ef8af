"""What decides what somebody may see of cases is read in one statement, and as each part alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from service.store.casefile import case_bars, consents, grants, named_persons, parties
from service.store.casefile.case_bars import CaseBar
from service.store.casefile.consents import Consent
from service.store.casefile.grants import GrantRow
from service.store.casefile.named_persons import NamedPerson
from service.store.database import Database
from service.store.lists import visibility_rows
from service.store.lists.visibility_rows import VisibilityRows
from service.store.transaction import Tx
from service.store.work import tasks
from tests.store.sample_rows import NOON, SampleRows

DAY = NOON.date()


def read(tx: Tx, *case_ids: str) -> dict[str, VisibilityRows]:
    return visibility_rows.of_cases(tx, case_ids, office="north", roles={"Helper"}, now=NOON)


def test_what_decides_of_a_case_is_as_it_is_read_alone(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=2)
        parties.bind(
            tx, "c000", {"Helper": "north", "Approver": "south"}, parties.of_case(tx, "c000")
        )
        waiting = [samples.task("c000", name) for name in ("b", "a")]
        waiting[0] = replace(waiting[0], due=NOON, claimed_by="p-north", claimed_at=NOON, nth=3)
        tasks.sync(tx, "c000", waiting, {})
        about = ("c000", "north", "Helper", "G1", "C0 C1", "own", "REFER", NOON)
        grants.add(
            tx,
            GrantRow("a", *about),
            replace(GrantRow("b", *about), until=NOON),
            replace(GrantRow("c", *about), ended_at=NOON),
            replace(GrantRow("d", *about), starts=NOON + timedelta(days=1)),
            replace(GrantRow("e", *about), office_id="south"),
            replace(GrantRow("f", *about), role="Reader"),
        )
        named = NamedPerson("c000", "p-north", "p-south", NOON)
        named_persons.add(tx, named)
        named_persons.add(tx, replace(named, person_id="p-south", ended_at=NOON))
        bar = CaseBar("k", "c000", "south", "", "", "about", "p-north", NOON)
        case_bars.add(tx, bar)
        case_bars.add(tx, replace(bar, id="l", office_id="north", ended_at=NOON))
        found = read(tx, "c000", "c001")
        assert found["c000"].barred == [bar]
        assert found["c001"] == VisibilityRows()
        assert found["c000"].parties == parties.of_case(tx, "c000")
        assert found["c000"].waiting == tasks.of_case(tx, "c000")
        assert found["c000"].granted == grants.of_case(tx, "c000")[:1]
        assert found["c000"].named == {"p-north"}


def test_a_purpose_is_there_while_its_consent_is_live(
    database: Database, samples: SampleRows
) -> None:
    def consent(id_: str, given: int, ends: int | None, by: str = "SELF") -> Consent:
        given_on = DAY + timedelta(days=given)
        valid_to = None if ends is None else DAY + timedelta(days=ends)
        after = NOON + timedelta(minutes=given)
        return Consent(
            *(id_, "c000", id_[0], by, "WRITTEN", given_on, valid_to, b"box", 1, "p-north", after)
        )

    rows = [
        *(consent("a", 0, None), consent("b", 1, None), consent("c", -1, 0)),
        *(consent("d", -2, -1), consent("e2", -1, None, "BOTH"), consent("e1", -2, None)),
    ]
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        consents.add(tx, *rows)
        consents.add(tx, replace(consent("f", 0, None), withdrawn_on=date(2026, 3, 2)))
        live = {row.purpose: row.given_by for row in consents.of_case(tx, "c000") if row.live(DAY)}
        assert read(tx, "c000")["c000"].purposes == live
        assert live == {"a": "SELF", "c": "SELF", "e": "BOTH"}
