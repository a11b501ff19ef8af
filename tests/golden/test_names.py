"""Classes and functions may get other names: every kept byte comes out as before.

Each class of the packages that write kept bytes gets a senseless `__name__`, `__qualname__` and
`__module__`, and each function another `__name__`; then the golden installation is read and
written.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import service.audit
import service.casework
import service.engine
import service.operations
import service.people
import service.records
import service.release
import service.store
import service.web.api.v1
import service.workshop
from service.audit import verify
from service.casework.casefile import notes
from service.casework.history import replay as case_replay
from service.engine.spiff.codec import CODES, code_of
from service.people import accounts
from service.records.fact_format import fact_hash
from service.release.bundle import Bundle
from service.release.prepared import build
from service.sandbox.handlers import declared
from service.security import ledger_lines
from service.security.purposes import STATE
from service.store.casefile import facts
from service.store.installation import ledger_entries
from service.store.writing import write_last
from service.web.api.v1 import shapes
from tests.golden.kept import digests, rows, sha
from tests.golden.make_installation import OPENAPI, described
from tests.golden.test_installation import FILLED, Golden, again, opened

PACKAGES = (
    service.audit,
    service.casework,
    service.engine,
    service.operations,
    service.people,
    service.records,
    service.release,
    service.store,
    service.workshop,
    service.web.api.v1,
)
MANY = 500
"""Fewer classes and functions than that would mean that the packages were not found."""
PACKAGE_NAMES = tuple(package.__name__ for package in PACKAGES)
CODES_KEPT = (
    "And Boundary BpmnStartTask Call Catch Close Each EachInTurn Finish Job JobEnd JobThrow Or "
    "Over Pass Person Race Raced Rejoin Rule Split Sub Terminate Throw ThrowEnd Xor"
)
"""The codes of task classes in format 1, as the first version wrote them."""
CODES_ADDED = {"EventTimer", "Script"}
"""And those of later versions."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations." not in found.name:
            yield importlib.import_module(found.name)


def own(package: ModuleType) -> Iterator[type | FunctionType]:
    """Every class and function that is defined in a room."""
    for module in modules(package):
        for thing in vars(module).values():
            mine = str(getattr(thing, "__module__", "")).startswith(PACKAGE_NAMES)
            if mine and isinstance(thing, type | FunctionType):
                yield thing


EMPTY = sha(ledger_lines.canonical([]))
"""Digest of a table without rows."""


@pytest.fixture
def golden(kept: Path, tmp_path: Path) -> Iterator[Golden]:
    made = opened(kept, tmp_path)
    yield made
    made.program.database.close()


@pytest.fixture
def renamed(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> Iterator[Golden]:
    """The golden installation, in a program in which nothing is called as it was.

    A module is found under its new name too, because type hints of a class are read there.
    """
    found = list(dict.fromkeys(thing for package in PACKAGES for thing in own(package)))
    places = {thing.__module__: f"elsewhere{nth}" for nth, thing in enumerate(found)}
    for module, name in places.items():
        monkeypatch.setitem(sys.modules, name, sys.modules[module])
    kept = [(thing, thing.__name__, thing.__qualname__, thing.__module__) for thing in found]
    assert len(kept) > MANY
    try:
        for nth, (thing, _, _, module) in enumerate(kept):
            thing.__name__, thing.__qualname__, thing.__module__ = (
                f"X{nth}",
                f"X{nth}",
                places[module],
            )
        forget()
        yield golden
    finally:
        for thing, name, qualname, module in kept:
            thing.__name__, thing.__qualname__, thing.__module__ = name, qualname, module
        forget()


def forget() -> None:
    """Work out again what the interface remembers of its shapes."""
    shapes.hints.cache_clear()


def test_codes_of_task_classes_are_those_of_the_first_version() -> None:
    assert set(CODES.values()) >= CODES_ADDED
    assert " ".join(sorted(set(CODES.values()) - CODES_ADDED)) == CODES_KEPT
    assert len(set(CODES.values())) == len(CODES)
    assert all(inspect.isclass(kind) for kind in CODES)


def test_every_kept_byte_is_read_as_it_was(renamed: Golden) -> None:
    with renamed.program.database.transaction(write=False) as tx:
        found = digests(tx, renamed.program, renamed.about["secrets"])
    kept = renamed.digests["rows"]
    since = found["rows"].keys() - kept.keys() - FILLED
    assert {found["rows"][table] for table in since} <= {EMPTY}, "tables that came since are empty"
    found["rows"] = {table: found["rows"][table] for table in kept}
    assert found == renamed.digests


def test_snapshots_facts_and_definitions_come_out_as_they_were(renamed: Golden) -> None:
    services = renamed.program.services
    with renamed.program.database.transaction(write=False) as tx:
        for case_id in verify.case_ids(tx):
            for turned in case_replay.replay_turns(tx, services, case_id):
                state = turned.outcome.state
                assert turned.key.digest(STATE, state) == turned.fact.state
                assert again(turned.definition, state) == state
        every = [fact for case in verify.case_ids(tx) for fact in facts.of_case(tx, case)]
        assert {f"{f.case_id} {f.rev}": fact_hash(f) for f in every} == renamed.digests["facts"]
        ((id_, found),) = renamed.digests["releases"].items()
        bundle: Bundle = services.release(tx, id_).bundle
    assert {
        name: one.digest for name, one in build(bundle, declared()).definitions.items()
    } == found


def test_a_value_sealed_under_new_names_opens_by_the_old_words(renamed: Golden) -> None:
    services, case = renamed.program.services, renamed.about["task"]["case"]
    with renamed.program.database.transaction() as tx:
        viewer = accounts.load_viewer(tx, renamed.about["people"]["sara"])
        assert viewer is not None
        notes.write(tx, services, by=viewer, case_id=case, text="Ny.", now=renamed.clock.now())
        write_last(tx)
        note, keys = rows(tx, "note")[-1], services.case_keys(tx, case)
        key = keys.of(viewer.office, "C3")
        assert (
            key.open("notes", note["sealed"], table="note", column="sealed", row=note["id"])
            == b"Ny."
        )
        line, before = ledger_entries.latest(tx, f"case/{case}", limit=2)
        body = json.loads(line.body)
        assert (line.kind, body["note"], [*body["rows"]]) == ("note", note["id"], ["note"])
        assert ledger_lines.leaf(ledger_lines.text(line, before.hash)) == line.hash


def test_the_openapi_document_is_the_same_byte_for_byte(renamed: Golden) -> None:
    assert renamed is not None
    assert described() == OPENAPI.read_text(encoding="utf-8")


def test_the_state_of_each_task_class_is_written_with_its_code(renamed: Golden) -> None:
    assert renamed is not None
    for kind, code in CODES.items():
        spec = object.__new__(kind)
        assert code_of(spec) == code
        assert kind.__name__ != code or kind.__module__.startswith("SpiffWorkflow")
