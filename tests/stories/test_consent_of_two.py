"""A consent that the child and the guardian gave together: the no of either takes it back."""

from __future__ import annotations

import pytest

from service.store.casefile import consents
from tests.stories.conftest import Begin
from tests.support.step_by_step import StepByStep

pytestmark = pytest.mark.slow


def live(story: StepByStep) -> set[str]:
    """Purposes whose consent is live."""
    with story.program.database.transaction(write=False) as tx:
        given = consents.of_case(tx, story.case)
    return {one.purpose for one in given if one.withdrawn_on is None}


@pytest.mark.parametrize("who", ["SELF", "GUARDIAN"])
def test_one_no_suffices_where_two_said_yes(begin: Begin, who: str) -> None:
    story = begin("child-waits")
    story.until("Task_FamilyAssessment")
    assert story.answer("consentLocal")["givenBy"] == "BOTH"  # type: ignore[index,call-overload]  # a group
    assert "SHARE_LOCAL_OFFICE" in live(story)
    story.says("sara", "change_consents", purposesWithdrawn=["SHARE_LOCAL_OFFICE"], saidBy=who)
    assert "SHARE_LOCAL_OFFICE" not in live(story)
    assert "REFER" in live(story), "all else goes on"
