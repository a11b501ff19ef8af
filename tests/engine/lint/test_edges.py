"""Where a rule of the linter begins and ends: releases on both sides of its edge, and what its
sentence names.
"""

from __future__ import annotations

import pytest

from service.engine.feel.types import NUMBER, Type
from service.engine.lint import lint
from service.engine.lint.names import variable_type
from service.engine.types import Files
from service.errors import Finding
from tests.engine.lint.case import BLOCK, IN, parallel
from tests.engine.lint.drawing import (
    RULE,
    border,
    both,
    call,
    catch,
    diagram,
    drawn,
    each,
    el,
    end,
    event,
    ext,
    job,
    line,
    message,
    process,
    props,
    release,
    rule,
    start,
    sub,
    task,
    throw,
    timer,
    xor,
)
from tests.engine.lint.test_lint import TODAY

STRINGS = Type("string", ("A", "B"))
FAILS = job("j", "letters.fail")
CAUGHT = border("q", "a", event("error", "Err_LOST")) + end("e2")


def keys(files: Files) -> list[str]:
    return [str(found.facts.get("sentence", found.code)) for found in lint(files, today=TODAY)]


def only(files: Files, code: str) -> Finding:
    (found,) = [found for found in lint(files, today=TODAY) if found.code == code]
    return found


def test_findings_come_file_by_file_diagrams_then_rules_then_calendars() -> None:
    found = lint(
        Files(
            {
                "z.bpmn": line(task("b", "gone") + task("a", "gone"), "s>b b>a a>e"),
                "a.bpmn": diagram(),
            },
            rules={"y.dmn": RULE.replace(b'"YES"', b'"YES" or'), "b.dmn": b"<"},
            calendars={"x.json": b"{}", "c.json": b"{}"},
        )
    )
    assert list(dict.fromkeys(one.file for one in found)) == [
        "z.bpmn",
        "a.bpmn",
        "y.dmn",
        "b.dmn",
        "x.json",
        "c.json",
    ]


def test_findings_on_one_element_come_in_the_order_of_their_codes() -> None:
    assert keys(release(line(task("a", "gone", group="Nobody", due="soon")))) == [
        "D111.group",
        "D510",
        "D603",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('=duration("PT1S")', ["D910"]),
        ('=duration("P1D")', []),
        ('=duration("P100Y")', ["D910"]),
    ],
)
def test_a_wait_that_feel_gives_without_reading_anything_is_measured(
    text: str, expected: list[str]
) -> None:
    assert (
        keys(
            release(
                line(task() + border("t", "a", timer("Duration", text)) + end("e2"), "s>a a>e t>e2")
            )
        )
        == expected
    )


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (FAILS, []),
        (FAILS + border("w", "j", event("error", "Err_LOST")) + end("e3"), ["D315"]),
        (FAILS + border("w", "j", event("error")) + end("e3"), ["D315"]),
        (FAILS + border("w", "j", timer("Duration", "P1D")) + end("e3"), []),
        (task("j"), ["D315"]),
    ],
)
def test_an_error_that_is_caught_inside_does_not_come_out(inside: str, expected: list[str]) -> None:
    """A timer on the border of the step catches no error."""
    ways = "s1>j j>e1" + (" w>e3" if "boundaryEvent" in inside else "")
    assert (
        keys(
            release(line(sub("a", start("s1") + inside + end("e1"), ways) + CAUGHT, "s>a a>e q>e2"))
        )
        == expected
    )
    called = process(start("s1") + inside + end("e1"), ways, id_="p2")
    assert (
        keys(
            release(
                diagram(process(start() + call("a", "p2") + CAUGHT + end(), "s>a a>e q>e2"), called)
            )
        )
        == expected
    )


def test_a_gateway_that_leads_nowhere_is_told_so() -> None:
    assert keys(release(drawn(start() + task("a", "ask") + xor(default="f9"), "s>a a>x"))) == [
        "D105",
        "D392",
    ]


def test_a_role_that_does_not_do_a_step_is_told_with_the_step() -> None:
    promised = drawn(
        start() + task("a") + end(), "s>a a>e", head=ext(props(promise__1="only Boss does a"))
    )
    assert only(release(promised, rules={}), "D809").facts["path"] == ["a"]


def test_a_file_without_any_id_is_named_by_the_file_only() -> None:
    bare = line(task()).replace(b' id="Definitions"', b' other:strange="1"')
    found = only(release(bare), "X109")
    assert (found.file, found.element, found.facts["x"]) == ("0.bpmn", "", "")


def test_a_join_that_starves_is_told_with_the_way_to_it_and_no_border() -> None:
    starved = drawn(
        start() + task("a", "ask") + xor() + task("b") + task("c") + both("h") + end(),
        's>a a>x x>b[answer = "NO"] x>c* b>h c>h h>e',
    )
    found = only(release(starved), "D803")
    assert (found.element, found.facts["path"]) == ("h", ["a", "a", "x", "b", "b"])


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("R3/P7D", False),
        ("R3/2026-12-01/P7D", False),
        ("R3/P7D/2026-12-01", True),
        ("R/-P1D", True),
        ("3/P1D", True),
    ],
)
def test_a_round_of_a_cycle_is_a_length(text: str, bad: bool) -> None:
    files = release(
        line(
            task() + border("t", "a", timer("Cycle", text), cancelActivity="false") + end("e2"),
            "s>a a>e t>e2",
        )
    )
    assert ("D909" in keys(files)) is bad


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
def test_a_variable_is_declared_with_its_kind_and_its_allowed_texts(
    text: str, kind: Type | None
) -> None:
    assert variable_type(text) == kind


def test_what_a_step_beside_it_writes_may_be_there_when_an_event_sub_process_asks_for_it() -> None:
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
        asking.replace('id="x"', 'id="x" default="f2_x_e3"'),
        's2>x x>c[answer = "YES"] x>e3 c>e2',
        triggeredByEvent="true",
    )
    found = keys(
        release(
            drawn(
                start() + task("a", "ask") + named_fields + task("z", "reader") + end(),
                "s>a a>z z>e",
            )
        )
    )
    assert "D820" not in found
    assert "D821" in found


def test_where_only_a_form_leaves_a_gap_its_step_is_named() -> None:
    asked = drawn(
        start() + task("a", "maybe") + rule() + task("b", "reader") + end(), "s>a a>r r>b b>e"
    )
    assert only(release(asked), "D821").facts["way"] == "A"


def test_too_many_variables_are_told_once_for_the_release() -> None:
    two = (
        process(start(f"s{n}") + task(f"a{n}") + end(f"e{n}"), f"s{n}>a{n} a{n}>e{n}", id_=f"p{n}")
        for n in (1, 2)
    )
    assert (
        keys(
            release(
                *map(diagram, two),
                types=dict.fromkeys((f"v{n}" for n in range(300)), NUMBER),
                rules={},
            )
        ).count("D704")
        == 1
    )


def test_what_a_repeated_frame_writes_stays_in_it() -> None:
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


def test_two_places_may_send_the_same_message_at_once() -> None:
    send = ext('<zeebe:taskDefinition type="letters.send"/>') + message()
    assert "D234" not in keys(release(parallel(throw("a", send), throw("b", send), BLOCK)))


@pytest.mark.parametrize(
    ("frame", "loops"),
    [(start("s1") + end("e1"), True), (start("s1") + task("b") + end("e1"), False)],
)
def test_a_frame_in_a_loop_waits_when_a_step_in_it_waits(frame: str, loops: bool) -> None:
    ways = "s1>b b>e1" if "userTask" in frame else "s1>e1"
    body = start() + task("a", "ask") + xor("y") + sub("u", frame, ways) + xor() + end()
    assert (
        "D807" in keys(release(drawn(body, 's>a a>y y>u u>x x>y[answer = "NO"] x>e*')))
    ) is loops


def test_an_item_may_have_the_name_of_none_around_it() -> None:
    inner = sub("u", start("s1") + task("b", inner=each(item="one")) + end("e1"), IN)
    assert "D371" not in keys(release(line(task("a", "people") + inner, "s>a a>u u>e")))


def test_all_errors_of_a_frame_come_out_of_it() -> None:
    thrown = end("e3", event("error", "Err_E"))
    inside = start("s1") + task("k", "ask") + xor() + thrown + FAILS + end("e1")
    frame = sub(
        "a",
        inside.replace('id="x"', 'id="x" default="f3_x_j"'),
        's1>k k>x x>e3[answer = "NO"] x>j j>e1',
    )
    borders = (
        border("q", "a", event("error", "Err_LOST"))
        + border("r", "a", event("error", "Err_E"))
        + end("e2")
        + end("e4")
    )
    assert keys(release(line(frame + borders, "s>a a>e q>e2 r>e4"))) == []


@pytest.mark.parametrize(
    ("text", "code"), [("P0M", "D910"), ("PT0S", "D910"), ("-P1M", "D909"), ("P1M", "")]
)
def test_no_time_at_all_is_too_short_and_less_is_no_time(text: str, code: str) -> None:
    found = keys(
        release(
            line(task() + border("t", "a", timer("Duration", text)) + end("e2"), "s>a a>e t>e2")
        )
    )
    assert found == ([code] if code else [])


def test_an_inclusive_gateway_takes_the_ways_that_can_be_true_together() -> None:
    """`answer` is YES or NO, so the two ways are never taken at once, and a join of both would
    starve.
    """
    ways = 's>k k>g g>a[answer = "YES"] g>b* a>h b>h h>e'
    body = start() + task("k", "ask") + el("inclusiveGateway", id="g") + task("a") + task("b")
    assert "D805" not in keys(release(drawn(body + xor("h") + end(), ways)))
    assert "D803" in keys(release(drawn(body + both("h") + end(), ways)))


def test_flows_of_two_files_may_not_share_an_id() -> None:
    flow = '<bpmn:sequenceFlow id="f0_s_a"'
    other = diagram(process(start("s2") + task("b") + end("e2"), "s2>b b>e2", id_="q")).replace(
        b'<bpmn:sequenceFlow id="f0_s2_b"', flow.encode()
    )
    assert only(release(line(task()), other), "D102").facts["id"] == "f0_s_a"


def test_the_id_of_a_process_is_of_plain_letters_too() -> None:
    assert (
        only(
            release(diagram(process(start() + task() + end(), "s>a a>e", id_="p" * 65))), "D103"
        ).element
        == "p" * 65
    )


def test_an_escalation_on_the_way_needs_a_code_like_one_at_the_end() -> None:
    thrown = throw("t", event("escalation", "Esc_none"))
    nameless = line(task() + thrown, "s>a a>t t>e").replace(
        b'<bpmn:message id="Msg_m"', b'<bpmn:escalation id="Esc_none"/><bpmn:message id="Msg_m"'
    )
    assert "D242" in keys(release(nameless))


def test_a_text_that_may_give_anything_does_not_hide_a_later_one_that_may_not() -> None:
    given = '<zeebe:ioMapping><zeebe:input source="=1 + 1" target="answer"/></zeebe:ioMapping>'
    body = (
        job("j", "letters.need", extra=given)
        + task("a")
        + border("t", "a", timer("Duration", "=1"))
        + end("e2")
    )
    assert "D905.gives" in keys(release(line(body, "s>j j>a a>e t>e2")))


def test_two_races_at_once_may_not_wait_for_the_same_message() -> None:
    def race(gate: str, one: str, other: str) -> str:
        return (
            el("eventBasedGateway", id=gate)
            + catch(one, message())
            + catch(other, timer("Duration", "P1D"))
            + xor(f"x{gate}")
        )

    ways = "s>g g>k g>l k>a k>b a>xk b>xk l>c l>d c>xl d>xl xk>h xl>h h>e"
    files = release(
        drawn(
            start() + both("g") + race("k", "a", "b") + race("l", "c", "d") + both("h") + end(),
            ways,
        )
    )
    assert "D234" in keys(files)


def test_each_timer_is_measured_by_its_own_text() -> None:
    def late(id_: str, text: str) -> str:
        return border(f"t{id_}", id_, timer("Duration", text)) + end(f"e{id_}")

    body = (
        task("a", extra=props(allowed_when="=1 = 1"))
        + late("a", '=duration("P1D")')
        + task("b")
        + late("b", '=duration("PT1S")')
    )
    assert only(release(line(body, "s>a a>b b>e ta>ea tb>eb")), "D910").element == "tb"


def test_an_escalation_that_is_thrown_on_the_way_and_caught_nowhere_is_told() -> None:
    thrown = throw("t", event("escalation", "Esc_U"))
    assert (
        only(release(drawn(start() + task() + thrown + end(), "s>a a>t t>e")), "D213").element
        == "t"
    )


def test_a_condition_that_is_always_the_same_is_told_at_its_flow() -> None:
    forked = drawn(
        start() + task("a", "ask") + xor() + end() + end("e2"), 's>a a>x x>e[answer = "YSE"] x>e2*'
    )
    found = only(release(forked), "D908")
    assert found.element
    assert found.file.endswith(".bpmn")
    assert found.line


def test_an_expression_that_asks_for_a_text_that_cannot_come_is_told_at_its_step() -> None:
    mapped = '<zeebe:ioMapping><zeebe:output source="=answer = &quot;YSE&quot;" target="sent"/></zeebe:ioMapping>'
    found = only(
        release(
            drawn(
                start() + task("a", "ask") + task("b", "ask", extra=mapped) + end(), "s>a a>b b>e"
            )
        ),
        "D908",
    )
    assert found.element == "b"
