"""Checks that the tables of a programme and its vocabulary agree on stages, purposes and groups."""

from __future__ import annotations

from collections.abc import Collection

from service.access import OWN_OFFICE, Matrix
from service.actions.programme.grant_rules import GrantRules
from service.actions.programme.referral_rules import ReferralRules
from service.actions.programme.vocabulary import FILE, GROUP, PURPOSE, Vocabulary
from service.errors import BadSettings


def check_names(
    vocabulary: Vocabulary, matrix: Matrix, grants: GrantRules, referrals: ReferralRules
) -> None:
    """Check the names in grants, referrals and the visibility matrix.

    A consent that nobody can give would close a case for ever, a group that no field has would
    narrow nothing, and a case in a stage without letters would be seen by nobody.

    Raises:
        BadSettings: a purpose or group that the vocabulary does not have, or a stage of it that the
            matrix does not have.
    """
    for stage in vocabulary.stages:
        if not any(stage in letters for letters in matrix.letters.values()):
            raise BadSettings(f"visibility.toml has no letters for the stage {stage} of {FILE}")
    for grant in grants.grants:
        later = grant.from_stage[1] if grant.from_stage is not None else ()
        check_purposes(f"grants.toml: {grant.rule}", vocabulary, (*grant.consents, *later))
    for step in grants.referrals.values():
        check_purposes(f"grants.toml: the referral of {step.element}", vocabulary, [step.purpose])
    for purpose in referrals.purposes:
        check_purposes(f"referrals.toml: {purpose.id}", vocabulary, purpose.consents)
    for row in matrix.narrowings:
        groups = {*row.never, *(row.only or ())}
        if unknown := sorted(groups - {*vocabulary.ids(GROUP), OWN_OFFICE}):
            raise BadSettings(
                f"visibility.toml: a narrowing of {row.role} names the group {unknown[0]}, which "
                f"{FILE} does not have"
            )


def check_purposes(place: str, vocabulary: Vocabulary, named: Collection[str]) -> None:
    """Check purposes of consents.

    Raises:
        BadSettings: one that the vocabulary does not have; the sentence names the place.
    """
    if unknown := sorted(set(named) - {*vocabulary.ids(PURPOSE)}):
        raise BadSettings(f"{place} names the consent {unknown[0]}, which {FILE} does not have")
