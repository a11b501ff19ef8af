"""A file that is not as its reader wants it: the place is named as a person counts, and there is a
sentence in both languages.
"""

from __future__ import annotations

import re
import tomllib
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from service.errors import BadDiagram
from service.release.bundle import CONFIG
from service.release.programme.typed_tables import (
    KINDS,
    SENTENCES,
    Text,
    Texts,
    WrongTable,
    read_table,
    refuse_twice,
    require_one_of,
    typed,
)
from service.release.release_configuration import read_own_file, reading_context
from service.text import finding_text
from tests.support.tree import ROOT
from tests.support.world import shipped

SWEDISH = tomllib.loads((ROOT / "service/text/lint_sv.toml").read_text("utf-8"))


class Row(Struct, forbid_unknown_fields=True):
    id: Text
    names: Texts = ("a",)
    hours: Annotated[int, Meta(ge=1, le=24)] = 1


class File(Struct, forbid_unknown_fields=True):
    row: tuple[Row, ...] = ()
    on: bool = False
    share: float = 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("row = [", "Invalid value (at end of document)"),
        ("row = 1", "row: this must be a list, not a whole number"),
        ("row = [1]", "row 1: this must be a table, not a whole number"),
        ("on = 1", "on: this must be true or false, not a whole number"),
        ('share = "all"', "share: this must be a number, not a text"),
        ("rows = 1", "there is no rows; there are on, row, share"),
        ("[[row]]", "row 1: it lacks id"),
        ('[[row]]\nid = "a"\n[[row]]\nid = " "', "row 2, id: this is empty"),
        ('[[row]]\nid = "a"\nnames = []', "row 1, names: this is empty"),
        ('[[row]]\nid = "a"\nnames = ["a", 1]', "row 1, names 2: this must be a text, not a who"),
        ('[[row]]\nid = "a"\nhours = 0', "row 1, hours: this must be at least 1"),
        ('[[row]]\nid = "a"\nhours = 25', "row 1, hours: this must be at most 24"),
        ('[[row]]\nid = "a"\nhour = 1', "row 1: hour means nothing here"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(WrongTable, match=f"^{re.escape(sentence)}"):
        read_table(text, File)


def test_a_place_may_be_known_beforehand() -> None:
    with pytest.raises(WrongTable, match=r"^travel, id: this must be a text, not a whole number$"):
        typed({"id": 1}, Row, "travel")
    with pytest.raises(WrongTable, match=r"^grant 2, moment: there is no noon; there are a, b$"):
        require_one_of("noon", {"b", "a"}, "grant 2", "moment")
    with pytest.raises(WrongTable, match=r"^stage: a is there twice$"):
        refuse_twice(["a", "b", "a"], "stage")


def test_every_sentence_is_swedish_too_with_the_same_values() -> None:
    def named(sentence: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", sentence))

    swedish = SWEDISH["configuration"]
    assert {why: named(sentence) for why, sentence in SENTENCES.items()} == {
        why: named(swedish[f"X122.{why}"]) for why in SENTENCES
    }
    assert set(KINDS.values()) <= set(SWEDISH["phrases"])


def test_an_owner_reads_it_in_her_language() -> None:
    bundle = shipped().with_file(CONFIG + "parties.toml", b"[[party]]\nrole = 1")
    with pytest.raises(BadDiagram) as refused:
        read_own_file(bundle, "parties.toml", reading_context(bundle))
    (found,) = refused.value.findings
    said = [finding_text(found.code, found.message, found.facts, lang) for lang in ("en", "sv")]
    assert (found.code, found.file) == ("X122", CONFIG + "parties.toml")
    assert said == [
        "This table cannot be read: party 1, role: this must be a text, not a whole number.",
        "Tabellen kan inte läsas: party 1, role: här ska stå en text, inte ett heltal.",
    ]
