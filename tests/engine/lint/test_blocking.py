"""Which faults keep the linter from searching the graph: those that leave none, and no others."""

from __future__ import annotations

from tests.engine.lint.reports import keys
from tests.support.diagram_files import release
from tests.support.diagrams import both, diagram, end, start, task, xor

STARVED = 's>a a>x x>b[answer = "NO"] x>c* b>h c>h h>e'


def starved(group: str = "", form: str = "ask") -> list[str]:
    """A join that waits for ever; one step names a role or a form."""
    other = task("b", form, group=group) if group else task("b", form)
    body = start() + task("a", "ask") + xor() + other + task("c") + both("h") + end()
    return keys(release(diagram(body, STARVED)))


def test_a_step_without_a_role_hides_no_deadlock() -> None:
    assert starved("Nobody", "plain") == ["D111.group", "D803"]


def test_a_missing_form_hides_no_deadlock() -> None:
    assert set(starved(form="gone")) == {"D603", "D803"}


def test_a_missing_default_way_hides_no_deadlock() -> None:
    body = start() + task("a", "ask") + xor() + task("b") + task("c") + both("h") + end()
    ways = 's>a a>x x>b[answer = "NO"] x>c[answer = "YES"] b>h c>h h>e'
    assert {"D401", "D803"} <= set(keys(release(diagram(body, ways))))


def test_a_scope_without_a_start_is_told_once() -> None:
    assert keys(release(diagram(task("a") + end(), "a>e"))) == ["D105"]
