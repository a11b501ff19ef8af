"""Two words and a card for the person of a case: given once, shown once, kept nowhere."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.casework.cases.card_words import GivenWords
from service.casework.pages.card import (
    cannot_read,
    card_languages,
    card_lines,
    give_words,
    may_be_child,
    require_may_give_words,
    word_languages,
)
from service.errors import InvalidAnswers
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import FRESH, RefusedForm, case_head, opened_view
from service.web.request_context import current
from service.web.submit import perform

bp = Blueprint("card", __name__)
SHOWS = WORDS, PICTURES = "words", "pictures"
"""What stands on the card."""


@bp.get("/cases/<case>/card")
@page_policy("plain", act=WORK)
def ask(case: str) -> ResponseReturnValue:
    """What the words are for, and in which language they are given."""
    return _draw(case)


@bp.post("/cases/<case>/card")
@page_policy("plain", act=WORK)
def give(case: str) -> ResponseReturnValue:
    """Give two words, and show them on this page alone."""
    lang = request.form.get("lang", "")
    try:
        pictures = request.form.get("shows") == PICTURES
        own = request.form.get("own", "")
        given = perform(partial(give_words, case_id=case, lang=lang, pictures=pictures, own=own))
    except InvalidAnswers as e:
        refused = RefusedForm(faults=e.faults, status=422)
        return _draw(case, lang=lang, written=request.form.get("card", ""), refused=refused)
    return _draw(case, given=given, lang=lang, written=request.form.get("card", ""))


def _draw(
    case: str,
    *,
    given: GivenWords | None = None,
    lang: str = "",
    written: str = "",
    refused: RefusedForm = FRESH,
) -> ResponseReturnValue:
    context = current()
    texts = bool(request.form.get("texts"))

    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "card")
        require_may_give_words(view)
        offered = {one.lang: one for one in card_languages(view)}
        chosen = offered.get(written) or (offered.get(lang) if given else None)
        return {
            **case_head(view),
            "cards": list(offered.values()),
            "card": card_lines(view, given, chosen.lang if chosen else lang, texts=texts)
            if given
            else (),
            "written": chosen,
            "chooses": may_be_child(view),
            "shown": request.form.get("shows") or (PICTURES if cannot_read(view) else WORDS),
        }

    services = context.program.services
    return render_template(
        "case/card.html",
        **context.read_and_log(load),
        languages=word_languages(services, context.lang),
        numbers=services.programme.card_numbers,
        text_numbers=services.programme.card_text_numbers,
        texts=texts,
        shows=SHOWS,
        given=given,
        lang=lang,
        faults=refused.faults,
    ), refused.status
