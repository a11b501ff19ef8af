"""What the editors of bpmn.io and Camunda load and save is the same process here: the same digest,
the same findings, every property kept.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from service.application.shipped_files import read_bundle
from service.engine.bpmn.elements import ZEEBE
from service.engine.bpmn.model import Process, Scope
from service.engine.bpmn.parser import read_model
from service.engine.definition import read
from service.engine.lint import lint
from service.engine.types import Files
from service.release.bundle import Bundle
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from tests.support.machine import node, packages
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).parents[3]
DIAGRAMS = sorted(path.name for path in (ROOT / "workflows").glob("*.bpmn"))

pytestmark = pytest.mark.slow


@cache
def shipped() -> Files:
    bundle: Bundle = read_bundle(ROOT / "workflows", ROOT / "forms")
    files, _, _ = files_of(bundle, declared())
    return files


@cache
def saved() -> Files:
    """The release after each diagram was loaded and saved once."""
    return replace(
        shipped(), diagrams={name: load_and_save(data) for name, data in shipped().diagrams.items()}
    )


def load_and_save(data: bytes) -> bytes:
    command = [
        node(),
        str(Path(__file__).parent / "moddle.mjs"),
        str(packages("bpmn-moddle").parent),
    ]
    done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=PROGRAM)
    told = json.loads(done.stdout)
    assert told["warnings"] == []
    return str(told["xml"]).encode()


def settings(data: bytes) -> Counter[tuple[str, ...]]:
    """Every setting of the Camunda 8 dialect: the element it belongs to, its name and its
    attributes.
    """
    found: Counter[tuple[str, ...]] = Counter()
    for element in etree.fromstring(data).iter(f"{ZEEBE}*"):
        owner = next(
            str(holder.get("id")) for holder in element.iterancestors() if holder.get("id")
        )
        attributes = sorted("=".join(map(str, pair)) for pair in element.attrib.items())
        found[owner, element.tag.removeprefix(ZEEBE), *attributes] += 1
    return found


def test_every_shipped_diagram_is_written_anew() -> None:
    assert {name.rpartition("/")[2] for name in saved().diagrams} == set(DIAGRAMS)
    assert all(saved().diagrams[name] != data for name, data in shipped().diagrams.items()), (
        "what comes back is what the editor writes, not our bytes"
    )


def test_a_diagram_that_was_loaded_and_saved_runs_as_before() -> None:
    assert {id_: one.digest for id_, one in read(saved()).items()} == {
        id_: one.digest for id_, one in read(shipped()).items()
    }


def test_a_diagram_loaded_and_saved_has_the_same_findings() -> None:
    def found(files: Files) -> Counter[tuple[str, str, str, str]]:
        return Counter((one.code, one.file, one.element, one.message) for one in lint(files))

    assert found(saved()) == found(shipped())
    assert found(shipped()), "hints at least, so that the comparison says something"


def test_every_setting_property_and_name_is_kept() -> None:
    for name, data in shipped().diagrams.items():
        assert settings(saved().diagrams[name]) == settings(data), name
    before, after = (read_model(files)[0].processes for files in (shipped(), saved()))
    for id_, process in before.items():
        assert told(after[id_]) == told(process)


def told(process: Process) -> dict[str, tuple[object, ...]]:
    """What a process says to people, which its digest leaves out."""
    words: dict[str, tuple[object, ...]] = {
        node.id: (node.names, node.properties, node.lane, node.documentation)
        for _, node in process.scope.walk()
    }
    flows = {flow.id: (flow.names,) for scope in scopes(process.scope) for flow in scope.flows}
    return words | flows | {process.id: (process.names, process.properties, process.lanes)}


def scopes(scope: Scope) -> Iterator[Scope]:
    yield scope
    for one in scope.nodes:
        if one.scope is not None:
            yield from scopes(one.scope)


def test_the_picture_is_kept() -> None:
    space = "{http://www.omg.org/spec/BPMN/20100524/DI}"
    for name, data in shipped().diagrams.items():
        for kind in ("BPMNShape", "BPMNEdge", "BPMNDiagram"):
            before, after = (
                {e.get("id") for e in etree.fromstring(d).iter(f"{space}{kind}")}
                for d in (data, saved().diagrams[name])
            )
            assert before == after, (name, kind)
