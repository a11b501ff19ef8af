"""Answers of class C0 that the programme report counts: how a case ended, and open amounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from service.casework.cases import given_answers
from service.casework.cases.case_visibility import field_of
from service.casework.cases.given_answers import GivenAnswer
from service.errors import CannotOpen
from service.forms import Field
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.casefile import facts
from service.store.casefile.cases import CaseSummary
from service.store.installation import keys
from service.store.transaction import Tx

OPEN: Final = "C0"
MONEY: Final = "money"
AT_ONCE: Final = 100
"""Cases whose facts and answers are read with one statement."""


@dataclass(frozen=True, slots=True)
class CostSum:
    """What a kind of money comes to in one currency, in how many cases."""

    kind: str
    state: str
    currency: str
    amount: Decimal
    cases: int


def open_answers(
    tx: Tx, services: Services, found: Sequence[CaseSummary]
) -> tuple[dict[str, str], list[CostSum]]:
    """Case to how it ended, by the programme's field for that, and the sums of open amounts.

    A case whose key is gone, or whose open answers cannot be read, gives nothing.
    """
    outcomes: dict[str, str] = {}
    costs: dict[tuple[str, str, str], list[tuple[str, Decimal]]] = {}
    for case, release, given in _given(tx, services, found):
        for answer in _counting(release, given):
            if answer.key == services.programme.report.outcome:
                outcomes[case.id] = str(answer.value)
            for place, amount in _amounts(field_of(release, answer.form, answer.key), answer):
                costs.setdefault(place, []).append((case.id, amount))
    sums = [
        CostSum(*place, sum((n for _, n in rows), Decimal(0)), len({case for case, _ in rows}))
        for place, rows in sorted(costs.items())
    ]
    return outcomes, sums


def _forms(release: PreparedRelease, outcome: str) -> set[str]:
    """Forms that ask for an amount of class C0, or for how a case ended."""
    return {
        form.id
        for form in release.forms.values()
        for field in form.fields
        if field.data_class == OPEN and (field.key == outcome or MONEY in field.properties)
    }


def _given(
    tx: Tx, services: Services, found: Sequence[CaseSummary]
) -> Iterator[tuple[CaseSummary, PreparedRelease, list[GivenAnswer]]]:
    """Each case with its release and its open answers, which are read of some at once."""
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        releases = {case.release_id: services.release(tx, case.release_id) for case in some}
        outcome = services.programme.report.outcome
        forms = {id_: _forms(release, outcome) for id_, release in releases.items()}
        rows: dict[str, list[facts.Answers]] = {case.id: [] for case in some}
        every = set[str]().union(*forms.values())
        for row in facts.answers_of_cases(tx, rows, classes=(OPEN,), forms=every):
            rows[row.case_id].append(row)
        wrapped = keys.of_cases(tx, rows)
        for case in some:
            asked = [row for row in rows[case.id] if row.form in forms[case.release_id]]
            of_case = CaseKeys(services.vault, case.id, wrapped.get(case.id, ()))
            yield case, releases[case.release_id], _opened(of_case, asked)


def _opened(of_case: CaseKeys, rows: Sequence[facts.Answers]) -> list[GivenAnswer]:
    try:
        return [*given_answers.open_answers(of_case, rows)]
    except CannotOpen:
        return []


def _counting(release: PreparedRelease, given: Sequence[GivenAnswer]) -> Iterator[GivenAnswer]:
    """The newest answer of each field, and every answer of one whose amounts add up."""
    kept: dict[tuple[str, ...], GivenAnswer] = {}
    for answer in given:
        field = field_of(release, answer.form, answer.key)
        adds_up = field is not None and field.properties.get("money.each") == "yes"
        step = (answer.element, str(answer.nth)) if adds_up else ()
        kept[answer.key, *step] = answer
    yield from kept.values()


def _amounts(
    field: Field | None, answer: GivenAnswer
) -> Iterator[tuple[tuple[str, str, str], Decimal]]:
    """(kind, state, currency) and amount of an answer that is money."""
    declared = field.properties.get(MONEY, "").split() if field is not None else []
    value: object = answer.value
    if len(declared) != len(("kind", "state")) or not isinstance(value, Mapping):
        return
    try:
        amount = Decimal(str(value.get("amount")))
    except InvalidOperation:
        return
    yield (declared[0], declared[1], str(value.get("currency", ""))), amount
