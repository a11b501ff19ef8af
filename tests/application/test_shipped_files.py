"""Which files of the two folders are part of a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.application.shipped_files import read_bundle
from service.cli.release_files import gather
from service.release.bundle import in_release
from service.settings import Settings


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("workflows/return_case.bpmn", True),
        ("workflows/papers/plan.typ", True),
        ("workflows/config/consents/REFER.sv.md", True),
        ("workflows/config/information/RETURN.sv.md", True),
        ("workflows/config/roles.toml", True),
        ("workflows/config/vocabulary.toml", True),
        ("workflows/config/channels.toml", False),
        ("workflows/config/consents/notes.txt", False),
        ("workflows/README.md", False),
        ("workflows/scenarios/walk.scenario.json", False),
        ("forms/referral.form", True),
    ],
)
def test_papers_and_texts_of_consents_are_part_of_it(name: str, part: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    assert in_release(name) is part


def test_the_shipped_release_has_papers_and_texts() -> None:
    bundle = read_bundle(Path("workflows"), Path("forms"))
    assert "plan.typ" in bundle.under("workflows/papers", ".typ")
    assert len(bundle.under("workflows/config/consents", ".md")) >= 16


def test_a_paper_or_a_text_alone_is_put_in_its_place(tmp_path: Path) -> None:
    paper, text = tmp_path / "plan.typ", tmp_path / "REFER.sv.md"
    paper.write_text("// title", encoding="utf-8")
    text.write_text("# Text", encoding="utf-8")
    found = gather((paper, text), Settings())
    assert set(found.named) == {
        "workflows/papers/plan.typ",
        "workflows/config/consents/REFER.sv.md",
    }
    folder = gather((tmp_path,), Settings())
    assert folder.named == ("workflows/papers/plan.typ",), "in a folder any text may lie"
