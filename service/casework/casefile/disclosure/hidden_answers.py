"""Hidden answers of a case: what a viewer may not see, so that no page calls it not filled in.

It is read off the forms that were sent and off what the viewer may see of their fields, never off
the answers: that an answer was given to one question of a form may itself tell something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from service.access import OWN_OFFICE
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.answer_groups import group_id, group_title
from service.forms import Field
from service.store.casefile import documents, notes

SENT = ("start", "complete", "message")
"""Kinds of facts that bring a form."""


def _asked(at: CaseView) -> Iterator[tuple[str, Field, str]]:
    """(form, field, office) of every question of the forms that were sent."""
    release = at.visibility.release
    sent = {(fact.form, fact.office) for fact in at.history if fact.kind in SENT and fact.form}
    for id_, office in sorted(sent):
        for field in release.forms[id_].fields if id_ in release.forms else ():
            if field.key:
                yield id_, field, office


def hidden_groups(at: CaseView) -> tuple[str, ...]:
    """Titles of the groups of which the viewer may see no answer, of the forms that were sent."""
    seen: dict[str, bool] = {}
    for form, field, office in _asked(at):
        id_ = group_id(field.group, form)
        sees = at.visibility.by_office and at.visibility.sees_field(field.key, office)
        seen[id_] = seen.get(id_, False) or sees
    return tuple(sorted(_title(at, id_) for id_, any_ in seen.items() if not any_))


def _title(at: CaseView, group: str) -> str:
    if group == OWN_OFFICE:
        return at.say("disclosure.office_notes")
    return group_title(at.services, at.visibility.release, group, at.lang)


def hides(at: CaseView, keys: Collection[str]) -> bool:
    """Whether a form that was sent asks one of these questions, and the viewer may see none of
    their answers.
    """
    found = [(field.key, office) for _, field, office in _asked(at) if field.key in keys]
    sees = at.visibility.sees_field
    return bool(found) and not (at.visibility.by_office and any(sees(*one) for one in found))


def hidden_documents(at: CaseView) -> int:
    """How many documents of the case the viewer may not see; those of open forms are in no list."""
    rows = [row for row in documents.of_case(at.at_hand, at.case.id) if row.state != "dropped"]
    sent = [row for row in rows if not at.visibility.is_unsent(row)]
    return sum(not at.visibility.see_document(row) for row in sent)


def hides_notes(at: CaseView, shown: int) -> bool:
    """Whether there are notes in the case, and the viewer may read none of them.

    Args:
        shown: how many she may read.
    """
    return not shown and any(not note.about for note in notes.everyones(at.at_hand, at.case.id))
