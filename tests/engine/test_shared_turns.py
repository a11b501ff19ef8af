"""Turns that a draft makes like the version before it are taken over, and never wrongly."""

from __future__ import annotations

from pathlib import Path

from service.application.shipped_files import read_bundle
from service.engine.compare import verdict
from service.engine.definition import Definition, build_published
from service.engine.feel.types import STRING
from service.engine.rerun import Rerun
from service.engine.shared_turns import SpecName, alike
from service.engine.stored_state import with_digest
from service.engine.types import Advance
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from tests.engine.fold import sourced_turns
from tests.engine.reruns import done
from tests.engine.spiff.test_codec import Noted
from tests.engine.walks import TYPES, Walk, definition, small, straight
from tests.support.diagrams import border, diagram, end, ext, node, nodes, start, timer, xor

ROOT = Path(__file__).parents[2]


def shipped() -> Definition:
    bundle = read_bundle(ROOT / "workflows", ROOT / "forms")
    return build_published(files_of(bundle, declared())[0])["return_case"]


def differing(first: Definition, second: Definition) -> set[SpecName]:
    """Specs of the first that the second does not have alike."""
    scopes = {first.spec.name: first.spec, **first.scopes}
    every = {(scope, name) for scope, spec in scopes.items() for name in spec.task_specs}
    return every - alike(first, second)


def test_the_shipped_process_is_known_to_be_the_same() -> None:
    assert not differing(shipped(), shipped())


def drawn(*, flow: str = "", due: str = "", wait: str = "P3D") -> Definition:
    inside = (
        node("userTask", "a", ext(f'<zeebe:taskSchedule dueDate="{due}"/>') if due else "")
        + nodes("userTask", "b c")
        + border("late", "b", timer("Duration", wait), interrupting=False)
        + xor("g", default="g_c")
    )
    return small(inside, f"s>a a>g g>b[{flow or 'yes'}] g>c b>e c>e late>c")


def test_what_a_change_touches_is_different_and_all_else_is_not() -> None:
    before = drawn()
    assert not differing(before, drawn())
    assert differing(before, drawn(flow="not(yes)")) == {("p", "g")}
    assert differing(before, drawn(due="P2D")) == {("p", "a")}
    assert differing(before, drawn(wait="P4D")) == {("p", "late")}
    names = {name for _, name in differing(straight("a b"), straight("a x b"))}
    assert names == {"a", "b"}


def test_another_type_of_a_variable_makes_everything_different() -> None:
    data = diagram(start() + nodes("userTask", "a") + end(), "s>a a>e")
    before = definition(data)
    other = definition(data, types={**TYPES, "n": STRING})
    assert not alike(before, other)
    assert alike(before, definition(data, types={**TYPES, "more": STRING}))


def reran(walk: Walk, draft: Definition) -> tuple[Rerun, list[Advance]]:
    """A walk on a draft, with the turns of the walk."""
    facts = [Noted(("1", "p"), *line) for line in walk.log]
    played = [*sourced_turns({("1", "p"): walk.definition}, facts)]
    history = [
        (fact.stimulus, fact.now, turn) for fact, (turn, _) in zip(facts, played, strict=True)
    ]
    again = Rerun(draft, history, {}, [source for _, source in played])
    again.run()
    assert verdict(draft, history, {}) == verdict(draft, history, {}, again.sources)
    return again, [turn for turn, _ in played]


def test_turns_before_a_change_are_taken_over() -> None:
    walk = done(straight("a b c d"), "a", "b", "c", "d")
    again, turns = reran(walk, straight("a b c x d"))
    kept = [
        mine.steps is theirs.steps
        for (_, _, mine), theirs in zip(again.applied, turns, strict=False)
    ]
    assert kept == [True, True, False, False]


def test_turns_after_a_change_without_a_trace_are_taken_over() -> None:
    walk = done(straight("a b c"), "a", "b", "c")
    changed = definition(
        diagram(
            start()
            + node("userTask", "a", ext('<zeebe:taskSchedule dueDate="P2D"/>'))
            + nodes("userTask", "b c")
            + end(),
            "s>a a>b b>c c>e",
        )
    )
    again, turns = reran(walk, changed)
    kept = [
        mine.steps is theirs.steps
        for (_, _, mine), theirs in zip(again.applied, turns, strict=True)
    ]
    assert kept == [False, False, True, True]
    assert again.applied[-1][2].state == with_digest(turns[-1].state, changed.digest)


def test_no_state_stays_no_state_on_another_definition() -> None:
    assert with_digest(b"", "0" * 16) == b""
