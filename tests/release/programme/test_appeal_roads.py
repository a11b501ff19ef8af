"""How a decision is appealed is read from a file: by kind of decision and of the office that made
it, as it was in force that day, and with who has confirmed it.
"""

from __future__ import annotations

from datetime import date

import pytest

from service.errors import BadSettings
from service.release.appeal_words import AppealWords, appeal_words
from service.release.language_words import LanguageWords, ReleaseLanguages
from service.release.programme.appeal_roads import (
    DECISIONS,
    DOCUMENT,
    FILE,
    REQUEST,
    SUPPORT,
    AppealRoad,
    read_appeals,
)
from service.release.programme.configuration import read_programme
from service.release.programme.ground_rules import REFUSAL
from service.release.programme.typed_tables import WrongTable
from service.release.programme.vocabulary import OFFICE_KIND
from tests.release.programme.test_configuration import shipped
from tests.release.programme.test_ground_rules import ISLAND

APPEALS = """
[[appeal]]
id = "BEFORE"
for = "support"
owner = ["BOARD"]
from = 2020-01-01
to = 2026-06-30
sv = "Förr, hos {office}."
en = "Before, at {office}."

[[appeal]]
id = "NOW"
for = "support"
owner = ["BOARD"]
from = 2026-07-01
sv = "Nu."
en = "Now."

[[appeal]]
id = "ALL"
for = "request"
owner = ["any"]
from = 2020-01-01
sv = "Alla."
en = "All."
"""
TODAY = date(2026, 12, 1)
WHO = "Anna Ask, jurist, 2026-01-01"
NONE = ReleaseLanguages({})


def changed(old: str, new: str) -> str:
    assert old in APPEALS
    return APPEALS.replace(old, new, 1)


def shipped_road(decision: str, kind: str) -> AppealRoad | None:
    return read_appeals(shipped()[FILE]).of(decision, kind, on=TODAY)


@pytest.mark.parametrize(
    ("decision", "kind", "day", "id_"),
    [
        ("support", "BOARD", date(2019, 12, 31), None),
        ("support", "BOARD", date(2020, 1, 1), "BEFORE"),
        ("support", "BOARD", date(2026, 6, 30), "BEFORE"),
        ("support", "BOARD", date(2026, 7, 1), "NOW"),
        ("support", "CARE", TODAY, None),
        ("request", "CARE", TODAY, "ALL"),
        ("document", "BOARD", TODAY, None),
    ],
)
def test_a_decision_goes_by_the_text_of_the_day_on_which_it_was_made(
    decision: str, kind: str, day: date, id_: str | None
) -> None:
    found = read_appeals(APPEALS).of(decision, kind, on=day)
    assert (found.id if found is not None else None) == id_


def said(text: str, id_: str, lang: str, languages: ReleaseLanguages = NONE) -> AppealWords:
    roads = read_appeals(text)
    road = roads.road(id_)
    assert road is not None
    return appeal_words(roads, road, languages, lang, "{Hus} 1")


def test_words_say_that_a_lawyer_is_to_confirm_until_one_has() -> None:
    signed = f'[confirmed]\nBEFORE = "{WHO} [{read_appeals(APPEALS).digest("BEFORE")}]"\n'
    waits = "Förr, hos {Hus} 1. (ska bekräftas av en jurist)"
    assert said(APPEALS, "BEFORE", "sv") == AppealWords(waits, "sv")
    assert said(APPEALS, "NOW", "en").text == "Now. (to be confirmed by a lawyer)"
    assert said(signed + APPEALS, "BEFORE", "sv").text == "Förr, hos {Hus} 1."
    other = changed("Before,", "Earlier,")
    assert said(signed + other, "BEFORE", "sv").text == waits, "a change ends the confirmation"
    assert said(signed + changed("Now.", "Then."), "BEFORE", "sv").text == "Förr, hos {Hus} 1."


def test_a_language_without_the_text_reads_it_in_english() -> None:
    own = LanguageWords("1", words={"to_confirm": "juristi vahvistaa"}, appeals={"NOW": "Nyt."})
    unmarked = LanguageWords("1", appeals={"NOW": "Ora.", "BEFORE": "Prima, {office}."})
    both = ReleaseLanguages({"fi": own, "it": unmarked})
    assert said(APPEALS, "NOW", "fi", both) == AppealWords("Nyt. (juristi vahvistaa)", "fi")
    english = "Before, at {Hus} 1. (to be confirmed by a lawyer)"
    assert said(APPEALS, "BEFORE", "fi", both) == AppealWords(english, "en")
    assert said(APPEALS, "BEFORE", "de", both) == AppealWords(english, "en")
    marked = "Prima, {Hus} 1. (to be confirmed by a lawyer)"
    assert said(APPEALS, "BEFORE", "it", both) == AppealWords(marked, "it")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('for = "support"', 'for = "money"', "appeal BEFORE, for: there is no money"),
        ('id = "NOW"', 'id = "BEFORE"', "appeal: BEFORE is there twice"),
        ("to = 2026-06-30", "to = 2019-06-30", "appeal BEFORE: the last day, 2019-06-30, comes"),
        ('en = "Now."\n', "", "appeal 2: it lacks en"),
        ('sv = "Nu."', 'sv = " "', "appeal 2, sv: this is empty"),
        ("to =", "too =", "appeal 1: too means nothing here"),
        ('owner = ["any"]', 'owner = ["A", "A"]', "appeal ALL, owner: A is there twice"),
        ("\n[[appeal]]", '[confirmed]\nNO = "x"\n[[appeal]]', "confirmed: there is no NO"),
    ],
)
def test_a_file_that_says_nothing_sensible_is_refused(old: str, new: str, sentence: str) -> None:
    with pytest.raises(WrongTable) as refused:
        read_appeals(changed(old, new))
    assert str(refused.value).startswith(sentence)


def test_every_decision_that_an_office_makes_says_how_it_is_appealed() -> None:
    configuration = read_programme(shipped()).configuration
    kinds = configuration.vocabulary.ids(OFFICE_KIND)
    assert [kind for kind in kinds if shipped_road(REQUEST, kind) is None] == []
    for kind in kinds:
        refuses = bool(configuration.grounds.for_use(REFUSAL, kind, on=TODAY))
        assert (shipped_road(DOCUMENT, kind) is not None) == refuses, kind
    support = {kind for kind in kinds if shipped_road(SUPPORT, kind)}
    assert support == set(configuration_offices("CaseApprover"))


def configuration_offices(role: str) -> tuple[str, ...]:
    return read_programme(shipped()).roles[role]


@pytest.mark.parametrize(
    ("decision", "kind", "court"),
    [
        ("support", "MYNDIGHET", "Förvaltningsrätten i Stockholm"),
        ("request", "SOCIALTJANST", "förvaltningsrätten"),
        ("document", "POLIS", "kammarrätten inom tre veckor"),
    ],
)
def test_there_are_three_roads(decision: str, kind: str, court: str) -> None:
    road = shipped_road(decision, kind)
    assert road is not None
    assert court in road.sv


@pytest.mark.parametrize("kind", ISLAND)
def test_whom_no_swedish_act_binds_has_a_road_for_complaints_alone(kind: str) -> None:
    found = [shipped_road(decision, kind) for decision in DECISIONS]
    roads = [road for road in found if road is not None]
    assert [road.decision for road in roads] == ["request"]
    for word in ("förvaltningsrätt", "kammarrätt", "Integritetsskydd"):
        assert word not in roads[0].sv


def test_an_organisation_that_is_no_authority_is_not_appealed_against() -> None:
    road = shipped_road("request", "NGO")
    assert road is not None
    assert "kan inte överklagas" in road.sv
    assert "Integritetsskyddsmyndigheten" in road.sv


def test_an_installation_without_the_file_does_not_start() -> None:
    files = {name: text for name, text in shipped().items() if name != FILE}
    with pytest.raises(BadSettings, match=f"has no {FILE}"):
        read_programme(files)
