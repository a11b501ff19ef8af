"""A release is read, linted and built once; one with errors, or changed bytes, is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from service.errors import BadDiagram
from service.release import prepared
from service.release.bundle import Bundle
from service.release.prepared import PreparedReleases, findings_of, prepare
from service.release.programme.configuration import read_programme
from tests.release.programme.test_configuration import shipped as shipped_files
from tests.support.directory import ROLE
from tests.support.local_handlers import TOPICS
from tests.support.small_desk import two_tasks

INSTALLED = read_programme(shipped_files()).configuration
RELEASE = prepare(two_tasks(), TOPICS, number=7, process="p")


def codes(bundle: Bundle) -> set[str]:
    return {finding.code for finding in findings_of(bundle, TOPICS)}


def test_a_prepared_release_knows_its_fields_and_classes() -> None:
    assert RELEASE.fields["note"] == ("C2", "")
    assert RELEASE.classes["sent"] == "C0"
    assert RELEASE.asked_in["answer"] == {"ask"}
    assert RELEASE.asked_in["note"] == {"ask", "plain"}


def test_a_role_is_named_in_the_language_of_the_reader() -> None:
    assert RELEASE.role_name(ROLE, "en") == "Referring"
    assert RELEASE.role_name(ROLE, "fi") == "Hänvisande"
    assert RELEASE.role_name("Nobody", "en") == "Nobody"


def test_a_configuration_is_made_once_for_an_installation() -> None:
    first = replace(INSTALLED)
    made = RELEASE.configuration_over(first)
    assert made == replace(INSTALLED, **RELEASE.own_configuration)
    assert RELEASE.configuration_over(first) is made
    later = replace(first, reminders=structs.replace(first.reminders, overdue_days=(9,)))
    assert RELEASE.configuration_over(later).reminders.overdue_days == (9,)
    assert RELEASE.configuration_over(first) == made


def test_the_process_is_drawn_in_a_file() -> None:
    assert set(RELEASE.drawn_in.values()) == {"0.bpmn"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("workflows/config/roles.toml", b"[broken"),
        ("workflows/config/roles.toml", b'[Role]\nsv = "A"\n'),
        ("workflows/config/types.toml", b"[sent]\n"),
    ],
)
def test_a_table_that_cannot_be_read_is_a_finding(name: str, content: bytes) -> None:
    assert "X122" in codes(two_tasks().with_file(name, content))


def test_a_release_with_an_error_is_refused_with_all_findings() -> None:
    broken = two_tasks().with_file("workflows/0.bpmn", b"<broken")
    with pytest.raises(BadDiagram) as refused:
        prepare(broken, TOPICS)
    assert any(finding.severity == "E" for finding in refused.value.findings)


def test_bytes_that_were_not_published_are_refused() -> None:
    cache = PreparedReleases(TOPICS)
    with pytest.raises(BadDiagram) as refused:
        cache.put("another", two_tasks().pack(), number=1, process="p")
    assert [finding.code for finding in refused.value.findings] == ["X123"]
    assert cache.names() == []


def test_the_release_used_longest_ago_leaves_the_cache() -> None:
    cache = PreparedReleases(TOPICS)
    for number in range(prepared.MOST):
        cache.keep(replace(RELEASE, id=f"r{number}"))
    assert cache.ready("r0") is not None
    cache.keep(replace(RELEASE, id="another"))
    assert cache.ready("r1") is None
    assert {"r0", "another"} <= set(cache.names())
    assert len(cache.names()) == prepared.MOST


def test_what_is_kept_of_a_bundle_is_its_own() -> None:
    bundle = two_tasks()
    files, forms, findings = prepared.files_of(bundle, TOPICS)
    first = [*findings]
    forms.clear()
    findings.clear()
    again = prepared.files_of(bundle, TOPICS)
    assert again[0] is files, "it is not read twice"
    assert again[1].keys() >= {"ask"}
    assert again[2] == first != [], "what others do with it is not in it"
    (name, content), *_ = bundle.under("workflows", ".bpmn").items()
    changed = bundle.with_file(f"workflows/{name}", content + b"\n")
    assert prepared.files_of(changed, TOPICS)[0].diagrams[name] == content + b"\n"
    assert prepared.files_of(bundle, {})[0].topics == {}, "other handlers are another reading"
