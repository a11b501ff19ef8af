"""Nobody sees a case without a grant, nor a field above class and stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.access import (
    AccessDecision,
    Bars,
    Grant,
    Matrix,
    Resource,
    Sight,
    Viewer,
    can_act,
    can_see,
    holds,
    read_matrix,
)

TEXT = """
[IomLocal]
1 = "FFF-"
2 = "FFFF"
3 = "FFFF"
x = "F---"
[ReferringPartner]
1 = "FOOO"
2 = "FOOO"
3 = "FF--"
x = "FF--"
[RegionalCoordinator]
1 = "S---"
[IomHelsinki]
2 = "FFFF"
[auditor]
1 = "F---"
2 = "F---"
[operator]
1 = "----"
[[narrow]]
role = "IomLocal"
stage = [2]
class = "C3"
only = ["route", "destination"]
[[narrow]]
role = "IomHelsinki"
stage = [1, 2, 3]
class = "C2"
never = ["medical-annex"]
except_managers = true
"""
STAGES = ("1", "2", "3")
ALL = frozenset({"C0", "C1", "C2", "C3"})


@pytest.fixture
def matrix() -> Matrix:
    return read_matrix(TEXT, STAGES)


def viewer(role: str, office: str = "o", person: str = "p") -> Viewer:
    return Viewer(person, office, frozenset({role}))


def sight(
    stage: str, *grants: Grant, role: str = "IomLocal", managers: frozenset[str] = frozenset()
) -> Sight:
    return Sight("c", stage, {role: "o"}, grants, managers)


def test_without_a_grant_there_is_no_case(matrix: Matrix) -> None:
    assert not can_see(matrix, viewer("IomLocal"), sight("2"), Resource()).ok


def test_another_office_with_the_same_role_sees_nothing(matrix: Matrix) -> None:
    given = sight("2", Grant("G9", "o", "IomLocal", ALL))
    assert not can_see(matrix, viewer("IomLocal", office="other"), given, Resource()).ok


def test_the_narrower_of_matrix_and_grant_counts(matrix: Matrix) -> None:
    wide, narrow = (
        Grant("G9", "o", "IomLocal", ALL),
        Grant("G6", "o", "IomLocal", frozenset({"C0", "C2"}), groups=frozenset({"needs"})),
    )
    needs, health, name = (
        Resource("C2", "needs", "needs"),
        Resource("C2", "health", "health"),
        Resource("C1", "givenNames", "name"),
    )
    assert can_see(matrix, viewer("IomLocal"), sight("2", narrow), needs).rule == "G6"
    assert not can_see(matrix, viewer("IomLocal"), sight("2", narrow), health).ok
    assert not can_see(matrix, viewer("IomLocal"), sight("2", narrow), name).ok
    assert can_see(matrix, viewer("IomLocal"), sight("2", wide), name).ok
    assert not can_see(matrix, viewer("IomLocal"), sight("x", wide), name).ok, "the case has ended"


def test_a_grant_opens_the_case_to_its_own_role_alone(matrix: Matrix) -> None:
    grant = Grant("G3", "o", "IomHelsinki", ALL)
    given = Sight("c", "2", {"IomHelsinki": "o", "IomLocal": "o"}, (grant,))
    health = Resource("C2", "health", "health")
    assert can_see(matrix, viewer("IomHelsinki"), given, health).ok
    assert not can_see(matrix, viewer("IomLocal"), given, Resource()).ok, "the same office"
    assert given.grants_of(viewer("IomLocal")) == ()
    both = Viewer("p", "o", frozenset({"IomHelsinki", "IomLocal"}))
    assert given.grants_of(both) == (grant,)


def test_a_group_narrows_a_class_and_never_widens_it(matrix: Matrix) -> None:
    given = sight("2", Grant("G8", "o", "IomLocal", ALL))
    assert can_see(matrix, viewer("IomLocal"), given, Resource("C3", "segments", "route")).ok
    assert not can_see(matrix, viewer("IomLocal"), given, Resource("C3", "risks", "trafficker")).ok


def test_own_contributions_stay_visible_to_their_office(matrix: Matrix) -> None:
    given = sight(
        "1", Grant("G1", "o", "ReferringPartner", ALL, own_only=True), role="ReferringPartner"
    )
    assert (
        can_see(
            matrix, viewer("ReferringPartner"), given, Resource("C3", "shelter", office="o")
        ).mode
        == "O"
    )
    assert not can_see(
        matrix, viewer("ReferringPartner"), given, Resource("C3", "shelter", office="other")
    ).ok


def test_a_note_to_the_own_office_stays_in_it(matrix: Matrix) -> None:
    given = sight("2", Grant("G9", "o", "IomLocal", ALL))
    assert can_see(
        matrix, viewer("IomLocal"), given, Resource("C1", "noteToOffice", "own-office", office="o")
    ).ok
    assert not can_see(
        matrix,
        viewer("IomLocal"),
        given,
        Resource("C1", "noteToOffice", "own-office", office="other"),
    ).ok


def test_a_task_opens_exactly_the_fields_of_its_form(matrix: Matrix) -> None:
    given = sight("1", Grant("G0", "o", "IomLocal", ALL, fields=frozenset({"homeSafe"})))
    assert can_see(matrix, viewer("IomLocal"), given, Resource("C2", "homeSafe", "child")).ok
    assert not can_see(matrix, viewer("IomLocal"), given, Resource("C2", "childSays", "child")).ok
    assert can_see(matrix, viewer("IomLocal"), given, Resource()).ok


def test_what_stands_beside_a_task_opens_to_its_holder_alone_past_the_matrix(
    matrix: Matrix,
) -> None:
    shown = frozenset({"safeContact"})
    held = Grant("G0H", "o", "ReferringPartner", ALL, None, shown, holder="p")
    case = sight("2", held, role="ReferringPartner")
    contact, story = Resource("C3", "safeContact"), Resource("C3", "story")
    assert can_see(matrix, viewer("ReferringPartner"), case, contact).rule == "G0H"
    assert not can_see(matrix, viewer("ReferringPartner"), case, story).ok
    assert not can_see(matrix, viewer("ReferringPartner", person="q"), case, contact).ok
    assert not can_see(matrix, viewer("IomLocal"), case, contact).ok


def test_the_medical_annex_is_for_the_case_manager_alone(matrix: Matrix) -> None:
    annex = Resource("C2", "medicalAnnex", "medical-annex")
    grant = Grant("G3", "o", "IomHelsinki", ALL)
    assert can_see(
        matrix,
        viewer("IomHelsinki"),
        sight("2", grant, role="IomHelsinki", managers=frozenset({"p"})),
        annex,
    ).ok
    assert not can_see(
        matrix,
        viewer("IomHelsinki", person="q"),
        sight("2", grant, role="IomHelsinki", managers=frozenset({"p"})),
        annex,
    ).ok


def test_the_auditor_knows_every_case_and_no_value(matrix: Matrix) -> None:
    assert can_see(matrix, viewer("auditor"), sight("2"), Resource()).ok
    assert not can_see(
        matrix,
        viewer("auditor"),
        sight("2", Grant("G9", "o", "IomLocal", ALL)),
        Resource("C1", "givenNames", "name"),
    ).ok


def test_the_operator_knows_no_case(matrix: Matrix) -> None:
    assert not can_see(matrix, viewer("operator"), sight("1"), Resource()).ok


def test_a_headline_role_sees_headlines_alone(matrix: Matrix) -> None:
    given = sight("1", Grant("G1", "o", "RegionalCoordinator", ALL), role="RegionalCoordinator")
    assert (
        can_see(
            matrix, viewer("RegionalCoordinator"), given, Resource("C0", "urgency", headline=True)
        ).mode
        == "S"
    )
    assert not can_see(
        matrix, viewer("RegionalCoordinator"), given, Resource("C0", "diaryNumber")
    ).ok


def test_an_act_that_nobody_declared_is_refused() -> None:
    assert can_act(viewer("owner"), "publish")
    assert not can_act(viewer("owner"), "fly")
    assert not can_act(viewer("auditor"), "publish")


def test_a_role_of_the_product_never_replaces_a_lane_role() -> None:
    assert not holds(viewer("owner"), ["owner"])
    assert holds(viewer("IomLocal"), ["IomLocal"], sight("2"))
    assert not holds(viewer("IomLocal", office="other"), ["IomLocal"], sight("2"))


@pytest.mark.parametrize(
    "bad",
    [
        '[A]\n1 = "FFF"',
        '[A]\n1 = "FFFX"',
        '[A]\n4 = "FFFF"',
        '[[narrow]]\nrole = "A"\nstage = [1]\nclass = "C9"',
        '[[narrow]]\nrole = "A"\nstage = [4]\nclass = "C1"',
    ],
)
def test_a_broken_matrix_is_refused_and_its_row_named(bad: str) -> None:
    with pytest.raises(ValueError, match=r"visibility\.toml"):
        read_matrix(bad, STAGES)


def unmasked(matrix: Matrix, reader: Viewer, resource: Resource, **more: Any) -> bool:
    """Whether somebody sees a field of a case of which C1 is unmasked to p."""
    sight = Sight("c", "1", {}, (), unmasked={"p": frozenset({"C1"})}, **more)
    return can_see(matrix, reader, sight, resource).ok


def test_what_is_unmasked_is_open_to_that_auditor_alone(matrix: Matrix) -> None:
    name = Resource("C1", "name", office="o2")
    assert unmasked(matrix, viewer("auditor"), name)
    assert not unmasked(matrix, viewer("auditor", person="q"), name)
    for role in ("owner", "reviewer", "data-protection", "operator", "ReferringPartner"):
        assert not unmasked(matrix, viewer(role), name), role


def test_nothing_but_the_named_classes_is_unmasked(matrix: Matrix) -> None:
    assert not unmasked(matrix, viewer("auditor"), Resource("C2", "health"))
    own = Resource("C1", "note", group="own-office", office="o2")
    assert not unmasked(matrix, viewer("auditor"), own), "it is the note of that office to itself"
    name = Resource("C1", "name")
    assert not unmasked(matrix, viewer("auditor"), name, named=frozenset({"z"})), "protected"


def reopened(matrix: Matrix, reader: Viewer, resource: Resource, **more: Any) -> AccessDecision:
    """What somebody of an office sees of an ended case of which C3 is open to p again."""
    everything = frozenset({"C0", "C1", "C2", "C3"})
    grants = (Grant("G3", "o", "IomHelsinki", everything),)
    before = Sight("c", "2", {"IomHelsinki": "o"}, grants)
    left = (Grant("G3+", "o", "IomHelsinki", frozenset({"C0"})),)
    now = {"unmasked": {"p": frozenset({"C3"})}, "before_end": before, **more}
    return can_see(matrix, reader, Sight("c", "x", {"IomHelsinki": "o"}, left, **now), resource)


def test_an_ended_case_opens_again_as_it_was_to_one_person_alone(matrix: Matrix) -> None:
    route = Resource("C3", "route", group="route", office="o2")
    found = reopened(matrix, viewer("IomHelsinki"), route)
    assert (found.ok, found.rule) == (True, "unmasked")
    assert not reopened(matrix, viewer("IomHelsinki", person="q"), route).ok
    assert not reopened(matrix, viewer("IomHelsinki", office="o2"), route).ok
    assert not reopened(matrix, viewer("CaseApprover"), route).ok
    assert not reopened(matrix, viewer("IomHelsinki"), Resource("C2", "health")).ok
    assert not reopened(matrix, viewer("IomHelsinki"), route, before_end=None).ok
    assert not reopened(matrix, viewer("IomHelsinki"), route, named=frozenset({"z"})).ok


def test_an_ended_case_never_opens_more_than_its_office_saw(matrix: Matrix) -> None:
    opened = {"p": frozenset({"C2"})}
    health = Resource("C2", "health", group="health", office="o2")
    assert reopened(matrix, viewer("IomHelsinki"), health, unmasked=opened).ok
    annex = Resource("C2", "annex", group="medical-annex", office="o2")
    assert not reopened(matrix, viewer("IomHelsinki"), annex, unmasked=opened).ok
    own = Resource("C3", "note", group="own-office", office="o2")
    assert not reopened(matrix, viewer("IomHelsinki"), own).ok


EVERY_ROLE = ("IomLocal", "auditor", "owner", "reviewer", "data-protection")


@pytest.mark.parametrize("role", EVERY_ROLE)
@pytest.mark.parametrize(
    "barred",
    [
        Bars(offices=frozenset({"north"})),
        Bars(persons=frozenset({"anna"})),
        Bars(roles=frozenset({"data-protection", *EVERY_ROLE})),
    ],
)
def test_a_barred_case_does_not_exist_whatever_the_viewer_is(
    matrix: Matrix, role: str, barred: Bars
) -> None:
    viewer = Viewer("anna", "north", frozenset({role}))
    grant = Grant("G1", "north", role, ALL)
    sight = Sight("c", "1", {role: "north"}, (grant,), unmasked={"anna": ALL})
    if role in ("IomLocal", "auditor"):
        assert can_see(matrix, viewer, sight, Resource()).ok
    hidden = replace(sight, barred=barred)
    for klass in ALL:
        verdict = can_see(matrix, viewer, hidden, Resource(klass))
        assert verdict == AccessDecision(ok=False, rule="barred")
    assert not holds(viewer, [role], hidden)


def test_a_case_is_barred_by_what_was_read_with_the_sign_in_too(matrix: Matrix) -> None:
    viewer = Viewer("anna", "north", frozenset({"auditor"}), barred=frozenset({"c"}))
    sight = Sight("c", "1", {}, ())
    assert not can_see(matrix, viewer, sight, Resource()).ok
    assert can_see(matrix, viewer, replace(sight, case="d"), Resource()).ok


def test_a_bar_is_for_nobody_else(matrix: Matrix) -> None:
    barred = Bars(frozenset({"south"}), frozenset({"bo"}), frozenset({"owner"}))
    viewer = Viewer("anna", "north", frozenset({"auditor"}))
    assert can_see(matrix, viewer, Sight("c", "1", {}, (), barred=barred), Resource()).ok
    office = Viewer("", "south", frozenset({"IomLocal"}))
    assert Sight("c", "1", {}, (), barred=barred).bars(office)


def locked(**more: Any) -> Sight:
    """An ended case in which what o and o2 wrote of C1 and C2 is locked, and C1 of no office."""
    both = frozenset({"C1", "C2"})
    closed = {"o": both, "o2": both, "": frozenset({"C1"})}
    parties = {"IomLocal": "o", "IomHelsinki": "o2"}
    grants = tuple(Grant("G3", office, role, ALL) for role, office in parties.items())
    return Sight("c", "3", parties, grants, locked=closed, **more)


OWN, OTHERS = Resource("C1", "name", office="o"), Resource("C1", "name", office="o2")
NO_OFFICE, UNSAID = frozenset({"o", "o2", ""}), Resource("C1", "name")


def test_what_is_locked_is_closed_and_the_case_is_not(matrix: Matrix) -> None:
    reader, sight = viewer("IomLocal"), locked()
    for resource in (OWN, OTHERS, UNSAID, Resource("C1", "", office="o")):
        assert sight.closes(reader, resource)
        assert can_see(matrix, reader, sight, resource).rule == "locked"
    for resource in (Resource(), Resource("C1"), Resource("C3", "place", office="o")):
        assert not sight.closes(reader, resource)
        assert can_see(matrix, reader, sight, resource).ok
    assert sight.closed_offices(reader, "C1") == NO_OFFICE
    assert sight.closed_offices(reader, "C3") == frozenset()


def test_a_hold_opens_it_to_who_ordered_it_and_to_its_own_office() -> None:
    held = locked(holding=frozenset({"o2"}))
    assert held.closed_offices(viewer("IomHelsinki", office="o2"), "C1") == frozenset()
    assert held.closed_offices(viewer("IomLocal"), "C1") == NO_OFFICE - {"o"}
    third = Viewer("q", "o3", frozenset({"IomLocal"}))
    assert held.closed_offices(third, "C1") == NO_OFFICE


def test_two_persons_open_what_their_own_office_wrote_to_one_of_them(matrix: Matrix) -> None:
    sight = locked(unlocked={"p": frozenset({"C1"})})
    assert can_see(matrix, viewer("IomLocal"), sight, OWN).rule == "G3"
    assert not sight.closes(viewer("IomLocal"), OWN)
    assert sight.closed_offices(viewer("IomLocal"), "C1") == NO_OFFICE - {"o"}
    for resource in (OTHERS, UNSAID, Resource("C2", "health", office="o")):
        assert sight.closes(viewer("IomLocal"), resource)
    colleague = viewer("IomLocal", person="q")
    assert sight.closed_offices(colleague, "C1") == NO_OFFICE
    assert sight.closed_offices(viewer("IomLocal", person=""), "C1") == NO_OFFICE
