"""The preview of a form: drawn as on the page of its task, filled in with invented answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.casework.casefile.form_context import load_directories
from service.errors import FieldFault
from service.forms import (
    ConsentWording,
    DrawnSection,
    Field,
    Form,
    FormContext,
    Raw,
    check,
    draw,
    fill_in,
)
from service.forms import sample_answers as sample
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.consent_texts import INFORMATION, ConsentText, read_consent_texts
from service.release.language_words import direction
from service.release.release_configuration import configuration_of_draft
from service.store.transaction import Tx
from service.workshop.forms.readers import seen_by


@dataclass(frozen=True, slots=True)
class FormPreview:
    """A form as it would be drawn."""

    sections: tuple[DrawnSection, ...]
    faults: tuple[FieldFault, ...]
    checked: bool
    """Whether the answers were checked as sent ones are."""
    buttons: tuple[str, ...]
    """Words of the buttons that one question becomes."""
    asked: int
    seen: int
    """How many outermost questions there are, and how many the chosen role sees."""


def draw_preview(
    tx: Tx,
    services: Services,
    bundle: Bundle,
    form: Form,
    forms: Mapping[str, Form],
    *,
    viewer: Viewer,
    now: datetime,
    lang: str,
    role: str = "",
    stage: str = "",
    typed: Raw | None = None,
    invented: bool = False,
    checked: bool = False,
) -> FormPreview:
    """Draw a form of a draft with nothing of any case.

    Args:
        role: whose sight is shown, in `stage`; empty shows the form as it is filled in.
        typed: what was typed into the preview; None for a fresh form.
        invented: fill it in with invented answers instead.
        checked: check the answers as sent ones are.
    """
    context = _context(tx, services, bundle, forms, viewer, now, lang)
    if invented:
        typed = sample(form, context)
    values = typed if typed is not None else fill_in(form, {}, context)
    faults = check(form, values, context).faults if checked else ()
    matrix = configuration_of_draft(bundle, services.programme.configuration).matrix
    seen = seen_by(form, matrix, role, stage) if role else form
    return FormPreview(
        draw(seen, values, lang=lang, faults=faults, context=context),
        faults,
        checked,
        _buttons(seen, lang),
        _count(form.fields),
        _count(seen.fields),
    )


def _count(fields: Iterable[Field]) -> int:
    return sum(field.kind != "paragraph" for field in fields)


def _buttons(form: Form, lang: str) -> tuple[str, ...]:
    field = form.button
    return tuple(form.say(o.label, lang) for o in field.options) if field is not None else ()


def _context(
    tx: Tx,
    services: Services,
    bundle: Bundle,
    forms: Mapping[str, Form],
    viewer: Viewer,
    now: datetime,
    lang: str,
) -> FormContext:
    consents = read_consent_texts(bundle)
    information = read_consent_texts(bundle, INFORMATION)
    asked = {purpose: consents.text(purpose, lang) for purpose in consents.purposes}
    return FormContext(
        now=now,
        zone=ZoneInfo(viewer.zone),
        lang=lang,
        consent_texts={
            purpose: _wording(text) for purpose, text in asked.items() if text is not None
        },
        information={
            name: {own: _wording(text) for own, text in texts.items()}
            for name, texts in information.texts.items()
        },
        directories=load_directories(tx, services, lang),
        currency=services.programme.ceiling[1],
        documents=(),
        forms=forms,
    )


def _wording(text: ConsentText) -> ConsentWording:
    return ConsentWording(text.version, text.blocks, text.digest, text.title, direction(text.lang))
