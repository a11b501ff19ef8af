"""An installation whose plan hands over to an archive what the social services wrote."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from service.audit.archive.package_file import ArchivePackage, make_package
from service.audit.archive.package_papers import papers_of
from service.audit.archive.packaging import load_package, record_package
from service.operations.sequencer import Sequencer
from service.release.programme.retention_rules import DESTROY, HAND_OVER
from service.sandbox.paper_compilers import PaperCompilers
from service.security.keyring import Keyring
from tests.support.directory import BOARD, OFFICE, ROLE, THREE_OFFICES, PersonPlan
from tests.support.filled_case import TWO, fill_case
from tests.support.plans import FILE, rule, signed
from tests.support.small_plan import HEAD, work
from tests.support.world import World, open_world

WITH_OFFICERS = replace(
    THREE_OFFICES,
    offices=tuple(
        one._replace(address=f"{one.id}@example.invalid") for one in THREE_OFFICES.offices
    ),
    people=(
        *(one for one in THREE_OFFICES.people if one.name not in ("sara", "omar")),
        PersonPlan("sara", OFFICE, (ROLE, "records-officer")),
        PersonPlan("omar", BOARD, ("CaseApprover", "records-officer")),
    ),
)
PLAN = signed(
    HEAD
    + rule("ARCHIVE", HAND_OVER, "P1M", owner=["SOCIALTJANST"])
    + rule("GOES", DESTROY, "P2M", owner=["SOCIALTJANST"]),
    "SOCIALTJANST",
)
MARK = "-mark-of-the-person"


@dataclass(frozen=True)
class Desk:
    """The world, its case, and what makes papers."""

    world: World
    case: str
    compilers: PaperCompilers

    def sequence(self) -> None:
        """Give every line its place in the log."""
        sequence(self.world)

    def package(self, who: str = "sara") -> ArchivePackage:
        """Make a package of what has a place in the log, and record it."""
        self.sequence()
        world, viewer, now = self.world, self.world.viewer(who), self.world.clock.now()
        with world.database.transaction(write=False) as tx:
            content = load_package(tx, world.program.services, viewer, now, case_id=self.case)
        papers = {
            file: self.compilers.compile(paper.source, paper.data, at=now)
            for file, paper in papers_of(content).items()
        }
        made = make_package(content, papers)
        with world.database.transaction() as tx:
            record_package(tx, viewer, now, content=content, made=made)
        return made


@pytest.fixture(scope="module")
def compilers() -> Iterator[PaperCompilers]:
    made = PaperCompilers(seconds=60)
    yield made
    made.close()


def world_of(database_url: str, keyring: Keyring, plan: str) -> World:
    """An installation with that plan."""
    bundle = TWO.with_file(FILE, plan.encode())
    return open_world(database_url, keyring, bundle, directory=WITH_OFFICERS)


def sequence(world: World) -> None:
    """Give every line its place in the log."""
    Sequencer(world.database, world.program.services, world.clock).run()


def filled(world: World) -> str:
    """An ended case which the plan has asked to hand over."""
    case = fill_case(world, MARK)
    work(world, 40)
    sequence(world)
    return case


@pytest.fixture
def desk(database_url: str, keyring: Keyring, compilers: PaperCompilers) -> Iterator[Desk]:
    world = world_of(database_url, keyring, PLAN)
    yield Desk(world, filled(world), compilers)
    world.database.close()


def unpacked(made: ArchivePackage) -> dict[str, bytes]:
    """File of a package, without the folder that bears its name, to its bytes."""
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return {name.removeprefix(f"{made.id}/"): archive.read(name) for name in archive.namelist()}
