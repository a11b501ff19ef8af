"""What is made once is made by who comes first, and anew where it was not finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.made_once import made_once


def test_it_is_made_once_and_found_by_all(tmp_path_factory: pytest.TempPathFactory) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text("whole", "ascii")

    folders = {made_once(tmp_path_factory, "found-by-all", make) for _ in range(3)}
    assert folders == set(made)
    assert [(folder / "file").read_text("ascii") for folder in made] == ["whole"]


def test_what_was_not_finished_is_made_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    def fails(folder: Path) -> None:
        (folder / "file").write_text("half", "ascii")
        raise LookupError

    with pytest.raises(LookupError):
        made_once(tmp_path_factory, "made-anew", fails)
    folder = made_once(tmp_path_factory, "made-anew", lambda _: None)
    assert list(folder.iterdir()) == [], "nothing is left of the first try"
