"""Grounds in law are read from a file: who may use one, for what, when, and whether a lawyer has
confirmed it.
"""

from __future__ import annotations

from datetime import date

import pytest

from service.errors import BadSettings
from service.release.ground_words import ground_text
from service.release.programme.configuration import read_programme
from service.release.programme.ground_rules import (
    FILE,
    USES,
    SecrecyGrounds,
    read_grounds,
)
from service.release.programme.referral_rules import read_referrals
from service.release.programme.typed_tables import WrongTable
from service.release.programme.vocabulary import OFFICE_KIND
from tests.release.programme.test_configuration import shipped

GROUNDS = """
[[secrecy]]
id = "SOCIAL"
sv = "socialtjänst"
en = "social services"
paragraph = "26 kap. 1 §"
owner = ["CARE"]
classes = ["C2"]

[[ground]]
id = "YES"
sv = "ja"
en = "yes"
paragraph = "12 kap. 2 §"
from = 2020-01-01
to = 2026-06-30
for = ["grant", "referral"]
owner = ["any"]
lifts = ["SOCIAL"]

[[ground]]
id = "OTHERS"
sv = "andra"
en = "others"
paragraph = "26 kap. 1 §"
from = 2020-01-01
for = ["mask"]
owner = ["CARE"]
"""
TODAY = date(2026, 6, 30)
ISLAND = ("IOM_MISSION", "PARTNER_ABROAD")
"""Kinds of office that no Swedish act binds."""


def changed(old: str, new: str) -> str:
    assert old in GROUNDS
    return GROUNDS.replace(old, new, 1)


def ids(grounds: SecrecyGrounds, use: str, kind: str, on: date = TODAY) -> list[str]:
    return [one.id for one in grounds.for_use(use, kind, on=on)]


def test_only_what_an_office_may_use_for_this_on_that_day_is_offered() -> None:
    grounds = read_grounds(GROUNDS)
    assert ids(grounds, "mask", "CARE") == ["OTHERS"]
    assert ids(grounds, "mask", "OTHER") == []
    assert ids(grounds, "grant", "OTHER") == ["YES"]
    assert ids(grounds, "grant", "OTHER", date(2026, 7, 1)) == []
    assert ids(grounds, "grant", "OTHER", date(2019, 12, 31)) == []
    assert ids(grounds, "duty", "OTHER") == []


def test_of_several_grounds_the_first_that_an_office_may_use_counts() -> None:
    grounds = read_grounds(GROUNDS)
    assert grounds.of_office(("OTHERS", "YES"), "CARE") == "OTHERS"
    assert grounds.of_office(("OTHERS", "YES"), "POLICE") == "YES"
    assert grounds.of_office(("OTHERS",), "POLICE") == "OTHERS", "old rows are said as they stand"


def test_a_secrecy_that_a_ground_does_not_lift_is_named() -> None:
    grounds = read_grounds(GROUNDS)
    assert [one.id for one in grounds.not_lifted("OTHERS", "CARE", {"C2"})] == ["SOCIAL"]
    assert grounds.not_lifted("OTHERS", "CARE", {"C0"}) == ()
    assert grounds.not_lifted("OTHERS", "POLICE", {"C2"}) == ()
    assert grounds.not_lifted("YES", "CARE", {"C2"}) == ()


def test_a_confirmation_counts_until_the_ground_or_what_it_lifts_is_changed() -> None:
    unsigned = read_grounds(GROUNDS)
    signed = f'[confirmed]\nYES = "Anna Ask, jurist, 2026-01-01 [{unsigned.digest("YES")}]"\n'
    assert not unsigned.is_confirmed("YES")
    assert read_grounds(signed + GROUNDS).is_confirmed("YES")
    for old, new in (('"yes"', '"no"'), ("2026-06-30", "2027-06-30"), ('["C2"]', '["C1"]')):
        assert not read_grounds(signed + changed(old, new)).is_confirmed("YES")
    assert read_grounds(signed + changed('"others"', '"other"')).is_confirmed("YES")
    assert not read_grounds(signed.replace("Anna Ask, ", "") + GROUNDS).is_confirmed("YES")
    assert not unsigned.is_confirmed("NO")


@pytest.mark.parametrize(
    ("lang", "words", "waits"),
    [
        ("sv", "ja", "ja, ska bekräftas av en jurist"),
        ("en", "yes", "yes, to be confirmed by a lawyer"),
    ],
)
def test_words_say_that_a_lawyer_is_to_confirm_until_one_has(
    lang: str, words: str, waits: str
) -> None:
    unsigned = read_grounds(GROUNDS)
    signed = f'[confirmed]\nYES = "Anna Ask, jurist, 2026-01-01 [{unsigned.digest("YES")}]"\n'
    assert ground_text(unsigned, "YES", lang) == waits
    assert ground_text(read_grounds(signed + GROUNDS), "YES", lang) == words
    assert ground_text(unsigned, "NO", lang) == ""


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('for = ["mask"]', 'for = ["masks"]', "ground OTHERS, for: there is no masks"),
        ('for = ["mask"]', "for = []", "ground 2, for: this is empty"),
        ('["SOCIAL"]', '["SOCIALT"]', "ground YES, lifts: there is no SOCIALT"),
        ('classes = ["C2"]', 'classes = ["C9"]', "secrecy SOCIAL, classes: there is no C9"),
        ("to = 2026-06-30", "to = 2019-06-30", "ground YES: the last day, 2019-06-30, comes"),
        ('owner = ["any"]\n', "", "ground 1: it lacks owner"),
        ("lifts =", "lift =", "ground 1: lift means nothing here"),
        ('id = "OTHERS"', 'id = "YES"', "ground: YES is there twice"),
        ("\n[[secrecy]]", '[confirmed]\nNO = "x"\n[[secrecy]]', "confirmed: there is no NO"),
        ('for = ["mask"]', 'for = ["mask"]\nlifts = ["SOCIAL"]', "ground OTHERS: lifts means"),
    ],
)
def test_a_file_that_says_nothing_sensible_is_refused(old: str, new: str, sentence: str) -> None:
    with pytest.raises(WrongTable) as refused:
        read_grounds(changed(old, new))
    assert str(refused.value).startswith(sentence)


def test_every_kind_of_office_has_a_reason_to_strike_something_out() -> None:
    grounds = read_grounds(shipped()[FILE])
    kinds = read_programme(shipped()).configuration.vocabulary.ids(OFFICE_KIND)
    on = date(2026, 12, 1)
    assert {kind for kind in kinds if not ids(grounds, "mask", kind, on)} == set()
    assert {use for one in grounds.grounds for use in one.uses} == set(USES)


@pytest.mark.parametrize("kind", ISLAND)
def test_an_international_organisation_is_offered_no_swedish_act(kind: str) -> None:
    grounds = read_grounds(shipped()[FILE])
    offered = {one for use in USES for one in grounds.for_use(use, kind, on=date(2026, 12, 1))}
    assert {one.id for one in offered if "OSL" in one.paragraph or "TF" in one.id} == set()
    assert ids(grounds, "refusal", kind) == ids(grounds, "duty", kind) == []


def test_who_sends_decides_on_which_ground_a_child_is_referred() -> None:
    grounds = read_grounds(shipped()[FILE])
    child = read_referrals(shipped()["referrals.toml"]).purpose("CHILD")
    assert child is not None
    assert grounds.of_office(child.grounds, "SOCIALTJANST") == "UPPGIFTSSKYLDIGHET_10_28"
    assert grounds.of_office(child.grounds, "IOM_MISSION") == "OVERFORING_IOM"


def test_an_installation_without_the_file_does_not_start() -> None:
    files = {name: text for name, text in shipped().items() if name != FILE}
    with pytest.raises(BadSettings, match=f"has no {FILE}"):
        read_programme(files)
