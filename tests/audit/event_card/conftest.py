"""A small case with a rule that answered: its rows tell an open answer, or a hidden one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from service.access import Viewer
from service.audit.case_replay import CaseReplay, load_case_replay
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

WAY = "s>a a>r r>b b>e"


def process(klass: str = "C0") -> Bundle:
    """A question, a rule that reads its answer, the same question again.

    Args:
        klass: of the answer.
    """
    made = small.one(small.person("a", "ask") + d.rule() + small.person("b", "ask"), WAY)
    if klass == "C0":
        return made
    asked = {**small.CHOICE, "properties": {"class": klass, "routing": "yes"}}
    types = small.TYPES.replace('"YES", "NO"]\nclass = "C0"', f'"YES", "NO"]\nclass = "{klass}"')
    files = {
        "forms/ask.form": small.form("ask", asked, *small.TEXTS),
        "workflows/config/types.toml": types.encode(),
    }
    return Bundle({**made.files, **files})


@dataclass
class ReplayedCase:
    """A case in which both questions were answered, with yes and then with no."""

    desk: World
    case: str

    @property
    def auditor(self) -> Viewer:
        """Who looks."""
        return replace(self.desk.viewer(), office="audit", roles=frozenset({"auditor"}), lang="en")

    def replay(self) -> CaseReplay:
        """The case, as the auditor's page has it."""
        services, now = self.desk.program.services, self.desk.clock.now()
        with self.desk.database.transaction(write=False) as tx:
            return load_case_replay(tx, services, self.auditor, self.case, now)


@pytest.fixture
def played(database_url: str, keyring: Keyring) -> Iterator[Callable[[str], ReplayedCase]]:
    """Plays the case, with the answer of a class."""
    made: list[World] = []

    def play(klass: str) -> ReplayedCase:
        desk = open_world(database_url, keyring, process(klass))
        made.append(desk)
        case = desk.start(small.ANSWERS).case_id
        desk.do(case, "a", small.ANSWERS)
        desk.do(case, "b", {**small.ANSWERS, "answer": ["NO"]})
        return ReplayedCase(desk, case)

    yield play
    for desk in made:
        desk.database.close()
