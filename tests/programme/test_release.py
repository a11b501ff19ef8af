"""The release as it is shipped: diagrams, rules, forms, handlers and tables together have no fault,
and nothing doubtful that nobody has looked at.
"""

from __future__ import annotations

from pathlib import Path

from service.release.bundle import Bundle
from service.release.prepared import findings_of, prepare
from service.sandbox.handlers import declared

ROOT = Path(__file__).parents[2]
PARTS = (
    "workflows/*.bpmn",
    "workflows/*.dmn",
    "workflows/calendars/*.json",
    "forms/*.form",
    "workflows/config/roles.toml",
    "workflows/config/types.toml",
    "workflows/config/vocabulary.toml",
    "workflows/config/consents/*.md",
    "workflows/config/information/*.md",
    "workflows/papers/*.typ",
)
BUNDLE = Bundle(
    {str(path.relative_to(ROOT)): path.read_bytes() for part in PARTS for path in ROOT.glob(part)}
)


def test_the_linter_finds_no_fault_and_no_unseen_warning() -> None:
    assert [
        (f.code, f.file, f.element, f.message)
        for f in findings_of(BUNDLE, declared())
        if f.severity != "I"
    ] == []


def test_the_release_is_ready_to_run() -> None:
    release = prepare(BUNDLE, declared())
    assert {"return_case", "consultation"} <= set(release.definitions)
