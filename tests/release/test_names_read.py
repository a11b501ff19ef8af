"""Names that forms read and that nothing gives are findings of the release."""

from __future__ import annotations

import json

from service.release.prepared import findings_of
from service.sandbox.handlers import declared
from tests.support.world import shipped

NAME = "forms/adapt_plan.form"


def lost(**uses: str) -> list[tuple[str, str, str]]:
    content = json.loads(shipped().files[NAME])
    content["x-uses"] |= uses
    bundle = shipped().with_file(NAME, json.dumps(content).encode())
    return [(f.code, f.file, str(f.facts["key"])) for f in findings_of(bundle, declared())
            if f.code == "F124"]  # fmt: skip


def test_the_shipped_forms_read_what_is_given() -> None:
    assert lost(openAlerts="number", eligibility="group", givenNames="text") == []


def test_a_form_may_read_who_holds_a_role_of_its_release() -> None:
    assert lost(holderOfIomLocal="office") == []
    assert lost(holderOfNobody="office") == [("F124", NAME, "holderOfNobody")]


def test_a_name_that_no_form_asks_for_is_found() -> None:
    assert lost(nobody="text") == [("F124", NAME, "nobody")]
