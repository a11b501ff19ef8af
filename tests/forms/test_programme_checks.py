"""Every check of the programme: one answer that passes, one that is refused at its field."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest

from service.forms.fields import Field
from tests.forms.check_cases import (
    Case,
    early_dates,
    late_dates,
    other_checks,
    paused,
    plain_bounds,
    safe_way,
    ticks,
)
from tests.forms.check_cases_after_booking import step_3, the_journey, the_rest
from tests.forms.check_cases_before_journey import step_1, step_2
from tests.forms.paper import ALL_PURPOSES, a_case, faults, sent, shipped

CASES = tuple(
    chain(
        paused(),
        safe_way(),
        late_dates(),
        early_dates(),
        other_checks(),
        plain_bounds(),
        ticks(),
        step_1(),
        step_2(),
        the_journey(),
        step_3(),
        the_rest(),
    )
)


@pytest.mark.parametrize("case", CASES, ids=[f"{n}:{case}" for n, case in enumerate(CASES)])
def test_a_check_passes_a_good_answer_and_refuses_a_bad_one(case: Case) -> None:
    live = (p for p in ALL_PURPOSES if p not in case.without)
    consents = {purpose: {"givenBy": case.given_by, "givenOn": "2026-11-01"} for purpose in live}
    context = replace(a_case(**case.known), consents=consents, before=case.before)
    assert case.path not in faults(sent(case.form, context, **case.good))
    assert faults(sent(case.form, context, **case.bad)).get(case.path) == case.key


def test_every_check_that_a_form_writes_is_tried_here() -> None:
    """How a consent is given, and information, is tried in tests/forms/test_cannot_read.py."""
    written = {
        (form_id, path)
        for form_id, form in shipped().items()
        for path, one in form.walk()
        if one.checks and not path.endswith((".givenBy", ".how"))
    }
    tried = {(case.form, without_numbers(case.path)) for case in CASES if case.key == "form.check"}
    assert written - tried == set()


def without_numbers(path: str) -> str:
    return ".".join(part for part in path.split(".") if not part.isdigit())


def test_every_bound_of_a_date_is_tried_here() -> None:
    def bounded(one: Field) -> bool:
        return bool(one.feel.keys() & {"not_before", "not_after"})

    written = {
        (form_id, path)
        for form_id, form in shipped().items()
        for path, one in form.walk()
        if bounded(one) and "." not in path
    }
    assert (
        written
        - {
            (case.form, case.path)
            for case in CASES
            if case.key in ("form.too_late", "form.too_early")
        }
        == set()
    )
