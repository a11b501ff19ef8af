"""A step is described by its kind and name, who does it, with what, and until when."""

from __future__ import annotations

import pytest

from service.engine import Node, survey
from service.release.element_words import ElementWords
from service.release.prepared import files_of
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import TOPICS


def words(body: str, way: str = "s>a a>e", lang: str = "en") -> tuple[ElementWords, Node]:
    files, forms, _ = files_of(small.one(body, way), TOPICS)
    (process,) = survey(files).model.processes.values()
    found = ElementWords(files, forms, {process.id: process.names}, process, lang)
    return found, next(node for _, node in process.scope.walk() if node.id == "a")


def test_a_step_is_named_with_its_kind_and_its_id() -> None:
    found, node = words(small.person("a"))
    assert found.step(node).endswith(": A [a]")
    unnamed, node = words(small.person("a").replace('name="A"', 'name=""'))
    assert unnamed.step(node).endswith(": [a]")


def test_a_user_task_says_who_with_which_form_and_until_when() -> None:
    found, node = words(small.person("a", extra='<zeebe:taskSchedule dueDate="P1M2DT3H"/>'))
    details = "\n".join(found.details(node))
    assert "Referring" in details
    assert "Plain" in details
    assert "1 month 2 days 3 hours" in details


def test_a_service_task_says_what_it_calls() -> None:
    found, node = words(d.job("a"))
    assert any("letters.send" in line for line in found.details(node))


@pytest.mark.parametrize(
    ("text", "written"), [("=when", "when"), ("P7D", "7 days"), ("R3/P7D", "3"), ("R/P1D", "1 day")]
)
def test_times_are_written_out_or_left_as_they_are(text: str, written: str) -> None:
    extra = f'<zeebe:taskSchedule followUpDate="{text}"/>'
    found, node = words(small.person("a", extra=extra))
    assert written in [*found.details(node)][-1]
