"""The texts of consents and of information of a draft: the list, and one text in its languages."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.release.bundle import CONFIG
from service.release.consent_texts import FIRST
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.vocabulary import PURPOSE
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import (
    DraftConfiguration,
    load,
    page,
    save,
    sent,
)
from service.workshop.configuration import texts

bp = Blueprint("draft_texts", __name__)
CONSENTS = "consents"


@bp.get("/drafts/<draft>/configuration/texts")
@page_policy("plain", act="read_process")
def index(draft: str) -> ResponseReturnValue:
    """Every text, and the purposes that have none."""
    loaded = load(draft)
    kinds = [
        (kind, [_entry(loaded, kind, name) for name in texts.read_names(loaded.bundle, kind)])
        for kind in texts.FOLDERS
    ]
    folders = tuple(f"{folder}/" for folder in texts.FOLDERS.values())
    purposes = loaded.words.vocabulary.ids(PURPOSE)
    missing = [
        (one, loaded.words.purpose(one)) for one in texts.missing_texts(loaded.bundle, purposes)
    ]
    return page(
        loaded,
        "processes/configuration/texts.html",
        now={},
        faults={},
        files=folders,
        kinds=kinds,
        missing=missing,
    )


@bp.get("/drafts/<draft>/configuration/texts/<name>")
@page_policy("plain", act="read_process")
def show(draft: str, name: str) -> ResponseReturnValue:
    """A text, its languages side by side."""
    return _draw(draft, _kind(), name, {})


@bp.post("/drafts/<draft>/configuration/texts/<name>")
@page_policy("plain", act="edit_process")
def change(draft: str, name: str) -> ResponseReturnValue:
    """Save a text, add a language, or write the text of a purpose that has none."""
    loaded = load(draft)
    form = sent()
    kind = _kind()
    _require(loaded, kind, name)
    act = form.get("do", [""])[-1]
    if act == "language":
        edit = texts.add_language(loaded.bundle, kind, name, form)
    elif act == "add":
        edit = texts.add_text(loaded.bundle, kind, name, form)
    else:
        edit = texts.save_text(loaded.bundle, kind, name, loaded.text(PROCESS), form)
    then = url_for(".show", draft=draft, kind=kind, name=name)
    return save(loaded, edit, then, lambda faults: _draw(draft, kind, name, faults))


def _kind() -> str:
    """Whether the text is of a consent or of information.

    Raises:
        NotFound: of neither.
    """
    kind = request.args.get("kind", CONSENTS)
    if kind not in texts.FOLDERS:
        raise NotFound
    return kind


def _entry(
    loaded: DraftConfiguration, kind: str, name: str
) -> tuple[str, str, tuple[str, ...], str]:
    """Name, title, languages and version of a text."""
    langs = texts.read_names(loaded.bundle, kind)[name]
    lang = loaded.words.lang if loaded.words.lang in langs else FIRST
    text = texts.read_text(loaded.bundle, kind, name, lang)
    return name, text.title, langs, text.version


def _require(loaded: DraftConfiguration, kind: str, name: str) -> None:
    """Require that there is such a text, or a purpose that has none.

    Raises:
        NotFound: there is not.
    """
    wanted = loaded.words.vocabulary.ids(PURPOSE) if kind == CONSENTS else ()
    if name not in (*texts.read_names(loaded.bundle, kind), *wanted):
        raise NotFound


def _draw(draft: str, kind: str, name: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    loaded = load(draft)
    _require(loaded, kind, name)
    langs = texts.read_names(loaded.bundle, kind).get(name, ())
    read = {lang: texts.read_text(loaded.bundle, kind, name, lang).title for lang in langs}
    return page(
        loaded,
        "processes/configuration/text.html",
        now=texts.text_values(loaded.bundle, kind, name, loaded.text(PROCESS)),
        faults=faults,
        files=(f"{texts.FOLDERS[kind]}/{name}.", CONFIG + PROCESS),
        kind=kind,
        name=name,
        title=read.get(loaded.words.lang) or read.get(FIRST) or loaded.words.purpose(name),
        langs=langs,
    )
