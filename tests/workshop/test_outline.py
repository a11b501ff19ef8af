"""The outline of a diagram: order, indentation, and what each line says."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.application.shipped_files import read_bundle
from service.engine.bpmn.parser import read_model
from service.errors import BadDiagram
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from service.text import languages
from service.workshop.outline import outline
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    both,
    call,
    diagram,
    document,
    each,
    end,
    event,
    ext,
    job,
    mapping,
    process,
    props,
    rule,
    start,
    sub,
    task,
    timer,
    xor,
)

ROOT = Path(__file__).parents[2]


def outlined(data: bytes, lang: str = "en") -> list[str]:
    return outline(release(data), {}, "workflows/0.bpmn", lang)


def bare(lines: list[str]) -> list[str]:
    """Without the details of steps."""
    return [
        line
        for line in lines
        if line.strip()[0].isupper() or line.strip().startswith(("→", "if", "and", "otherwise"))
    ]


def test_flows_are_indented_under_their_gateway() -> None:
    lines = outlined(
        diagram(
            start() + xor() + task("a", "ask") + task("b") + xor("y") + task("c") + end(),
            's>x x>a[answer = "YES"] x>b* a>y b>y y>c c>e',
        )
    )
    assert bare(lines) == [
        "Process: p [p]",
        "  Start: [s]",
        "  Decision: [x]",
        '    if answer = "YES":',
        "      Task for a person: A [a]",
        "        → [y]",
        "    otherwise:",
        "      Task for a person: B [b]",
        "        → [y]",
        "  Decision: [y]",
        "  Task for a person: C [c]",
        "  End: [e]",
    ]


def test_a_way_back_is_an_arrow() -> None:
    lines = outlined(
        diagram(start() + task("a", "ask") + xor() + end(), 's>a a>x x>a[answer = "NO"] x>e*')
    )
    assert '    if answer = "NO" → A [a]' in lines
    assert lines[-2:] == ["    otherwise:", "      End: [e]"]


def test_a_task_says_who_with_which_form_and_until_when() -> None:
    extra = '<zeebe:taskSchedule dueDate="P1M2D" followUpDate="=day"/>' + props(
        days="working", plain__en="We ask you.", not_same_person_as="b", allowed_when="=safe"
    )
    lines = [
        line.strip()
        for line in outlined(
            diagram(
                start()
                + task("a", "ask", extra)
                + task("b", group="Nobody")
                + task("c", group="")
                + end(),
                "s>a a>b b>c c>e",
            )
        )
    ]
    assert "“We ask you.”" in lines
    assert "who: Doer" in lines
    assert "form: – [ask]" in lines
    assert "due: 1 month 2 days (working days)" in lines
    assert "reminded: day" in lines
    assert "not the same person as: b" in lines
    assert "allowed when safe" in lines
    assert "who: Nobody" in lines
    assert "who: nobody" in lines


def test_details_of_each_kind_of_step_are_named() -> None:
    body = (
        start()
        + task("a", "people")
        + border("t", "a", timer("Cycle", "R3/P7D"), interrupting=False)
        + job(
            "j",
            "letters.count",
            mapping({"sent": "=sent"}, {"x": "=answer"}),
        )
        + border("q", "j", event("error", "LOST"))
        + rule()
        + call("k", "other")
        + task("m", inner=each("people", "one"))
        + end("e", "<bpmn:terminateEventDefinition/>")
        + end("f")
        + end("g")
    )
    lines = [line.strip() for line in outlined(diagram(body, "s>a a>j j>r r>k k>m m>e t>f q>g"))]
    assert "On the border, does not interrupt: [t]" in lines
    assert "repeats: 3 times, each after 7 days" in lines
    assert "On the border, interrupts: [q]" in lines
    assert "error: LOST" in lines
    assert "done by: letters.count –" in [line.rstrip() for line in lines]
    assert "gives x: answer" in lines
    assert "sets sent: sent" in lines
    assert "rule: pick, its answer is called picked" in lines
    assert "calls: other [other]" in lines
    assert "done for each one in people, all at once" in lines
    assert "End (cancels everything): [e]" in lines


def test_cycles_dates_and_other_texts_are_written_out() -> None:
    body = (
        start()
        + task("a")
        + "".join(
            border(f"t{n}", "a", timer(way, text), interrupting=False)
            for n, (way, text) in enumerate(
                [
                    ("Cycle", "R/P1W"),
                    ("Date", "=departure"),
                    ("Duration", "PT1H30M"),
                    ("Duration", "soon"),
                ]
            )
        )
        + border("u", "a", "<bpmn:timerEventDefinition/>")
        + end()
    )
    lines = [line.strip() for line in outlined(diagram(body, "s>a a>e"))]
    assert "repeats: again and again, after 1 week" in lines
    assert "on: departure" in lines
    assert "after: 1 hour 30 minutes" in lines
    assert "after: soon" in lines
    assert "without a time" in lines


def test_inner_scopes_are_indented_and_unreachable_steps_last() -> None:
    lines = outlined(
        diagram(
            start()
            + sub(
                "u",
                start("s1") + both("g") + task("a") + task("b") + end("e1"),
                "s1>g g>a g>b a>e1 b>e1",
            )
            + task("z")
            + end(),
            "s>u u>e",
        )
    )
    assert lines[lines.index("    Start: [s1]") - 1].startswith("  Sub-process: ")
    assert "    End: [e1]" in lines
    assert lines[lines.index("  No way leads here:") + 1] == "    Task for a person: Z [z]"


def test_a_step_that_two_starts_reach_is_told_once() -> None:
    lines = outlined(diagram(start() + start("s2") + task("a") + end(), "s>a s2>a a>e"))
    assert len([line for line in lines if "Task for a person: A [a]" in line]) == 1


def test_all_processes_of_a_file_follow_each_other() -> None:
    one = process(
        "p",
        start() + call("c", "q") + end(),
        "s>c c>e",
        head=ext(props(promise__1="never q before s")),
    )
    lines = outlined(document(one, process("q", start("s1") + end("e1"), "s1>e1")))
    assert lines[1] == "  promise: never q before s"
    assert lines[lines.index("") + 1].startswith("Process: ")


def test_a_file_without_a_process_says_so() -> None:
    assert outlined(document()) == ["The file has no executable process."]
    with pytest.raises(BadDiagram, match="X102"):
        outlined(b"<a>")


@pytest.mark.parametrize("lang", languages())
def test_every_shipped_diagram_is_told_whole_each_step_once(lang: str) -> None:
    bundle = read_bundle(ROOT / "workflows", ROOT / "forms")
    files, forms, _ = files_of(bundle, declared())
    model, _ = read_model(files)
    for file in files.diagrams:
        lines = outline(files, forms, f"workflows/{file}", lang)
        ids = [
            node.id
            for process in model.processes.values()
            if process.file == file
            for _, node in process.scope.walk()
        ]
        for id_ in ids:
            assert (
                len([line for line in lines if line.endswith(f"[{id_}]") and "→" not in line]) == 1
            ), id_
