"""Templates of a release are tried while it is linted: one of which no paper can be made is named,
with its line.
"""

from __future__ import annotations

from functools import cache

import pytest

from service.application.shipped_files import shipped_bundle
from service.errors import Finding
from service.release.bundle import Bundle
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from service.sandbox.paper_linting import paper_findings
from service.sandbox.release_linting import LintProcesses
from service.settings import Settings

PLAN = "workflows/papers/plan.typ"


@cache
def shipped() -> Bundle:
    return shipped_bundle(Settings())


def findings(bundle: Bundle) -> list[Finding]:
    _, forms, _ = files_of(bundle, declared())
    return paper_findings(bundle, forms)


def test_the_shipped_papers_are_made_filled_in_and_empty() -> None:
    assert findings(shipped()) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("#nothing", "unknown variable: nothing"),
        ('#read("/etc/passwd")', "file not found"),
        ("#f(1)(2)", "expected string"),
        ('#link("javascript:alert(1)")[x]', "a link leads to what is none of http"),
        ('#link("java" + "script:alert(1)")[x]', "a link leads to what is none of http"),
        ('#pdf.attach("a", bytes("x"), description: "x")', "contains an attached file"),
        ("=== Three", "skipped from heading level"),
    ],
)
def test_a_template_that_does_not_work_is_named_with_its_line(line: str, says: str) -> None:
    text = shipped().text(PLAN)
    at = text.count("\n", 0, text.index("#head()")) + 2
    bundle = shipped().with_file(PLAN, text.replace("#head()", f"#head()\n{line}").encode())
    (found,) = findings(bundle)
    assert (found.code, found.severity, found.file) == ("T106", "E", PLAN)
    assert says in found.message
    assert found.line in (at, 0)


def test_a_header_that_is_no_use_is_not_tried() -> None:
    assert findings(shipped().with_file(PLAN, b"#nothing")) == []


def test_the_linter_of_drafts_tries_the_papers() -> None:
    readers = LintProcesses(60)
    text = shipped().text(PLAN) + "\n#nothing\n"
    try:
        found = readers.findings(shipped().with_file(PLAN, text.encode()), PLAN)
    finally:
        readers.close()
    assert [(f.code, f.file) for f in found if f.severity == "E"] == [("T106", PLAN)]
