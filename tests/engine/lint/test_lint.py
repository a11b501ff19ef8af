"""Every sentence of the linter has a smallest bad and a smallest good release, a rule that cannot
be removed unseen, and Swedish words.
"""

from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest

from service.engine.bpmn.parser import read_model
from service.engine.bpmn.sentences import SENTENCES, broke, severity, too_slow
from service.engine.definition import read
from service.engine.feel.errors import SENTENCES as FEEL_SENTENCES
from service.engine.lint import FLOW_RULES, GRAPH_RULES, PLAIN_RULES, lint, removed
from service.engine.types import Files
from service.errors import BadDiagram, Finding
from tests.engine.lint.cases import CASES, Case
from tests.engine.lint.reports import TODAY
from tests.support.approved import approved, finding_line
from tests.support.diagram_files import TYPES, release
from tests.support.diagrams import line, props, task

SWEDISH = tomllib.loads(
    (Path(__file__).parents[3] / "service" / "text" / "lint_sv.toml").read_text(encoding="utf-8")
)
FROM_ELSEWHERE = {"X110", "X110.broke", "X124", "D107"}
"""X110 is said by whoever kills the reading process, X124 by the builder; D107 needs to know the
open cases (`removed`).
"""


NAMES = [
    f"{case.key}-{[other.key for other in CASES[:n]].count(case.key) + 1}"
    for n, case in enumerate(CASES)
]
"""A number for each sentence, so that a new case changes no other's name."""


def _keys(found: list[Finding]) -> set[str]:
    return {str(f.facts.get("sentence", f.code)) for f in found}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_bad_release_raises_its_sentence_and_no_other(case: Case) -> None:
    assert _keys(lint(case.bad, today=TODAY)) == {case.key}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_good_release_raises_nothing(case: Case) -> None:
    assert lint(case.good, today=TODAY) == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_only_a_release_without_errors_can_be_built(case: Case) -> None:
    """Publishing and running read a release the same way, so neither passes what the linter
    refuses.
    """
    assert read(case.good)
    errors = [found for found in lint(case.bad) if found.severity == "E"]
    if not errors:
        assert read(case.bad)
        return
    with pytest.raises(BadDiagram) as refused:
        read(case.bad)
    assert {found.code for found in errors} <= {found.code for found in refused.value.findings}


def test_findings_of_each_bad_release_are_the_approved_ones() -> None:
    """Element, line, property, repair, and the sentence in both languages."""
    lines = [
        f"{name} {finding_line(found)}"
        for name, case in zip(NAMES, CASES, strict=True)
        for found in lint(case.bad, today=TODAY)
    ]
    approved(Path(__file__).with_name("approved_findings.txt"), lines)


def test_every_sentence_has_a_case() -> None:
    of_rules = {
        key for key in SENTENCES if key.startswith("R") and key != "R207"
    }  # their tables are in tests/engine/dmn/test_refusals.py and test_coverage.py
    assert {case.key for case in CASES} == SENTENCES.keys() - FROM_ELSEWHERE - of_rules


@pytest.mark.parametrize(
    "rule", [*PLAIN_RULES, *GRAPH_RULES, *FLOW_RULES], ids=lambda rule: rule.__name__
)
def test_no_rule_can_be_removed_unseen(rule: object) -> None:
    name = rule.__name__  # type: ignore[attr-defined] # rules are functions
    code = name.partition("_")[0].upper()
    family = [
        case
        for case in CASES
        if case.key.startswith(code) or (code == "D901" and case.key.startswith("D9"))
    ]
    assert any(
        case.key not in _keys(lint(case.bad, today=TODAY, without=frozenset({name})))
        for case in family
    )


def test_every_sentence_has_swedish_with_equal_placeholders() -> None:
    assert _placeholders(SWEDISH["sentences"]) == _placeholders(SENTENCES)


def test_every_feel_reason_has_swedish_with_equal_placeholders() -> None:
    assert _placeholders(SWEDISH["feel"]) == _placeholders(FEEL_SENTENCES)


def test_a_warning_marked_as_seen_on_its_element_is_not_shown() -> None:
    assert _keys(lint(release(line(task(form=""))))) == {"D302"}
    assert lint(release(line(task(form="", extra=props(seen="D302"))))) == []


def test_an_error_cannot_be_marked_as_seen() -> None:
    assert _keys(lint(release(line(task(form="gone", extra=props(seen="D603")))))) == {
        "D603",
        "D610",
    }


def test_findings_come_in_the_order_of_the_file() -> None:
    found = lint(release(line(task("b", "gone") + task("a", "gone"), "s>b b>a a>e")))
    assert [f.element for f in found] == ["b", "a"]


def test_a_finding_names_file_element_line_and_facts() -> None:
    (found,) = lint(release(line(task("a", "gone"))))
    assert (found.code, found.severity, found.file, found.element, found.prop) == (
        "D603",
        "E",
        "0.bpmn",
        "a",
        "formId",
    )
    assert found.line == 1
    assert found.facts == {"x": "A", "id": "gone"}
    assert found.message == "The form gone of A is not in this release."


def test_all_findings_come_at_once() -> None:
    assert _keys(lint(release(line(task("a", "gone", group="Nobody"))))) == {"D603", "D111.group"}


def test_a_parser_that_is_stopped_or_fails_reports_the_file() -> None:
    slow, stumbled = too_slow("a.bpmn"), broke("a.bpmn", "MemoryError")
    assert (slow.code, slow.severity, slow.file, slow.facts) == ("X110", "E", "a.bpmn", {})
    assert (stumbled.code, stumbled.severity, stumbled.facts) == (
        "X110",
        "E",
        {"reason": "MemoryError", "sentence": "X110.broke"},
    )


def test_a_release_without_a_diagram_has_nothing_to_say() -> None:
    assert lint(Files({}, types=dict.fromkeys((f"v{n}" for n in range(300)), TYPES["sent"]))) == []


def test_a_draft_without_a_step_of_open_cases_is_a_warning() -> None:
    model, _ = read_model(release(line(task())))
    (found,) = removed(model, {"a": ("A", 1), "old": ("The old step", 3)})
    assert (found.code, found.element, severity("D107")) == ("D107", "old", "W")
    assert "The old step, which this draft removes: 3" in found.message


def _placeholders(sentences: dict[str, str]) -> dict[str, set[str]]:
    return {
        key: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for key, text in sentences.items()
    }
