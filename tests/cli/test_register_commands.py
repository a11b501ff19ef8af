"""The register of processing and the annex at the command line, as their guide tells it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.support.terminal import tresteg
from tests.test_docs import commands

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/howto/register.md"


@pytest.mark.usefixtures("installed")
def test_the_commands_of_the_guide_do_what_it_says() -> None:
    assert tresteg("publish").exit_code == 0
    said = []
    for line in commands(GUIDE):
        done = tresteg(*shlex.split(line)[1:])
        assert done.exit_code == 0, (line, done.stderr)
        said.append(done.stdout)
    _, complaint, compared, annex = said
    assert complaint.startswith("# Register över behandling: Klagomål\n")
    assert "## What has changed since v1" in compared
    assert "Nothing in it has changed." in compared
    assert annex.startswith("# Annex to the impact assessment: Return in three steps\n")


@pytest.mark.usefixtures("installed")
def test_a_process_that_is_none_is_refused_with_those_that_there_are() -> None:
    assert tresteg("publish").exit_code == 0
    done = tresteg("register", "--process", "nothing")
    assert done.exit_code != 0
    assert "there are return_case, complaint, consultation, returnee_says" in done.stderr
