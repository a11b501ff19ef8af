"""Programs given a token, listed and ended from the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from service.clock import wall_clock
from service.operations.program_warnings import program_warnings
from service.people import programs
from service.records.context import Actor
from tests.cli.rows import SOCIAL, program
from tests.support.directory import OFFICE, ROLE
from tests.support.terminal import one_sentence, tresteg
from tests.support.world import World

ADD = (
    *("program", "add", "Nightly export", "--office", "social", "--role", "ReferringPartner"),
    *("--operation", "list_cases", "--operation", "get_case"),
)


def test_a_program_gets_a_token_once_and_is_ended(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    done = tresteg(*ADD, "--days", "30")
    assert done.exit_code == 0
    token = done.stdout.strip()
    id_ = done.stderr.partition(":")[0]
    listed = tresteg("program", "list").stdout
    assert listed.startswith(f"{id_} social until ")
    assert listed.endswith("never used ReferringPartner get_case,list_cases Nightly export\n")
    assert token not in listed
    assert is_taken(installed, token)
    assert "ends on" not in tresteg("doctor").stdout
    assert tresteg("program", "end", id_).exit_code == 0
    assert not is_taken(installed, token)
    assert " social ended " in tresteg("program", "list").stdout
    assert "has ended already" in one_sentence(tresteg("program", "end", id_))
    assert "there is no program p_x" in one_sentence(tresteg("program", "end", "p_x"))


def test_the_doctor_names_a_token_that_ends_soon(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    id_ = tresteg(*ADD, "--days", "14").stderr.partition(":")[0]
    assert f"The token of the program {id_} ends on " in tresteg("doctor").stdout
    assert installed.is_dir()


def is_taken(folder: Path, token: str) -> bool:
    made = program(folder)
    now = wall_clock(made.clock).now()
    with made.database.transaction(write=False) as tx:
        found = programs.find_program(tx, made.services, token, now=now)
    made.database.close()
    return found is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--role", "auditor"), "the role auditor needs a human; roles.toml marks"),
        (("--operation", "list_casses"), "there is no operation list_casses"),
        (("--office", "socal"), "there is no office socal; did you mean social?"),
    ],
)
def test_a_program_that_cannot_be_is_refused(
    installed: Path, words: tuple[str, ...], said: str
) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    done = tresteg(*ADD, "--days", "30", *words)
    assert said in one_sentence(done)
    assert tresteg("program", "list").stdout == ""
    assert installed.is_dir()


def test_a_token_that_nobody_used_for_long_is_named(world: World) -> None:
    with world.database.transaction() as tx:
        made = programs.add_program(
            tx,
            world.program.services,
            by=Actor("p_tor"),
            now=world.clock.now(),
            name="Nightly export",
            office=OFFICE,
            roles=(ROLE,),
            operations=("list_cases",),
            known=("list_cases",),
            days=366,
            language="en",
        )
    world.later(days=90)
    assert program_warnings(world.program) == []
    world.clock.set(world.clock.now() + timedelta(seconds=1))
    (said,) = program_warnings(world.program)
    assert f"`tresteg program end {made.id}`" in said
