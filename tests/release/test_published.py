"""A published release is built again at every start, and never judged again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import pytest

from service.engine import lint as lint_release
from service.engine.bpmn.sentences import finding
from service.engine.lint.context import LintContext
from service.errors import BadDiagram, Finding
from service.release import prepared
from service.release.bundle import Bundle
from service.release.prepared import PreparedReleases, build, findings_of, prepare
from service.store.installation import releases
from service.text import finding_text
from tests.support.local_handlers import TOPICS
from tests.support.small_desk import two_tasks
from tests.support.world import World


def refuses_all(context: LintContext) -> Iterator[Finding]:
    """A rule that a later version of the linter brings."""
    yield from (context.report("D301", node) for _, node in context.nodes("userTask"))


@pytest.fixture
def stricter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The linter has got a rule that refuses what it used to pass."""
    linter = import_module("service.engine.lint")  # the package's `lint` is the function
    monkeypatch.setattr(linter, "PLAIN_RULES", (refuses_all,))


def restarted(desk: World) -> World:
    """The installation after its programs were started again: nothing is cached."""
    services = replace(desk.program.services, prepared=PreparedReleases(TOPICS))
    return replace(desk, program=replace(desk.program, services=services))


def broken(content: bytes) -> Bundle:
    return two_tasks().with_file("workflows/0.bpmn", content)


def codes(bundle: Bundle) -> list[str]:
    with pytest.raises(BadDiagram) as refused:
        build(bundle, TOPICS)
    return [found.code for found in refused.value.findings]


@pytest.mark.usefixtures("stricter")
def test_the_stricter_linter_refuses_a_bundle_to_publish() -> None:
    assert "D301" in {found.code for found in findings_of(two_tasks(), TOPICS)}
    with pytest.raises(BadDiagram):
        prepare(two_tasks(), TOPICS)


def test_open_cases_go_on_when_a_new_rule_refuses_their_release(
    desk: World, case_id: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("stricter")
    later = restarted(desk)
    later.do(case_id, "a", {"answer": ["YES"]})
    later.do(case_id, "b", {"note": ["done"]})
    assert later.case(case_id).closed_at is not None


def test_a_loaded_release_equals_the_published_one() -> None:
    first, again = prepare(two_tasks(), TOPICS), build(two_tasks(), TOPICS)
    assert first.definitions.keys() == again.definitions.keys()
    assert first.definitions["p"].digest == again.definitions["p"].digest
    assert first.forms.keys() == again.forms.keys()


def test_a_release_is_not_linted_when_it_is_loaded(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> list[Finding]:
        raise AssertionError("it is judged again")

    monkeypatch.setattr("service.engine.definition.judge", fails)
    monkeypatch.setattr(prepared, "lint", fails)
    with desk.database.transaction(write=False) as tx:
        title = releases.live(tx, "return_case")
        assert title is not None
        assert restarted(desk).program.services.release(tx, title.id).number == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<broken", "X102"),
        (b"<definitions/>", "X105"),
        (two_tasks().files["workflows/0.bpmn"].replace(b"userTask", b"complexGateway"), "X124"),
    ],
)
def test_what_cannot_be_built_any_more_stops_with_a_sentence(content: bytes, code: str) -> None:
    assert codes(broken(content)) == [code]


def test_a_release_without_a_rule_that_it_asks_is_not_loaded() -> None:
    asks = (
        two_tasks()
        .files["workflows/0.bpmn"]
        .replace(b'<bpmn:userTask id="b"', b'<bpmn:businessRuleTask id="b"')
    )
    asks = asks.replace(
        b"</bpmn:userTask><bpmn:endEvent", b"</bpmn:businessRuleTask><bpmn:endEvent"
    )
    assert codes(broken(asks)) == ["X124"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("workflows/config/roles.toml", b"[broken", "X122"),
        ("workflows/config/types.toml", b"[sent]\n", "X122"),
        ("forms/ask.form", b"{", "F101"),
    ],
)
def test_a_form_or_table_that_cannot_be_read_stops_the_load(
    name: str, content: bytes, code: str
) -> None:
    assert codes(two_tasks().with_file(name, content)) == [code]


def test_the_sentence_about_a_broken_release_is_swedish_too() -> None:
    found = finding("X124", "", facts={"reason": "KeyError: x"})
    assert "KeyError: x" in finding_text(found.code, found.message, found.facts, "sv")
    assert finding_text(found.code, found.message, found.facts, "sv") != found.message


def test_linting_is_still_what_a_draft_gets() -> None:
    files, _, _ = prepared.files_of(broken(b"<broken"), TOPICS)
    assert [found.code for found in lint_release(files)] == ["X102"]
