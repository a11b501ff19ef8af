"""Where a turn is stopped: too much work, too many values, a wrong kind of value; and what each
stop is called.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from types import FrameType
from zoneinfo import ZoneInfo

import pytest
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from service.engine import audit_guard
from service.engine.advance import advance
from service.engine.audit_guard import ForbiddenCall, guarded
from service.engine.definition import read
from service.engine.feel.types import ANY, BOOLEAN, DATE, LIST, NUMBER, STRING, Type
from service.engine.limits import VARIABLES
from service.engine.spiff import codec
from service.engine.spiff.patches import turn
from service.engine.timing.calendars import Calendar
from service.engine.types import Complete, Files, Json, Message, Start
from service.engine.variable_checks import check, fits
from service.errors import BadDiagram, BadVariables, EngineStopped
from tests.engine.walks import MONDAY, TYPES, Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    both,
    call,
    catch,
    diagram,
    document,
    each,
    end,
    ext,
    job,
    mapping,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    timer,
    xor,
)


def stop(walk: Walk, element: str, **values: Json) -> tuple[str, str]:
    with pytest.raises(EngineStopped) as stopped:
        walk.do(element, 0, **values)
    return stopped.value.kind, stopped.value.element


def test_more_open_work_than_a_case_may_have_stops_it() -> None:
    walk = Walk(
        small(
            nodes("userTask", "a r") + border("m", "a", message("M"), interrupting=False),
            "s>a a>e m>r r>k",
            "e k",
        )
    )
    while len(walk.turn.open) < 500:
        walk.act(Message("M"))
    with pytest.raises(EngineStopped) as stopped:
        walk.act(Message("M"))
    assert stopped.value.kind == "instances"


def test_ids_of_a_turn_come_to_an_end() -> None:
    with turn(MONDAY, "1") as now:
        assert [now.draw() for _ in range(20_000)][-1] == "1.20000"
        with pytest.raises(EngineStopped) as stopped:
            now.draw()
    assert stopped.value.kind == "tasks"


def test_a_state_that_grows_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = straight("a b")
    monkeypatch.setattr(codec, "STATE", 100)
    with pytest.raises(EngineStopped) as stopped:
        advance(drawn, b"", Start({"text": "x" * 100}), now=MONDAY, seed="1")
    assert stopped.value.kind == "state_size"


def test_more_variables_than_a_case_may_have_are_refused() -> None:
    names = [f"v{n}" for n in range(VARIABLES + 1)]
    with pytest.raises(BadVariables):
        check(dict.fromkeys(names, 1), dict.fromkeys(names, NUMBER), {})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (BOOLEAN, True, 1),
        (STRING, "x", "x" * 201),
        (Type("string", ("a", "b")), "a", "c"),
        (NUMBER, "1.50", "many"),
        (DATE, "2026-01-05", "2026-01-05T09:00:00"),
        (Type("date and time"), "2026-01-05T09:00:00+01:00", "2026-01-05"),
        (Type("duration"), "P3D", "2026-01-05"),
        (Type("months"), "P1M", 3),
        (LIST, [1, ["two"], {"three": None}], [["x" * 201]]),
        (Type("list", ("a", "b")), ["a"], ["c"]),
        (Type("context"), {"level": "high"}, ["high"]),
        (ANY, {"x": [1]}, {"x": ["y" * 201]}),
        (Type("surprise"), None, 1),
    ],
)
def test_a_value_fits_its_declared_type_or_not(kind: Type, good: Json, bad: Json) -> None:
    assert fits(good, kind)
    assert not fits(bad, kind)


def test_an_output_of_a_wrong_type_stops_the_case_at_its_task() -> None:
    walk = Walk(small(job("j", extra=mapping(outputs={"n": "= text"})), "s>j j>e"))
    assert stop(walk, "j", text="not a number") == ("expression", "j")


def test_a_condition_neither_yes_nor_no_stops_the_case_there() -> None:
    gates = xor("g", default="g_e") + nodes("userTask", "a")
    data = diagram(start() + gates + nodes("endEvent", "e f"), "s>a a>g g>e g>f[any]")
    assert stop(Walk(definition(data, types={**TYPES, "any": ANY})), "a", any="perhaps") == (
        "expression",
        "g",
    )


def test_an_expression_out_of_fuel_stops_the_case_there() -> None:
    gates = xor("g", default="g_e") + nodes("userTask", "a")
    nested = "some x in list satisfies some y in list satisfies some z in list satisfies x = -1"
    walk = Walk(small(gates, f"s>a a>g g>e g>f[{nested}]", "e f"))
    assert stop(walk, "a", list=list(range(100))) == ("fuel", "g")


@pytest.mark.parametrize(
    ("way", "text", "value"),
    [("Date", "= text", "P3D"), ("Duration", "= text", "2026-01-05"), ("Cycle", "= text", "often")],
)
def test_a_time_of_a_wrong_kind_stops_the_case_at_its_timer(
    way: str, text: str, value: str
) -> None:
    cycle = border("w", "b", timer(way, text), interrupting=False) + nodes("userTask", "b")
    waits = catch("w", timer(way, text))
    walk = Walk(
        small(
            nodes("userTask", "a") + (cycle if way == "Cycle" else waits),
            "s>a a>b b>e w>k" if way == "Cycle" else "s>a a>w w>e",
            "e k",
        )
    )
    assert stop(walk, "a", text=value) == ("expression", "w")


def test_a_time_beyond_the_calendar_stops_the_case_at_its_timer() -> None:
    walk = Walk(
        small(
            nodes("userTask", "a") + catch("w", timer("Duration", "= text")),
            "s>a a>w w>e",
        )
    )
    assert stop(walk, "a", text="P9999Y") == ("expression", "w")


def test_a_due_date_known_later_counts_from_the_opening() -> None:
    schedule = ext('<zeebe:taskSchedule dueDate="= text"/>')
    walk = Walk(
        small(
            both("f") + node("userTask", "a", schedule) + nodes("userTask", "b"),
            "s>f f>a f>b a>e b>k",
            "e k",
        )
    )
    assert walk.one("a").due is None
    walk.later(days=1)
    walk.do("b", text="P3D")
    assert walk.one("a").due == MONDAY + timedelta(days=3)


def test_a_calendar_without_a_working_day_gives_up_after_a_year() -> None:
    never = Calendar(ZoneInfo("UTC"), frozenset())
    assert never.later(MONDAY, timedelta(days=0), working=True) == MONDAY + timedelta(days=366)
    assert not never.works(date(2026, 1, 5))


def test_messages_that_a_handler_sends_are_jobs() -> None:
    walk = Walk(
        small(throwing("intermediateThrowEvent", "t") + throwing("endEvent", "e"), "s>t t>e", "")
    )
    assert walk.open("job") == ["t"]
    walk.do("t")
    assert walk.do("e").ends == ("e",)


def throwing(kind: str, id_: str) -> str:
    return node(kind, id_, ext('<zeebe:taskDefinition type="letters.send"/>') + message("M"))


def test_a_release_with_errors_is_not_read() -> None:
    with pytest.raises(BadDiagram) as refused:
        read(
            Files(
                {
                    "p.bpmn": diagram(
                        start() + nodes("task", "a") + end(),
                        "s>a a>e",
                    )
                }
            )
        )
    assert "D301" in {f.code for f in refused.value.findings}
    with pytest.raises(LookupError):
        small(catch("w", timer("Duration", "soon")), "s>w w>e")


def test_calendars_come_with_any_stimulus() -> None:
    walk = Walk(straight("a b"))
    walk.act(Complete(walk.one("a").id, calendars={"approver": "sweden"}))
    assert codec.unpack(walk.state).calendars == {"approver": "sweden"}


def test_a_list_without_output_and_a_border_that_catches_once() -> None:
    walk = Walk(
        small(
            node("userTask", "a", each("list", "x"))
            + border("t", "a", timer("Duration", "P1D"), interrupting=False),
            "s>a a>e t>k",
            "e k",
        ),
        Start({"list": [1]}),
    )
    walk.do("t")
    assert walk.open() == ["a"]
    assert walk.do("a").finished


def test_an_audit_event_that_was_swallowed_stops_the_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nosy(*_args: object, **_given: object) -> None:
        with pytest.raises(ForbiddenCall):
            open("/dev/null").close()  # noqa: PTH123 - what a diagram must not be able to do

    monkeypatch.setattr(audit_guard, "advance", nosy)
    with pytest.raises(EngineStopped) as stopped:
        guarded(straight("a"), b"", Start(), now=MONDAY, seed="1")
    assert stopped.value.kind == "tripwire"


@pytest.mark.slow  # each kind runs until its budget of steps is spent
def test_what_never_waits_comes_to_an_end() -> None:
    gates = xor("m") + xor("g", default="g_m")
    with pytest.raises(EngineStopped) as stopped:
        Walk(small(gates, "s>m m>g g>m g>e[yes]"))
    assert stopped.value.kind == "steps"
    fork = xor("m") + both("f")
    with pytest.raises(EngineStopped) as stopped:
        Walk(small(fork, "s>m m>f f>m f>e"))
    assert stopped.value.kind in {"steps", "tasks"}
    called = call("c", "p")
    again = process("p", start() + called + end(), "s>c c>e")
    with pytest.raises(EngineStopped) as stopped:
        Walk(definition(document(again)))
    assert stopped.value.kind in {"steps", "broke"}
    with pytest.raises(BadVariables):
        Walk(straight("a"), Start({"list": [0] * 1_000_000}))


def test_a_scope_begins_without_a_search_for_its_owner() -> None:
    """The library looks in all scopes, once for each level: the deeper, the dearer."""
    searches = 0

    def count(frame: FrameType, event_: str, _arg: object) -> None:
        nonlocal searches
        searches += event_ == "call" and frame.f_code is BpmnWorkflow.get_task_from_id.__code__

    inside = start("is") + nodes("userTask", "a") + end("ie")
    nested = sub(
        "box", start("bs") + sub("inner", inside, "is>a a>ie") + end("be"), "bs>inner inner>be"
    )
    sys.setprofile(count)
    try:
        walk = Walk(small(nested, "s>box box>e"))
        walk.do("a")
    finally:
        sys.setprofile(None)
    assert walk.turn.finished
    assert searches == 0
