"""The promises of a draft in words, with the linter's verdict; new ones name what is there."""

from __future__ import annotations

import pytest

from service.errors import InvalidAnswers, NotFound
from service.release.bundle import Bundle
from service.workshop.promises.drafted import DraftPromises
from tests.support.world import World, shipped

MAIN = "workflows/return_case.bpmn"


def promises(world: World, bundle: Bundle | None = None, lang: str = "en") -> DraftPromises:
    return DraftPromises(bundle or shipped(), world.program.services, lang)


def added(world: World, form: str, **parts: str) -> DraftPromises:
    """The draft with one promise more."""
    changed = promises(world).with_promise(form, parts)
    return promises(world, Bundle({**shipped().files, **changed}))


def test_the_shipped_promises_are_told_in_words(shipped_world: World) -> None:
    found = promises(shipped_world).listed()
    assert {one.verdict for one in found} <= {"holds", "watched"}
    words = [one.words for one in found]
    assert any(" within 15 days" in one for one in words)
    ids = ("Task_", "Svc_", "Call_", "Gw_", "Rule_", "End_")
    assert not [one for one in words if any(id_ in one for id_ in ids)]
    assert len(promises(shipped_world, lang="sv").listed()) == len(found)


def test_a_new_promise_is_kept_where_its_first_step_is(shipped_world: World) -> None:
    parts = {"x": "Task_AskCeiling", "role": "IomHelsinki"}
    changed = promises(shipped_world).with_promise("only", parts)
    assert list(changed) == ["workflows/ceiling.bpmn"]
    role = {"field": "givenNames", "role": "IomLocal", "x": ""}
    assert list(promises(shipped_world).with_promise("field", role)) == [MAIN]


def test_a_broken_promise_shows_its_way(shipped_world: World) -> None:
    found = added(shipped_world, "never", x="Task_MakePlan", y="Task_FollowUp")
    (broken,) = (one for one in found.listed() if one.verdict == "broken")
    assert broken.words.startswith("“")
    assert broken.way
    assert all(step.name and step.file.endswith(".bpmn") for step in broken.way)


def test_a_promise_is_taken_out_again(shipped_world: World) -> None:
    first = promises(shipped_world).listed()[0]
    changed = promises(shipped_world).without(first.process, first.number)
    rest = promises(shipped_world, Bundle({**shipped().files, **changed})).listed()
    assert first not in rest
    assert len(rest) == len(promises(shipped_world).listed()) - 1
    with pytest.raises(NotFound):
        promises(shipped_world).without(first.process, "999")


@pytest.mark.parametrize(
    ("form", "parts", "wrong"),
    [
        ("never", {"x": "Task_MakePlan", "y": ""}, {"y"}),
        ("never", {"x": "Task_None", "y": '"/><script>'}, {"x", "y"}),
        ("followed", {"x": "Task_MakePlan", "y": "End_Step3", "days": "soon"}, {"days"}),
        ("followed", {"x": "Task_MakePlan", "y": "End_Step3", "days": "0"}, {"days"}),
        ("only", {"x": "Task_MakePlan", "role": "Nobody"}, {"role"}),
        ("field", {"field": "noField", "role": "IomLocal", "x": "Task_None"}, {"field", "x"}),
        ("never", {"x": "Call_HomeJourney", "y": "Rule_RiskLevel"}, {"form"}),
    ],
)
def test_what_is_not_there_is_named(
    shipped_world: World, form: str, parts: dict[str, str], wrong: set[str]
) -> None:
    with pytest.raises(InvalidAnswers) as told:
        promises(shipped_world).with_promise(form, parts)
    assert {fault.path for fault in told.value.faults} == wrong


def test_a_promise_of_no_form_is_not_made(shipped_world: World) -> None:
    with pytest.raises(NotFound):
        promises(shipped_world).with_promise("always", {})
