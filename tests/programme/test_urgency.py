"""The deadlines of a case keep what its urgency promises: the departure, along every path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.application.shipped_files import shipped_bundle
from service.settings import Settings
from tests.programme.rule_values import ask
from tests.programme.world import World

CONFIG = Path(Settings().workflows_dir) / "config"
SHIPPED = World(
    shipped_bundle(Settings()),
    (CONFIG / "grants.toml").read_text(encoding="utf-8"),
    (CONFIG / "visibility.toml").read_text(encoding="utf-8"),
)
OFF = frozenset(
    {
        "Svc_TellOutcome",
        "Task_CompleteReferral",
        "Task_LocalRefused",
        "Task_WeighLocal",
        "Call_ChildBestInterests",
        "Tmr_ApplicationDormant",
        "Call_Ceiling",
        "Task_SecondReview",
        "Task_ChooseWay",
        "Svc_CancelJourney",
        "Task_UndoJourney",
        "Bnd_JourneyHeld",
        "Call_TravelDocument",
        "Task_ClearHolds",
        "Task_FitToTravel",
        "Task_OwnCertificate",
        "Task_ReassessChild",
        "Rule_JourneyChecks",
    }
)
"""Off the promise, and said so at once: completion, no local office, child, document, health, hold,
second review, ceiling, wait. And what lies behind the second call of the risks."""
AFTER = "Tmr_FinalCheck"
"""Behind it everything is counted back from the departure."""
PROMISED = {"URGENT": timedelta(days=10), "ACUTE": timedelta(hours=72)}
BEGINS, LENGTHS = "Task_DecideReferral", re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?)?")


def length(text: str) -> timedelta:
    found = LENGTHS.fullmatch(text)
    assert found, text
    return timedelta(days=int(found[1] or 0), hours=int(found[2] or 0))


def paths(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every path to the final check on which no step is done twice."""
    if path[-1] == AFTER:
        yield path
        return
    for other in sorted(set(SHIPPED.next(path[-1]))):
        if other not in OFF and other not in path:
            yield from paths((*path, other))


def taken(step: str, deadline: dict[str, str]) -> timedelta:
    """What a step may take."""
    node = SHIPPED.node(step)
    if step == AFTER:
        return length(deadline["finalCheck"])
    named = re.fullmatch(r"=(?:if .* else )?duration\(deadline\.(\w+)\)", node.due or "")
    assert named or not node.due, step
    return length(deadline[named[1]]) if named else timedelta()


@pytest.mark.parametrize("urgency", PROMISED)
def test_the_deadlines_of_every_path_add_up_to_the_promise(urgency: str) -> None:
    value = ask("deadlines", {"urgency": urgency}).value
    assert isinstance(value, dict)
    deadline = {name: str(text) for name, text in value.items()}
    found = list(paths((BEGINS,)))
    assert found
    for path in found:
        steps = [s for s in path if SHIPPED.node(s).kind == "userTask" or s == AFTER]
        assert sum((taken(s, deadline) for s in steps), timedelta()) <= PROMISED[urgency], path


@pytest.mark.parametrize("urgency", PROMISED)
def test_the_last_steps_leave_time_before_the_departure(urgency: str) -> None:
    value = ask("deadlines", {"urgency": urgency}).value
    assert isinstance(value, dict)
    before = [length(str(value[name])) for name in ("finalCheck", "reviewBy", "goBy")]
    assert before == sorted(before, reverse=True)
    assert len(set(before)) == len(before)
