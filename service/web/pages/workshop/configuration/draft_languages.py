"""The languages of a draft: what counts in each, and the file of a translator out and back in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.release.language_words import FIRST
from service.release.language_words import FOLDER as WORDS
from service.release.translations import languages_of, read_parts
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import (
    DraftConfiguration,
    load,
    page,
    save,
)
from service.web.request_context import current
from service.workshop import drafts
from service.workshop.configuration.translation_files import (
    RefusedTranslation,
    read_translation,
    write_translation,
)
from service.workshop.configuration.typed import Edit

bp = Blueprint("draft_languages", __name__)


@bp.get("/drafts/<draft>/configuration/languages")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """Every language, part by part."""
    return _draw(load(draft))


@bp.get("/drafts/<draft>/configuration/languages/<name>")
@page_policy("file", act="read_process")
def export(draft: str, name: str) -> ResponseReturnValue:
    """Everything of a language as one file, for a translator.

    Raises:
        NotFound: it is no language, or the one that is translated from.
    """
    loaded = load(draft)
    try:
        content = write_translation(loaded.bundle, loaded.read[1], name, now=current().now)
    except RefusedTranslation as e:
        raise NotFound from e
    response = Response(content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.po")
    return response


@bp.post("/drafts/<draft>/configuration/languages")
@page_policy("plain", act="edit_process")
def bring(draft: str) -> ResponseReturnValue:
    """Take a translator's file back into the draft: all of it, or nothing."""
    loaded = load(draft)
    lang = request.form.get("lang", "").strip().lower()
    file = request.files.get("file")
    content = file.stream.read(drafts.LARGEST + 1) if file is not None else b""
    if not content:
        return _draw(loaded, refusals=[current().t("owner.no_file")])
    try:
        made = read_translation(loaded.bundle, loaded.read[1], lang, content)
    except RefusedTranslation as e:
        said = [current().t(f"translation.{key}", **facts) for key, facts in e.faults]
        return _draw(loaded, refusals=said)
    then = url_for(".show", draft=draft)
    return save(loaded, Edit(dict(made.changed), {}), then, lambda faults: _draw(loaded, faults))


def _draw(
    loaded: DraftConfiguration,
    faults: Mapping[str, str] | None = None,
    refusals: Sequence[str] = (),
) -> ResponseReturnValue:
    context, bundle, forms = current(), loaded.bundle, loaded.read[1]
    languages = [
        (
            lang,
            [(part.name, part.state) for part in read_parts(bundle, forms, lang) if part.version],
        )
        for lang in languages_of(bundle)
    ]
    return page(
        loaded,
        "processes/configuration/languages.html",
        now={},
        faults={"": "fault_translation"} if refusals else faults or {},
        files=(f"{WORDS}/",),
        languages=languages,
        language_names=dict(context.program.services.directories[context.lang]["languages"]),
        first=FIRST,
        refusals=refusals,
        lang=request.form.get("lang", ""),
    )
