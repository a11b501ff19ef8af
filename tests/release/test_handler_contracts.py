"""What a drawn handler needs of a release: fields, papers, and the text of its consent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.binding import Declaration
from service.release.handler_contracts import check_contracts
from service.release.prepared import files_of
from tests.support.local_handlers import TOPICS
from tests.worker.providers import ORDER, TOPIC, bundle, declaration

BUNDLE = bundle(TOPIC)
PAPER = "workflows/papers/order.typ"


def codes(declared: Declaration, **files: bytes) -> list[str]:
    topics = {**TOPICS, declared.topic: declared}
    made = BUNDLE.with_file(PAPER, files.get("paper", ORDER))
    _, forms, _ = files_of(made, TOPICS)
    return sorted(found.code for found in check_contracts(made, forms, topics))


def test_a_release_that_has_it_all_has_no_finding() -> None:
    assert codes(declaration()) == []


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"fields": ("shoes",)}, ["T121"]),
        ({"classes": ("C1",)}, ["T122", "T122"]),
        ({"papers": ("plan",)}, ["T123"]),
        ({"needs_consent": "OTHER"}, ["T124"]),
        ({"fields": (), "papers": (), "needs_consent": ""}, []),
    ],
)
def test_what_is_missing_is_named(more: dict[str, Any], wanted: list[str]) -> None:
    assert codes(declaration(**more)) == wanted


def test_a_handler_that_nobody_draws_needs_nothing() -> None:
    elsewhere = replace(declaration("other.topic"), fields=("shoes",))
    assert codes(elsewhere) == []
