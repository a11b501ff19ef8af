"""A variable is found and renamed where it is read, and nowhere else."""

from __future__ import annotations

import pytest

from service.engine import (
    names_set,
    positions_in_feel,
    renamed_in_feel,
    renamed_in_file,
    uses_in_file,
)

HEAD = '<bpmn:process id="P" xmlns:bpmn="b" xmlns:zeebe="z">'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1 and b.a = 2", "z = 1 and b.a = 2"),
        ('= a = "a" or aa', '= z = "a" or aa'),
        ("before.a[-1] = parent.a", "before.z[-1] = parent.z"),
        ("some a in b satisfies a = 1", "some a in b satisfies a = 1"),
        ("for x in a return x + a", "for x in z return x + z"),
        ("{a: a}.a", "{a: z}.a"),
        ("a(1)", "a(1)"),
        ("a = ", "a = "),
        ("", ""),
    ],
)
def test_an_expression_reads_another_name(before: str, after: str) -> None:
    assert renamed_in_feel(before, "a", "z") == after


def test_a_cell_of_a_rule_is_read_as_a_test() -> None:
    assert positions_in_feel("> a, 3", "a", cell=True) == [2]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<f id="F" n="a">= a &lt; 1 and a</f>', '<f id="F" n="a">= z &lt; 1 and z</f>'),
        ("<f>a = 1</f>", "<f>a = 1</f>"),
        ('<zeebe:output source="= a" target="a"/>', '<zeebe:output source="= z" target="z"/>'),
        ('<zeebe:input source="=a" target="a"/>', '<zeebe:input source="=z" target="a"/>'),
        ('<zeebe:property name="var.a" value="b"/>', '<zeebe:property name="var.z" value="b"/>'),
        (
            '<zeebe:property name="allowed_when" value="a"/>',
            '<zeebe:property name="allowed_when" value="z"/>',
        ),
        (
            '<zeebe:property name="promise.1" value="field a never reaches A"/>',
            '<zeebe:property name="promise.1" value="field z never reaches A"/>',
        ),
        ("<!-- = a --><f>= &quot;a&quot; = a</f>", "<!-- = a --><f>= &quot;a&quot; = z</f>"),
    ],
)
def test_a_diagram_is_changed_in_those_places_alone(before: str, after: str) -> None:
    made = renamed_in_file(f"{HEAD}{before}</bpmn:process>".encode(), "a", "z")
    assert made == f"{HEAD}{after}</bpmn:process>".encode()


def test_a_use_names_the_nearest_element() -> None:
    text = (
        f'{HEAD}<bpmn:sequenceFlow id="F" name="Yes"><c>= a</c></bpmn:sequenceFlow></bpmn:process>'
    )
    [use] = uses_in_file(text.encode(), "a")
    assert (use.element, use.label, use.kind, use.text) == ("F", "Yes", "sequenceFlow", "= a")


def test_names_that_a_diagram_sets() -> None:
    text = f'{HEAD}<zeebe:output source="=x" target="a"/><zeebe:calledDecision resultVariable="b"/>'
    assert names_set(text.encode()) == {"a", "b"}
