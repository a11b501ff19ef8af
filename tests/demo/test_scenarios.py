"""Stories of the demo are read from their files, with a word on what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.demo.scenarios import read_scenario
from service.errors import BadSettings


def test_a_scenario_file_is_read_with_what_it_expects(tmp_path: Path) -> None:
    path = tmp_path / "short.scenario.json"
    path.write_text(
        json.dumps(
            {
                "ref": "ny-al",
                "steps": [{"by": "sara", "start": "S"}],
                "expect": {"open": ["T"], "late": ["T"]},
            }
        )
    )
    read = read_scenario(path)
    assert (read.name, read.open, read.late, read.steps[0].by) == ("short", ("T",), ("T",), "sara")


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"steps": [{"who": "sara"}]}', '{"steps": [], "colour": "red"}', '{"steps": 3}'],
)
def test_a_file_that_is_no_scenario_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.scenario.json"
    path.write_text(content)
    with pytest.raises(BadSettings, match=r"odd\.scenario\.json"):
        read_scenario(path)
