"""A packet holds what was ticked and what the matrix lets its receiver see, for every role and
stage of the shipped programme; never more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest

from service.access import (
    CLASSES,
    NOTHING,
    OWN_OFFICE,
    PRODUCT_ROLES,
    Grant,
    Resource,
    Sight,
    Viewer,
    read_matrix,
)
from service.application.shipped_files import shipped_bundle
from service.casework.cases.case_visibility import CaseVisibility, field_of
from service.casework.cases.given_answers import GivenAnswer
from service.casework.referrals import packet
from service.release.prepared import PreparedRelease, prepare
from service.sandbox.handlers import declared
from service.settings import Settings
from tests.programme.picture import WORKFLOWS

TABLE = (WORKFLOWS / "config" / "visibility.toml").read_text(encoding="utf-8")
MATRIX = read_matrix(TABLE, ("1", "2", "3"))
ROLES = sorted(MATRIX.letters.keys() - PRODUCT_ROLES - {"returnee"})
NOON = datetime(2026, 3, 2, tzinfo=UTC)


@cache
def release() -> PreparedRelease:
    return prepare(shipped_bundle(Settings()), declared())


@cache
def everything() -> tuple[GivenAnswer, ...]:
    """An answer to each field of each form, once of the sender and once of the receiver."""
    asked = [
        (n, form.id, field)
        for n, form in enumerate(release().forms.values(), 1)
        for field in form.fields
    ]
    return tuple(
        GivenAnswer(field.key, "x", field.data_class, "p", office, NOON, form, "e", 1, n)
        for n, form, field in asked
        for office in ("sender", "there")
    )


def keys() -> frozenset[str]:
    return frozenset(one.key for one in everything())


def sender(stage: str) -> CaseVisibility:
    """An office that may see all of a case: what it sends is bounded by the receiver alone."""
    grants = tuple(Grant("G", "sender", role, frozenset(CLASSES)) for role in ROLES)
    sight = Sight("c", stage, dict.fromkeys(ROLES, "sender"), grants)
    definition = next(iter(release().definitions.values()))
    return CaseVisibility(
        Viewer("p", "sender", frozenset(ROLES)), MATRIX, sight, release(), definition
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("stage", ["1", "2", "3", "x"])
def test_no_role_gets_more_than_the_matrix_gives_it_at_the_stage(role: str, stage: str) -> None:
    shown = packet.packet(
        everything(), packet.receiver_visibility(sender(stage), "there", role, keys()), keys()
    )
    for one in shown:
        field = field_of(release(), one.form, one.key)
        assert field is not None
        mode = MATRIX.mode(
            role,
            stage,
            Resource(one.klass, one.key, field.group, one.office, field.headline),
            manager=False,
        )
        assert mode != NOTHING
        assert mode != "S" or field.headline
        assert mode != "O" or one.office == "there"
        assert field.group != OWN_OFFICE or one.office == "there"


@pytest.mark.parametrize("stage", ["1", "2", "3"])
def test_what_was_not_ticked_does_not_go_whatever_its_class(stage: str) -> None:
    ticked = frozenset(sorted(keys())[::3])
    shown = packet.packet(
        everything(),
        packet.receiver_visibility(sender(stage), "there", "IomHelsinki", ticked),
        ticked,
    )
    assert shown
    assert {one.key for one in shown} <= ticked


def test_only_the_receiving_office_sees_a_packet() -> None:
    visibility = packet.receiver_visibility(sender("1"), "there", "ChildServices", keys())
    assert visibility.sight.parties == {"ChildServices": "there"}
    assert [g.office for g in visibility.sight.grants] == ["there"]
    stranger = CaseVisibility(
        Viewer("p", "elsewhere", frozenset(ROLES)),
        MATRIX,
        visibility.sight,
        release(),
        visibility.definition,
    )
    assert packet.packet(everything(), stranger, keys()) == []


def test_documents_consents_and_decisions_are_never_sent() -> None:
    kinds = {
        (f.kind, f.buttons)
        for one in packet.may_go(everything(), sender("1"))
        for f in [field_of(release(), one.form, one.key)]
        if f is not None
    }
    assert kinds
    assert not kinds & {(kind, buttons) for kind in packet.NO_ANSWERS for buttons in (True, False)}
    assert not any(buttons for _, buttons in kinds)
    values: tuple[object, ...] = (None, "", [], {})
    empty = [
        GivenAnswer("givenNames", value, "C1", "p", "sender", NOON, "referral", "e", 1, 1)
        for value in values
    ]
    assert packet.may_go(empty, sender("1")) == []
