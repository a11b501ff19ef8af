"""A proof bundle of a small case, older and newer heads of its log, and both verifiers."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from service.audit.proof.log_proofs import load_log_proofs
from service.audit.proof.proof_bundle import ProofBundle, ProofOrder, make_bundle
from service.binding import Answer
from service.casework.casefile import read_log
from service.operations.sequencer import Sequencer
from service.security.keyring import Keyring
from service.security.vault import Vault
from service.standalone.verify import HELD, Stop, Verifier, key_of, unzipped
from service.store.casefile import cases
from tests.support import diagrams as d
from tests.support import machine, small
from tests.support.tree import ROOT
from tests.support.waiting import LONGEST
from tests.support.world import NOON, World, open_world, settle

STORY = small.one(
    small.person("a", "ask") + d.job("j") + small.person("b"),
    "s>a a>j j>b b>e",
)
SECOND = ROOT / "tests" / "standalone" / "second_verifier.mjs"


@dataclass(frozen=True)
class Holder:
    """What somebody outside has: a bundle, and what she keeps besides."""

    bundle: bytes
    key: bytes = b""
    head: bytes = b""
    proof: bytes = b""


@dataclass(frozen=True)
class Proven:
    """A bundle of a case that ended, made by a log that goes on."""

    world: World
    case: str
    vault: Vault
    made: ProofBundle
    older: bytes
    """A head from before the case ended."""
    newer: bytes
    """A head from after the bundle was made."""
    from_older: bytes
    to_newer: bytes
    """Consistency proofs between the heads and the bundle."""

    @property
    def files(self) -> dict[str, bytes]:
        return unzipped(self.made.content)

    @property
    def holder(self) -> Holder:
        return Holder(self.made.content, self.files["keys.txt"], self.older, self.from_older)


class SecondVerifier:
    """The verifier in Node: one process that answers all questions."""

    def __init__(self, node: str, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [node, str(SECOND)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def code(self, holder: Holder) -> int:
        """Its exit code for what somebody holds."""
        asked = {}
        for name in ("bundle", "key", "head", "proof"):
            if content := getattr(holder, name):
                file = self.folder / name
                file.write_bytes(content)
                asked[name] = str(file)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], LONGEST)
        assert ready, f"the verifier in Node gives no answer within {LONGEST:.0f} s"
        return int(self.process.stdout.readline())


def first_code(holder: Holder) -> int:
    """The exit code of `verify.py` for what somebody holds."""
    try:
        held: dict[str, Mapping[str, bytes]] = {
            name: {name: content} for name in HELD[:2] if (content := getattr(holder, name))
        }
        keys = [key_of("key", holder.key)[1]] if holder.key else []
        verifier = Verifier(unzipped(holder.bundle))
        verifier.verify(keys, **held)
    except Stop as stop:
        return stop.code
    return 1 if verifier.faults else 0


@pytest.fixture(scope="session")
def proven(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[Proven]:
    path = tmp_path_factory.mktemp("proven") / "proven.db"
    shutil.copyfile(empty_sqlite, path)
    world = open_world(
        f"sqlite:///{path}", keyring, STORY, functions={"letters.send": lambda _: Answer()}
    )
    sequencer = Sequencer(world.database, world.program.services, world.clock)
    other, case = (world.start(small.ANSWERS).case_id for _ in range(2))
    worker = world.worker()
    notes = []
    for id_, element in ((case, "a"), (other, "a"), (case, "b"), (other, "b")):
        sequencer.run()
        notes.append(note_of(world))
        world.do(id_, element, small.ANSWERS if element == "a" else None)
        settle(worker)
        with world.database.transaction() as tx:
            read_log.record_read(
                tx, by=world.viewer(), now=NOON, case_id=id_, purpose="task", classes=("C0",)
            )
    sequencer.run()
    with world.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        log = load_log_proofs(tx)
        assert found is not None
        assert log is not None
        order = ProofOrder(
            (found,), reads=True, answers=True, heads=dict(enumerate_names(notes[:2]))
        )
        viewer = replace(world.viewer("sara"), roles=frozenset({"auditor"}))
        made = make_bundle(tx, world.program.services, order, viewer=viewer, now=world.clock.now())
        between = log.consistency(notes)
    world.start(small.ANSWERS)
    sequencer.run()
    newer = note_of(world)
    with world.database.transaction(write=False) as tx:
        later = load_log_proofs(tx)
        assert later is not None
        size = log.tree.size
        to_newer = proof_text(size, later.tree.size, later.tree.consistency_proof(size))
    older_size = int(notes[3].split("\n")[1])
    from_older = proof_text(older_size, size, between[older_size])
    vault = world.program.services.vault
    older = notes[3].encode()
    yield Proven(world, case, vault, made, older, newer.encode(), from_older, to_newer)
    world.database.close()


def enumerate_names(notes: list[str]) -> Iterator[tuple[str, str]]:
    """Notes with names."""
    return ((f"head {nth}", note) for nth, note in enumerate(notes))


def note_of(world: World) -> str:
    """The newest checkpoint."""
    with world.database.transaction(write=False) as tx:
        log = load_log_proofs(tx)
    assert log is not None
    return log.note


def proof_text(first: int, second: int, path: list[bytes]) -> bytes:
    """A consistency proof as a witness gets it."""
    row = {"from": first, "path": [node.hex() for node in path], "to": second}
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondVerifier]:
    node = machine.node()
    made = SecondVerifier(node, tmp_path_factory.mktemp("second"))
    with made.process:
        yield made
        made.process.kill()
