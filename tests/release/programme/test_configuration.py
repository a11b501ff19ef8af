"""The configuration files become one value, or a sentence that names file and key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from service.application.shipped_files import config_files
from service.errors import BadSettings
from service.release.programme.configuration import CARD_PICTURES as PICTURES
from service.release.programme.configuration import (
    FEWEST_PICTURES,
    Programme,
    read_programme,
)
from service.settings import Settings


@cache
def shipped() -> Mapping[str, str]:
    return config_files(Settings())


def with_change(name: str, old: str, new: str) -> Programme:
    """The programme of the shipped files with one text in one of them changed."""
    text = shipped()[name]
    assert old in text
    return read_programme({**shipped(), name: text.replace(old, new, 1)})


def test_the_shipped_files_are_read() -> None:
    programme = read_programme(shipped())
    assert programme.process == "return_case"
    assert programme.default_funding in {id_ for id_, _ in programme.fundings}
    assert programme.ceiling[1] in programme.currency
    assert set(programme.built_in_roles) < set(programme.roles)
    assert programme.configuration.grants.grants
    assert programme.configuration.referrals.purposes


def test_a_missing_file_is_named() -> None:
    files = {name: text for name, text in shipped().items() if name != "reminders.toml"}
    with pytest.raises(BadSettings, match=r"has no reminders\.toml"):
        read_programme(files)


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("programme.toml", "process =", "other =", "programme.toml: it lacks process"),
        ("programme.toml", '"3000.00"', '"much"', "budget_ceiling has an amount"),
        ("programme.toml", 'SEK = "0.088"', 'SEK = "?"', "currency has an amount"),
        ("programme.toml", '"3000.00"\ncurrency = "EUR"', '"1"\ncurrency = "X"', "has no rate"),
        ("programme.toml", "[currency]", "[currency", "programme.toml: Expected"),
        ("programme.toml", 'number = "112"', "", "programme.toml: danger 1: it lacks number"),
        ("countries.toml", 'status = "OPEN"', "", "countries.toml: BG: it lacks status"),
        ("roles.toml", 'en = "Referring partner"', "", "roles.toml: ReferringPartner: it lacks en"),
        ("process.toml", "[duties]", "[duties", "process.toml: "),
        ("pseudonyms.toml", "first =", "other =", "pseudonyms.toml: it lacks first"),
        ("reminders.toml", "[quiet]", "[other]", "reminders.toml: it lacks quiet"),
        ("grants.toml", 'moment = "start"', 'moment = "soon"', "grant 1, moment: there is no soon"),
        (PICTURES, 'sv = "sol"', 'sv = "solen"', "sun: solen is not in words/sv.txt"),
        (PICTURES, 'sv = "sol"', 'se = "sol"', "sun: sol is not in words/se.txt"),
        (PICTURES, 'drawn = "M', 'drawn = "<M', "sun: drawn is not the path of an SVG image"),
        (PICTURES, 'sv = "måne"', 'sv = "sol"', "moon: sol has another picture too"),
        (PICTURES, 'drawn = "', 'draw = "', "sun: it lacks drawn"),
    ],
)
def test_what_is_wrong_is_named(name: str, old: str, new: str, sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        with_change(name, old, new)


def test_the_first_funding_counts_when_none_is_marked() -> None:
    programme = with_change("programme.toml", "default = true\n", "")
    assert programme.default_funding == programme.fundings[0][0]


def test_a_language_with_few_pictures_is_named() -> None:
    begin, *tables = shipped()[PICTURES].split("\n[")
    few = "\n[".join([begin, *tables[: FEWEST_PICTURES - 1]])
    with pytest.raises(BadSettings, match=r"sv has \d+ pictures; 64 are the fewest"):
        read_programme({**shipped(), PICTURES: few})
    assert read_programme({**shipped(), PICTURES: ""}).card_pictures == {}
