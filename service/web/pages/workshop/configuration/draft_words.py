"""The words of a draft, one kind at a time."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.release.bundle import VOCABULARY
from service.release.programme.vocabulary import FILE, KINDS, LANGUAGES
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import load, page, save, sent
from service.workshop.configuration import vocabulary

bp = Blueprint("draft_words", __name__)


@bp.get("/drafts/<draft>/configuration/words")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """The words of a kind."""
    return _draw(draft, {})


@bp.post("/drafts/<draft>/configuration/words")
@page_policy("plain", act="edit_process")
def change(draft: str) -> ResponseReturnValue:
    """Save words, or add one."""
    loaded = load(draft)
    form = sent()
    kind = _kind()
    act = vocabulary.add_word if form.get("do", [""])[-1] == "add" else vocabulary.save_words
    edit = act(loaded.text(FILE), kind, form)
    then = url_for(".show", draft=draft, kind=kind)
    return save(loaded, edit, then, lambda faults: _draw(draft, faults))


def _kind() -> str:
    kind = request.values.get("kind") or KINDS[0]
    if kind not in KINDS:
        raise NotFound
    return kind


def _draw(draft: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    loaded = load(draft)
    kind = _kind()
    text = loaded.text(FILE)
    return page(
        loaded,
        "processes/configuration/words.html",
        now=vocabulary.word_values(text, kind),
        faults=faults,
        files=(VOCABULARY,),
        kind=kind,
        kinds=KINDS,
        rows=vocabulary.read_word_rows(text, kind),
        languages=LANGUAGES,
    )
