"""Two versions of a process differ in words, steps and flows."""

from __future__ import annotations

from service.engine import Process, survey
from service.release.bundle import Bundle
from service.release.prepared import files_of
from service.workshop.comparison.process_diff import diff_process
from service.workshop.comparison.release_changes import ChangeTexts
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import TOPICS

ONE = small.person("a")


def process(bundle: Bundle) -> Process:
    files, _, _ = files_of(bundle, TOPICS)
    (found,) = survey(files).model.processes.values()
    return found


def differences(before: Bundle, after: Bundle) -> list[tuple[str, str, str]]:
    texts = ChangeTexts("en")
    changes = diff_process(process(before), process(after), "workflows/0.bpmn", texts)
    return [(change.kind, change.element, change.text) for change in changes]


def test_equal_processes_do_not_differ() -> None:
    assert differences(small.one(ONE, "s>a a>e"), small.one(ONE, "s>a a>e")) == []


def test_a_step_that_comes_or_goes_is_named_with_its_flows() -> None:
    before = small.one(ONE, "s>a a>e")
    after = small.one(ONE + small.person("b"), "s>a a>b b>e")
    came = [text for _, element, text in differences(before, after) if element == "b"]
    went = [text for _, element, text in differences(after, before) if element == "b"]
    assert (came, went) == (["“B” is a new step."], ["The step “B” is gone."])
    assert {kind for kind, _, _ in differences(before, after)} == {"route"}


def test_a_new_kind_form_and_date_are_three_differences() -> None:
    before = small.one(ONE, "s>a a>e")
    dated = small.person("a", "ask", extra='<zeebe:taskSchedule dueDate="P5D"/>')
    assert [kind for kind, _, _ in differences(before, small.one(dated, "s>a a>e"))] == [
        "who",
        "form",
    ]
    called = small.one(d.job("a"), "s>a a>e")
    assert differences(before, called)[0][0] == "route"


def test_a_name_is_one_difference_a_language() -> None:
    after = small.one(ONE.replace('"A"', '"Request"'), "s>a a>e")
    assert differences(small.one(ONE, "s>a a>e"), after) == [
        ("text", "a", "“A” is now called “Request” (sv).")
    ]


def test_a_condition_says_what_it_was_and_is() -> None:
    body = small.person("a", "ask") + d.xor("x") + d.end("f")
    before = small.one(body, 's>a a>x x>e[answer = "YES"] x>f*')
    after = small.one(body, 's>a a>x x>e[answer = "NO"] x>f*')
    ((kind, _, text),) = differences(before, after)
    assert kind == "route"
    assert 'was answer = "YES", is now answer = "NO"' in text


def test_ways_that_are_tried_in_another_order_are_told() -> None:
    body = d.xor("x") + d.end("f")
    ways = "x>e[a = 1] x>f[a = 2] x>e2*"
    before = small.one(body + d.end("e2"), f"s>x {ways}")
    after = small.one(body + d.end("e2"), "s>x x>f[a = 2] x>e[a = 1] x>e2*")
    assert ("route", "x") in [(kind, element) for kind, element, _ in differences(before, after)]


def test_words_and_settings_are_told_one_by_one() -> None:
    def drawn(plain: str, stage: str) -> Bundle:
        words = f'<zeebe:property name="plain.en" value="{plain}"/>'
        kept = f'<zeebe:property name="stage" value="{stage}"/>'
        return small.one(
            small.person("a", extra=f"<zeebe:properties>{words}{kept}</zeebe:properties>"),
            "s>a a>e",
        )

    found = differences(drawn("One", "1"), drawn("Two", "2"))
    assert [(kind, text) for kind, _, text in found] == [
        ("text", "“A”, plain words (en): other words."),
        ("who", "“A”, stage: was 1, is now 2."),
    ]
