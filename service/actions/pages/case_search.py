"""Search among the cases that a viewer may see, by pseudonym, number, register number or name.

Answers are opened in memory and compared there; no name is stored or logged in the open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.actions.cases import case_visibility, given_answers
from service.actions.cases.given_answers import GivenAnswer
from service.actions.context import Services
from service.actions.pages.case_list import claimer_names
from service.actions.pages.case_page import owner
from service.actions.pages.visible_cases import VisibleCase, load_visible_cases
from service.errors import CannotOpen
from service.store.casefile import cases
from service.store.installation import keys, offices
from service.store.transaction import Tx
from service.text import say

SHORTEST = 3
"""Shortest name that is searched for, in characters."""
NAMED = frozenset({"name"})
"""Groups of fields that a person is found by."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A case that a search found; `why` says by what."""

    id: str
    ref: str
    number: str
    why: str
    stage: str
    owner: str
    ended: bool


def search_cases(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, words: str
) -> tuple[str, list[SearchHit]]:
    """Find cases; gives what they were found by (`by_ref`, `by_number`, `by_diary`, `by_name`).

    Args:
        words: a whole pseudonym or number, or at least three letters of a name.
    """
    words = " ".join(words.split()).casefold()
    visible = load_visible_cases(tx, services, viewer, now)
    exact = [row for row in visible if words in (_ref(row), row.case.number.casefold())]
    if exact or len(words) < SHORTEST:
        by = "by_ref" if exact and _ref(exact[0]) == words else "by_number"
        return by, [_hit(tx, services, viewer, row, by) for row in exact]
    hits = [
        (row, by)
        for row in visible
        if (by := _by_answers(tx, services, viewer, now, row.case, words))
    ]
    found_by = hits[0][1] if hits else "by_name"
    return found_by, [_hit(tx, services, viewer, row, by) for row, by in hits]


def _ref(row: VisibleCase) -> str:
    return row.case.ref.casefold()


def _by_answers(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, case: cases.CaseSummary, words: str
) -> str:
    """By which kind of answer a case is found, as far as the viewer may see it; else ""."""
    matching = _matching(services, _searched(tx, services, case), words)
    if not matching:
        return ""
    visibility = case_visibility.load_unexplained_visibility(tx, services, viewer, case, now)
    seen = [answer for answer in matching if visibility.see(answer)]
    if not seen:
        return ""
    register = services.programme.named_fields.answers.diary_number
    return "by_diary" if seen[0].key == register else "by_name"


def _searched(tx: Tx, services: Services, case: cases.CaseSummary) -> dict[str, GivenAnswer]:
    """The last answers of a case that a search reads, by key; none when its key is gone."""
    row = keys.get(tx, f"case:{case.id}")
    if row is None:
        return {}
    try:
        answers = given_answers.load_answers(tx, services.open(row), case.id, ("C0", "C1"))
    except CannotOpen:
        return {}
    fields = services.release(tx, case.release_id).fields
    register = services.programme.named_fields.answers.diary_number
    return {
        answer.key: answer
        for answer in answers
        if answer.key == register or fields.get(answer.key, ("", ""))[1] in NAMED
    }


def _matching(services: Services, answers: dict[str, GivenAnswer], words: str) -> list[GivenAnswer]:
    """The answers that have the words; for a whole name the family name."""
    names = services.programme.named_fields.answers
    matching = [
        answer
        for answer in answers.values()
        if isinstance(answer.value, str) and words in answer.value.casefold()
    ]
    name = [answers[key] for key in (names.given_names, names.family_name) if key in answers]
    whole = " ".join(str(answer.value) for answer in name).casefold()
    if words in whole and names.family_name in answers:
        matching.append(answers[names.family_name])
    return matching


def _hit(tx: Tx, services: Services, viewer: Viewer, row: VisibleCase, by: str) -> SearchHit:
    case, places = row.case, offices.names(tx)
    names = claimer_names(tx, services, [row])
    duties = services.programme.named_fields.duties
    return SearchHit(
        id=case.id,
        ref=case.ref,
        number=case.number,
        why=say(f"cases.{by}", viewer.lang),
        stage=case.stage or services.programme.vocabulary.first_stage,
        owner=owner(duties, row.parties, row.waiting, places, names),
        ended=case.status == "ended",
    )
