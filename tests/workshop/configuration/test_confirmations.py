"""Each row that a lawyer confirms shows who has, or that nobody has yet."""

from __future__ import annotations

import pytest

from service.release.bundle import CONFIG
from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.appeal_roads import read_appeals
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.ground_rules import read_grounds
from service.release.programme.process_configuration import GRANTS
from service.workshop.configuration.confirmations import with_confirmations
from service.workshop.configuration.entries import Entry, read_entries
from service.workshop.configuration.words import ConfigurationWords
from tests.support.world import shipped

WORDS = ConfigurationWords("en")
WHO = "Anna Ask, jurist, 2026-12-01"
NOBODY = "nobody yet: to be confirmed by a lawyer"


def rows(file: str, text: str) -> dict[str, Entry]:
    return with_confirmations(file, text, read_entries(file, text, WORDS), WORDS)


@pytest.mark.parametrize(
    ("file", "id_", "row"),
    [(APPEALS, "SUPPORT", "appeal:SUPPORT"), (GROUNDS, "NOD", "ground:NOD")],
)
def test_each_row_says_who_has_confirmed_it(file: str, id_: str, row: str) -> None:
    text = shipped().text(CONFIG + file)
    read = read_appeals(text) if file == APPEALS else read_grounds(text)
    signed = f'[confirmed]\n{id_} = "{WHO} [{read.digest(id_)}]"\n{text}'
    found = rows(file, signed)
    assert found[row].values["confirmed"] == WHO
    assert "confirmed" not in found, "each row says it"
    others = [one for key, one in found.items() if key != row and key.startswith(row[:6])]
    assert {one.values["confirmed"] for one in others} == {NOBODY}
    old = signed.replace(read.digest(id_), "0" * 12)
    assert rows(file, old)[row].values["confirmed"] == NOBODY, "it was changed since"


def test_rows_that_nobody_confirms_stay_as_they_are() -> None:
    text = shipped().text(CONFIG + GRANTS)
    assert rows(GRANTS, text) == read_entries(GRANTS, text, WORDS)
    assert all(
        "confirmed" not in one.values for one in rows(GROUNDS, "[[ground]]\nid = 1").values()
    )
