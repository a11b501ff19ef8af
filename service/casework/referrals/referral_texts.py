"""Texts about a referral in the viewer's language: purpose, legal basis, state, refusal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.access import Viewer
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.release.programme.referral_rules import localized_text
from service.release.programme.vocabulary import PURPOSE
from service.store.casefile.referrals import Referral
from service.text import say


def purpose_text(services: Services, release: PreparedRelease, row: Referral, lang: str) -> str:
    """Name the purpose of a referral; of a step it is the purpose of its consent."""
    if row.element:
        return services.word(PURPOSE, row.purpose, lang, release)
    purpose = services.configuration(release).referrals.purpose(row.purpose)
    return localized_text(purpose.words, lang) if purpose is not None else row.purpose


def legal_basis_text(
    services: Services,
    release: PreparedRelease,
    ground: str,
    consents: Iterable[str],
    lang: str,
) -> str:
    """Name the legal basis: consents, and the paragraph."""
    purposes = [services.word(PURPOSE, purpose, lang, release) for purpose in consents]
    named = [say("referral.consent_to", lang, purpose=purpose) for purpose in purposes]
    return "; ".join([*named, *([services.ground(ground, lang, release)] if ground else [])])


def waiting_text(row: Referral, viewer: Viewer) -> str:
    """Ask the receiver for an answer by the deadline."""
    return say("referral.stands_yours", viewer.lang, date=_due_day(row, viewer))


def state_text(row: Referral, places: Mapping[str, str], viewer: Viewer) -> str:
    """Describe the state of a referral in one sentence.

    Args:
        places: office to its name.
    """
    state = "withdrawn" if row.state == "revoked" and row.answered_at is not None else row.state
    office = places.get(row.to_office, "")
    return say(f"referral.stands_{state}", viewer.lang, office=office, date=_due_day(row, viewer))


def _due_day(row: Referral, viewer: Viewer) -> str:
    return viewer.day(row.due) if row.due is not None else "–"


def refusal_text(release: PreparedRelease, services: Services, row: Referral, lang: str) -> str:
    """Name the reason of a refusal; empty when nothing was refused.

    By hand it is a reason of the programme's list, of a step the answer as its form words it.
    """
    if not row.reason:
        return ""
    configuration = services.configuration(release)
    if not row.element:
        refusal = configuration.referrals.refusal(row.reason)
        return localized_text(refusal.words, lang) if refusal is not None else row.reason
    rule = configuration.grants.referrals.get(row.element)
    if rule is None:
        return row.reason
    for form in release.forms.values():
        for field in form.fields:
            if field.key == rule.answer.name:
                return form.option_label(field, row.reason, lang)
    return row.reason
