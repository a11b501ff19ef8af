"""Why a case was left, in the reader's language."""

from __future__ import annotations

import pytest

from service.text import languages
from service.workshop.migrations.plan_work import DrawnNames, drawn_names, left_reason
from service.workshop.migrations.plans import make_plan, stored_plan
from tests.support import diagrams as d
from tests.support import small
from tests.workshop.migrations.conftest import Moving
from tests.workshop.migrations.processes import THREE

NAMED = small.one(
    d.task("a", "ask", group="ReferringPartner", name="Granska") + small.person("b") + d.xor("x"),
    's>a a>x x>b[answer = "YES"] x>e* b>e',
)


@pytest.fixture
def names(moving: Moving) -> DrawnNames:
    moving.published(NAMED)
    moving.published(THREE)
    plan_id = moving.perform(make_plan)
    with moving.database.transaction(write=False) as tx:
        plan = stored_plan(tx, plan_id)
        return drawn_names(tx, moving.program.services, plan, "en")


def test_a_name_is_that_of_either_release(names: DrawnNames) -> None:
    assert names.renamed("Granska") == "Granska"
    assert names.name("no such element") == "no such element"


def test_what_has_no_name_is_named_by_its_kind(names: DrawnNames) -> None:
    assert names.renamed("x") == "decision"


def test_a_problem_is_said_with_names(names: DrawnNames) -> None:
    problem = {"code": "way", "message": "through x already", "facts": {"way": "x"}}
    assert left_reason("refused", {"problems": [problem]}, names) == "Through decision already"


@pytest.mark.parametrize("lang", languages())
def test_every_other_reason_has_a_sentence(lang: str) -> None:
    names = DrawnNames((), lang)
    for verdict in ("anew", "busy", "failed", "refused"):
        assert not left_reason(verdict, {}, names).startswith("migrate.")
    for why in ("went_on", "late", "no_move", "stopped"):
        assert not left_reason("refused", {"why": why}, names).startswith("migrate.")
