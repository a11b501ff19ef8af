"""A task of a role goes to the one office that holds the role in this case, or to nobody rather
than to the wrong one.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from service.release.programme.party_rules import (
    NOBODY,
    PartyFacts,
    PartyOffice,
    PartyRule,
    bind_parties,
    holders_after,
    parting_letters,
    read_parties,
    vacant_roles,
)

NAMED = {"approver": "board"}
ROWS = read_parties(
    (Path(__file__).parents[3] / "workflows/config/parties.toml").read_text(encoding="utf-8")
)
PLACES = {
    p.id: p
    for p in (
        PartyOffice("soc", "SOCIALTJANST", (), ("0180",), frozenset({"ReferringPartner"})),
        PartyOffice("soc-barn", "SOCIALTJANST", (), ("0180",), frozenset({"ChildServices"})),
        PartyOffice("ngo", "NGO", (), (), frozenset({"ReferringPartner"})),
        PartyOffice("board", "MYNDIGHET", (), (), frozenset({"CaseApprover"})),
        PartyOffice("helsinki", "IOM_MISSION", (), (), frozenset({"IomHelsinki", "IomMedical"})),
        PartyOffice("sofia", "IOM_MISSION", ("BG",), (), frozenset({"IomLocal"})),
        PartyOffice("bucharest", "IOM_MISSION", ("RO", "MD"), (), frozenset({"IomLocal"})),
        PartyOffice("chisinau", "PARTNER_ABROAD", ("MD",), (), frozenset({"IomLocal"})),
        PartyOffice("region", "REGIONKOORDINATOR", (), (), frozenset({"RegionalCoordinator"})),
    )
}


def moment(
    *just: str, process: str = "return_case", starter: str = "soc", **answers: object
) -> PartyFacts:
    return PartyFacts(process, starter, NAMED, just, answers)


def test_at_the_start_the_starter_refers_and_the_board_approves() -> None:
    assert bind_parties(ROWS, PLACES, moment("start")) == {
        "ReferringPartner": "soc",
        "CaseApprover": "board",
    }


def test_a_consultation_goes_to_the_coordinator_only() -> None:
    assert bind_parties(ROWS, PLACES, moment("start", process="consultation")) == {
        "ReferringPartner": "soc",
        "RegionalCoordinator": "region",
    }


def test_the_country_chooses_the_local_office_if_there_is_one() -> None:
    assert bind_parties(ROWS, PLACES, moment("countryOfReturn", countryOfReturn="BG")) == {
        "IomLocal": "sofia"
    }
    assert bind_parties(ROWS, PLACES, moment("countryOfReturn", countryOfReturn="MD")) == {}
    assert bind_parties(ROWS, PLACES, moment("countryOfReturn", countryOfReturn="TH")) == {}


def test_child_services_are_bound_when_somebody_decides_for_a_child() -> None:
    def bound(municipality: str, starter: str = "soc") -> dict[str, str]:
        given = {"guardianConflict": "NO", "municipality": municipality}
        return bind_parties(ROWS, PLACES, moment("guardianConflict", starter=starter, **given))

    assert bound("0180") == {"ChildServices": "soc-barn"}
    assert bound("9999") == {"ChildServices": "soc"}, "social services step in themselves"
    assert bound("9999", starter="ngo") == {}
    assert bind_parties(ROWS, PLACES, moment("ageDisputed", municipality="0180")) == {}


def test_a_chosen_office_is_bound_unless_it_is_unknown() -> None:
    assert bind_parties(ROWS, PLACES, moment("iomOffice", iomOffice="helsinki")) == {
        "IomHelsinki": "helsinki",
        "IomMedical": "helsinki",
    }
    assert bind_parties(ROWS, PLACES, moment("localOffice", localOffice="nowhere")) == {}


def test_an_office_that_is_left_holds_the_role_no_more() -> None:
    left = bind_parties(ROWS, PLACES, moment("leftOffice", leftOffice="sofia"))
    assert left == {"IomLocal": NOBODY}
    assert bind_parties(ROWS, PLACES, moment("leftOffice", leftOffice=None)) == {}
    held = {"IomLocal": "sofia", "CaseApprover": "board"}
    assert holders_after(held, left) == {"CaseApprover": "board"}
    assert vacant_roles(ROWS, holders_after(held, left)) == {"IomLocal"}
    assert vacant_roles(ROWS, held) == set()


def test_who_is_left_for_another_office_gives_it_the_role_at_once() -> None:
    both = moment("leftOffice", "localOffice", leftOffice="sofia", localOffice="bucharest")
    assert bind_parties(ROWS, PLACES, both) == {"IomLocal": "bucharest"}


@pytest.mark.parametrize("given", [{"localOffice": "sofia"}, {"countryOfReturn": "BG"}])
def test_no_row_gives_a_role_back_to_an_office_that_was_left(given: dict[str, str]) -> None:
    about = moment(*given, **given)
    before = {"leftOffice": ["sofia", "chisinau"]}
    assert bind_parties(ROWS, PLACES, about) == {"IomLocal": "sofia"}
    assert bind_parties(ROWS, PLACES, replace(about, before=before)) == {}


def test_the_office_that_held_the_role_gets_the_last_letter_once() -> None:
    held, just = {"IomLocal": "sofia"}, {"leftOffice", "localWhy"}
    assert parting_letters(ROWS, held, {}, just) == {"IomLocal": "local_ended"}
    assert parting_letters(ROWS, held, {"IomLocal": "bucharest"}, just) == {
        "IomLocal": "local_ended"
    }
    assert parting_letters(ROWS, held, held, just) == {}
    assert parting_letters(ROWS, {}, {}, just) == {}
    assert parting_letters(ROWS, held, {"IomLocal": "bucharest"}, {"localOffice"}) == {}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[[party]]\nrole="A"\nwhen="start"\nto=""', "party 1, to: this is empty"),
        ('[[party]]\nwhen="start"\nto="only"', "party 1: it lacks role"),
        ('[[party]]\nrole="A"\nwhen="x"\nto="only"\nwhen_true="y"', "party 1: when_true means not"),
    ],
)
def test_a_broken_row_is_refused_with_its_number(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        read_parties(text)


def test_a_row_is_kept_as_it_stands() -> None:
    assert read_parties(
        '[[party]]\nrole="A"\nwhen="x"\nto="answer"\nif="y"\nkind="NGO"\nprocess="p"'
    ) == (PartyRule("A", "x", "answer", "y", "NGO", "p"),)
