"""What a role sees more of by another matrix of visibility."""

from __future__ import annotations

import re
from dataclasses import replace

from service.access import Matrix, read_matrix
from service.application.shipped_files import config_files
from service.settings import Settings
from service.workshop.data_flow.sides import FlowField
from service.workshop.data_flow.visible_more import roles_that_gain, roles_that_see_more_in
from tests.support.world import shipped
from tests.workshop.data_flow.test_wider import found


def matrix(pattern: str = "", by: str = "") -> Matrix:
    """The shipped matrix of visibility, with one text replaced."""
    text = config_files(Settings())["visibility.toml"]
    changed = re.sub(pattern, by, text, count=1, flags=re.DOTALL) if pattern else text
    assert changed != text or not pattern
    return read_matrix(changed, ("1", "2", "3"))


def test_another_matrix_says_who_sees_more_of_what() -> None:
    wide = matrix(r'(\[IomMedical\]\n1 = )"----"', r'\1"--F-"')
    ((kind, sentence),) = found(shipped(), matrices=(matrix(), wide))
    assert kind == "visibility"
    assert "IOM medical could see nothing of “C2" in sentence
    assert "and now sees everything" in sentence
    assert found(shipped(), matrices=(wide, matrix())) == []


def test_a_restriction_that_is_gone_is_wider() -> None:
    free = replace(matrix(), narrowings=matrix().narrowings[1:])
    ((kind, sentence),) = found(shipped(), matrices=(matrix(), free))
    assert kind == "visibility"
    assert "restriction of Referring partner" in sentence
    assert found(shipped(), matrices=(free, matrix())) == []


def test_who_gains_by_another_class_is_named() -> None:
    shipped_matrix = matrix()
    sealed, open_ = FlowField("a", "C3"), FlowField("a", "C0")
    assert roles_that_gain(shipped_matrix, open_, sealed) == ()
    assert "CaseApprover" in roles_that_gain(shipped_matrix, sealed, open_)
    assert roles_that_gain(shipped_matrix, None, FlowField("a", "C3", "own-office")) == ()


def test_a_headline_is_seen_by_those_who_see_headlines() -> None:
    plain, headline = FlowField("a", "C0"), FlowField("a", "C0", headline=True)
    assert roles_that_gain(matrix(), plain, headline) == ("RegionalCoordinator", "returnee")


def test_stages_are_compared_role_by_role() -> None:
    assert "IomMedical" in roles_that_see_more_in(matrix(), "1", "2")
    assert roles_that_see_more_in(matrix(), "1", "1") == ()
