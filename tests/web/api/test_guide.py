"""The commands of docs/howto/api.md, given one after the other to a site that answers."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from service.people import programs
from service.records.ids import ulid
from service.store.casefile import documents
from service.web.api.v1 import OPERATIONS
from tests.support.machine import lacking
from tests.support.waiting import PROGRAM, join
from tests.support.world import NOON, SEED, World
from tests.test_docs import ROOT, commands
from tests.web.story import PAPER, ROAD, Story

pytestmark = pytest.mark.slow
GUIDE = ROOT / "docs" / "howto" / "api.md"
FIRST, SECOND, SIGN = "Task_OfferReturnInformation", "Task_SubmitReferral", "Task_SignApplication"


@pytest.fixture
def address(shipped_world: World) -> Iterator[str]:
    """Where the site answers."""
    if shutil.which("curl") is None:
        lacking("there is no curl here")
    server = make_server("localhost", 0, shipped_world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    join(thread)
    server.server_close()


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


@dataclass
class Terminal:
    """Somebody who follows the guide in a folder of her own."""

    folder: Path
    named: dict[str, str] = field(default_factory=dict)
    """What she has put in the place of the names in capitals."""

    def run(self, line: str) -> Any:
        """Give a command; what it answers, read as JSON if it is that."""
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self.named,
            capture_output=True,
            text=True,
            check=False,
            timeout=PROGRAM,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def write(self, name: str, told: Any) -> None:
        (self.folder / name).write_text(json.dumps(told), encoding="utf-8")


def token_of(world: World, line: str) -> str:
    """The token of a program as the guide adds it, in the office of the tests."""
    words = shlex.split(line)
    operations = [words[at + 1] for at, word in enumerate(words) if word == "--operation"]
    with world.database.transaction() as tx:
        added = programs.add_program(
            tx,
            world.program.services,
            by=SEED,
            now=NOON,
            name="Nightly export",
            office=world.viewer("sara").office,
            roles=world.viewer("sara").roles,
            operations=operations,
            known=[one.name for one in OPERATIONS],
            days=90,
            language="sv",
        )
    return added.token


def test_the_guides_commands_complete_a_task_and_send_a_file(
    shipped_world: World, story: Story, address: str, tmp_path: Path
) -> None:
    hers = Terminal(
        tmp_path,
        {
            "PATH": os.environ["PATH"],
            "TRESTEG_BASE_URL": address,
            "KEY": ulid(NOON),
            "KEY2": ulid(NOON),
            "KEY3": ulid(NOON),
            "KEY4": ulid(NOON),
        },
    )
    (tmp_path / "paper.pdf").write_bytes(PAPER)
    add, _, show, find, task, form, claim, preview, *others = commands(GUIDE)
    complete, case, opens, again, file, papers, make, fetch = others

    (tmp_path / "token").write_text(token_of(shipped_world, add), encoding="utf-8")
    hers.run(show)
    hers.named["TASK"] = hers.run(find)["items"][0]["id"]
    hers.named["REV"] = str(hers.run(task)["rev"])
    assert hers.run(form)["sections"]
    hers.run(claim)
    assert hers.run(task)["claim"]["mine"] is True

    answers = story.typed(FIRST, "sara")
    hers.write("preview.json", {"answers": answers})
    hers.write("answers.json", {"rev": int(hers.named["REV"]), "answers": answers})
    assert any(hers.run(preview)["buttons"].values())
    first, second = hers.run(complete), hers.run(complete)
    assert (first, second["id"]) == (second, story.case)
    assert (story.open(), len(story.facts())) == ([SECOND], 2)
    hers.named["CASE"] = first["id"]
    assert hers.run(case)["rev"] == story.brief().rev

    for name, element in ROAD[1 : [step for _, step in ROAD].index(SIGN)]:
        story.do(name, element)
    hers.run(opens)
    assert "familyName" in hers.run(again)["answers"]
    hers.named["TASK"] = story.key(SIGN)
    hers.named["FIELD"] = next(
        q["path"] for s in hers.run(form)["sections"] for q in s["questions"] if q["kind"] == "file"
    )
    sent = hers.run(file)
    with shipped_world.program.database.transaction(write=False) as tx:
        assert [row.id for row in documents.of_case(tx, story.case)] == [sent["id"]]

    assert "card" in [paper["id"] for paper in hers.run(papers)["items"]]
    typed = {"one": "Anna"}
    hers.write("paper.json", {"paper": "card", "lang": "sv", "reason": "GIVE", "typed": typed})
    hers.named["PAPER"] = hers.run(make)["id"]
    hers.run(fetch)
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
