"""The diagrams that come with the product pass their own linter."""

from __future__ import annotations

from pathlib import Path

from service.engine.lint import lint
from service.release.bundle import Bundle
from service.release.prepared import files_of
from service.sandbox.handlers import declared

ROOT = Path(__file__).parents[3]


def test_the_shipped_release_has_no_error_and_no_unseen_warning() -> None:
    bundle = Bundle(
        {
            str(p.relative_to(ROOT)): p.read_bytes()
            for top in ("workflows", "forms")
            for p in (ROOT / top).rglob("*")
            if p.is_file()
        }
    )
    files, _, findings = files_of(bundle, declared())
    assert [f for f in findings if f.severity != "I"] == []
    assert [(f.code, f.element, f.message) for f in lint(files) if f.severity != "I"] == []
