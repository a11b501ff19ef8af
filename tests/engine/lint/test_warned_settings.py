"""What is published with a warning: it runs as the warning says."""

from __future__ import annotations

import pytest

from service.engine.definition import read
from service.engine.lint import lint
from service.engine.types import Start
from service.errors import EngineStopped
from tests.engine.lint.modeler_rows import setting
from tests.engine.walks import Walk
from tests.support.diagram_files import release
from tests.support.diagrams import diagram, end, line, node, props, start, task


def gateway(kind: str = "exclusiveGateway", head: str = "") -> bytes:
    """A gateway without a default way, behind a task that answers what it asks."""
    body = start() + task("a", "ask") + node(kind, "x", head, name="X") + task("b") + end()
    return diagram(body + end("e2"), 's>a a>x x>b[answer = "YES"] x>e2[answer = "NO"] b>e')


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_a_gateway_without_a_default_way_goes_where_it_can(kind: str) -> None:
    walk = Walk(read(release(gateway(kind)))["p"], Start())
    walk.do("a", answer="YES")
    assert walk.open() == ["b"]


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_a_case_stops_where_no_condition_holds(kind: str) -> None:
    files = release(gateway(kind))
    assert [(f.code, f.severity, f.element) for f in lint(files) if f.severity != "I"] == [
        ("D401", "W", "x")
    ]
    walk = Walk(read(files)["p"])
    with pytest.raises(EngineStopped) as stop:
        walk.do("a", answer=None)
    assert (stop.value.kind, stop.value.element) == ("no_way_out", "x")


def test_a_warning_about_a_default_way_can_be_marked_as_seen() -> None:
    marked = gateway(head=f"<bpmn:extensionElements>{props(seen='D401')}</bpmn:extensionElements>")
    assert "D401" not in {f.code for f in lint(release(marked))}


@pytest.mark.parametrize("name", ["assignee", "candidateUsers"])
def test_who_is_named_as_a_person_changes_no_role(name: str) -> None:
    named = setting("assignmentDefinition", **{name: "eva"}, candidateGroups="Doer")
    files = release(line(task(group="", extra=named)))
    assert [(f.code, f.severity) for f in lint(files)] == [("D605", "W")]
    assert read(files)["p"].elements["a"].roles == ("Doer",)


def test_a_person_is_no_role() -> None:
    files = release(line(task(group="", extra=setting("assignmentDefinition", assignee="eva"))))
    assert {(f.code, f.severity) for f in lint(files)} == {("D605", "W"), ("D110", "E")}


def test_a_step_with_listeners_runs_without_them() -> None:
    heard = setting("executionListeners", setting("executionListener", type="x"))
    files = release(line(task(extra=heard)))
    assert [(f.code, f.severity) for f in lint(files)] == [("D608", "W")]
    assert Walk(read(files)["p"]).open() == ["a"]
