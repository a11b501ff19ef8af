"""What is typed for an automatic step has the types of its answers, or is refused."""

from __future__ import annotations

import pytest

from service.actions.publishing.trial.job_answers import typed_values
from service.engine import Type
from service.errors import InvalidAnswers


def test_typed_values_have_their_types() -> None:
    types = {
        "yes": Type("boolean"),
        "count": Type("number"),
        "day": Type("date"),
        "at": Type("date and time"),
        "word": Type("string", ("A", "B")),
        "left": Type("string"),
    }
    typed = {
        "yes": ["true"],
        "count": ["3"],
        "day": ["2026-03-02"],
        "at": ["2026-03-02T10:00+01:00"],
        "word": ["A"],
        "left": [""],
    }
    assert typed_values(types, typed) == {
        "yes": True,
        "count": 3,
        "day": "2026-03-02",
        "at": "2026-03-02T10:00:00+01:00",
        "word": "A",
    }
    bad = {"yes": ["maybe"], "count": ["x"], "day": ["2/3"], "at": ["2026-03-02"], "word": ["C"]}
    with pytest.raises(InvalidAnswers) as refused:
        typed_values(types, bad)
    assert {fault.path for fault in refused.value.faults} == set(bad)
