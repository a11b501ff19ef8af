"""Hostile files: each ends in sentences that name it, in time, while others are answered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.application.shipped_files import read_bundle
from service.cli.release_files import FILE_MOST
from service.errors import BadDiagram, Busy, Finding
from service.release.bundle import RELEASED, Bundle
from service.sandbox import release_linting
from service.sandbox.release_linting import READERS, WAITING, LintProcesses, answer_one
from tests.support.scale import figure, seeded
from tests.support.waiting import PROGRAM
from tests.trust.hostile import files

pytestmark = pytest.mark.slow  # child processes look at hundreds of files

ROOT = Path(__file__).parents[2]
SHIPPED = read_bundle(ROOT / "workflows", ROOT / "forms")
AROUND = Bundle({name: SHIPPED.files[name] for name in RELEASED})
FILES = {name: (file, data) for name, file, data in files()}
FINE = {"types in types", "2^28 markings", "a chain of 240 steps"}
"""Large, and nothing is wrong with them."""
COPIES = figure("copies")


@pytest.fixture(scope="module")
def readers() -> Iterator[LintProcesses]:
    """Processes that end by their limits of memory and of processor time; by the clock a busy
    machine may take long.
    """
    made = LintProcesses(PROGRAM)
    yield made
    made.close()


def place(file: str) -> str:
    return f"{'forms' if file.endswith('.form') else 'workflows'}/{file}"


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_in_sentences_within_bounds(readers: LintProcesses, name: str) -> None:
    file, data = FILES[name]
    found = readers.findings(AROUND.with_file(place(file), data[: FILE_MOST + 1]), name=place(file))
    # the configuration around it names processes that another file does not have
    drawn = [f for f in found if not f.file.startswith("workflows/config/")]
    assert any(f.severity == "E" for f in drawn) != (name in FINE)
    assert all(f.message and (f.element or f.line or f.file.endswith(file)) for f in found)
    assert "X110" not in {f.code for f in found}


def test_damaged_shipped_files_are_read_or_refused(
    readers: LintProcesses,
) -> None:
    names = sorted(name for name in SHIPPED.files if not name.endswith(".toml"))
    for seed in range(COPIES):
        dice = random.Random(seed)  # noqa: S311 - a test wants the same damage again
        name = dice.choice(names)
        with seeded(seed):
            found = readers.findings(
                SHIPPED.with_file(name, damaged(SHIPPED.files[name], dice)), name=name
            )
            assert "X110" not in {f.code for f in found}, (name, found)


def damaged(data: bytes, dice: random.Random) -> bytes:
    """A few bytes changed, a piece gone, twice there or moved."""
    at, other = sorted(dice.sample(range(len(data)), 2))
    way = dice.randrange(4)
    if way == 0:
        return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
    if way == 1:
        return data[:at] + data[other:]
    if way == 2:
        return data[:other] + data[at:other] + data[other:]
    return data.replace(data[at : at + 6], data[other : other + 6])


def test_a_reading_that_takes_too_long_is_a_finding() -> None:
    impatient = LintProcesses(0)
    found = impatient.findings(SHIPPED, name="workflows/return_case.bpmn")
    with pytest.raises(BadDiagram, match="X110"):
        impatient.outline(SHIPPED, "workflows/return_case.bpmn", "sv")
    impatient.close()
    assert [(f.code, f.severity, f.file) for f in found] == [
        ("X110", "E", "workflows/return_case.bpmn")
    ]


def test_forty_bombs_at_once_keep_nobody_waiting() -> None:
    readers = LintProcesses()

    def ask(_: int) -> list[Finding] | Busy:
        try:
            return readers.findings(
                AROUND.with_file("workflows/a.bpmn", FILES["a chain of 3,500 steps that ends"][1]),
                name="workflows/a.bpmn",
            )
        except Busy as e:
            return e

    with ThreadPoolExecutor(40) as threads:
        replies = list(threads.map(ask, range(40)))
    answered = [one for one in replies if not isinstance(one, Busy)]
    assert len(answered) >= READERS + WAITING
    assert all(any(f.severity == "E" for f in found) for found in answered)
    assert readers.findings(SHIPPED), "and afterwards they read on"
    readers.close()


def test_the_child_holds_nothing_of_the_installation(
    readers: LintProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRESTEG_KEYS", "secret")
    own = LintProcesses()
    own.findings(AROUND)
    for child in own._children._all:
        if child.pid:
            assert b"TRESTEG" not in Path(f"/proc/{child.pid}/environ").read_bytes()
    own.close()
    assert [f for f in readers.findings(AROUND) if f.severity == "E"] == []


def test_a_stumble_of_the_reader_itself_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_linting, "lint", None)
    said = answer_one(release_linting._question("lint", AROUND, "workflows/a.bpmn", parts="files"))
    assert '"X110"' in said
    assert "TypeError" in said


def test_what_is_no_release_at_all_is_refused_inside_the_child() -> None:
    assert '"X102"' in answer_one(
        '{"do": "lint", "bundle": "bm90aGluZw==", "name": "", "today": null}'
    )
