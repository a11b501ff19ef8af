"""Data flow of the linter: who writes and reads a variable, and what a repetition keeps."""

from __future__ import annotations

import pytest

from service.engine.feel.types import NUMBER, Type
from service.engine.lint.names import variable_type
from tests.engine.lint.case import IN
from tests.engine.lint.reports import keys, only
from tests.support.diagram_files import release
from tests.support.diagrams import (
    diagram,
    document,
    each,
    end,
    line,
    message,
    process,
    rule,
    start,
    sub,
    task,
    xor,
)

STRINGS = Type("string", ("A", "B"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("string: A, B", STRINGS),
        ("list:A,B,", Type("list", ("A", "B"))),
        ("number: 1", None),
        ("number", NUMBER),
        ("text", None),
    ],
)
def test_a_variable_is_declared_with_kind_and_allowed_texts(text: str, kind: Type | None) -> None:
    assert variable_type(text) == kind


def test_an_event_sub_process_may_read_what_another_step_writes() -> None:
    """So it is told that the variable may be empty, not that nothing sets it."""
    asking = (
        start("s2", message("k"), isInterrupting="false")
        + xor()
        + task("c")
        + end("e3")
        + end("e2")
    )
    named_fields = sub(
        "esp",
        asking,
        's2>x x>c[answer = "YES"] x>e3* c>e2',
        triggeredByEvent="true",
    )
    found = keys(
        release(
            diagram(
                start() + task("a", "ask") + named_fields + task("z", "reader") + end(),
                "s>a a>z z>e",
            )
        )
    )
    assert "D820" not in found
    assert "D821" in found


def test_where_only_a_form_leaves_a_gap_its_step_is_named() -> None:
    asked = diagram(
        start() + task("a", "maybe") + rule() + task("b", "reader") + end(), "s>a a>r r>b b>e"
    )
    assert only(release(asked), "D821").facts["way"] == "A"


def test_too_many_variables_are_reported_once_for_the_release() -> None:
    two = (
        process(f"p{n}", start(f"s{n}") + task(f"a{n}") + end(f"e{n}"), f"s{n}>a{n} a{n}>e{n}")
        for n in (1, 2)
    )
    assert (
        keys(
            release(
                *map(document, two),
                types=dict.fromkeys((f"v{n}" for n in range(300)), NUMBER),
                rules={},
            )
        ).count("D704")
        == 1
    )


def test_a_repeated_sub_process_keeps_what_it_writes() -> None:
    frame = sub("u", start("s1") + task("b", "count") + end("e1"), IN, head=each())
    ways = "s>a a>u u>x x>e[n > 1] x>e2*"
    files = release(line(task("a", "people") + frame + xor() + end("e2"), ways))
    assert (only(files, "D376").element, only(files, "D376").facts["name"]) == ("u", "n")
    written_before = release(
        line(
            task("a", "people") + task("k", "count") + frame + xor() + end("e2"),
            ways.replace("s>a", "s>k k>a"),
        )
    )
    assert keys(written_before) == []


def test_an_item_may_have_the_name_of_none_around_it() -> None:
    inner = sub("u", start("s1") + task("b", inner=each(item="one")) + end("e1"), IN)
    assert "D371" not in keys(release(line(task("a", "people") + inner, "s>a a>u u>e")))
