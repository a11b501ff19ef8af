"""Answers as the print of a case and the HTTP interface list them: what is open to the viewer, and
how much more there is to open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.access import CLASSES
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.answer_groups import GroupedAnswer
from service.casework.casefile.disclosure.opened_groups import DisclosedAnswers
from service.casework.cases import given_answers
from service.store.at_hand import Read
from service.store.casefile import facts


@dataclass(frozen=True, slots=True)
class LatestAnswer:
    """The last answer to a question of the case: the value as it is kept, and in words."""

    label: str
    value: Any
    text: str
    klass: str
    step: str
    office: str
    at: datetime
    fact: int
    """Number of the fact that answered, by which it is corrected."""
    corrected: bool


@dataclass(frozen=True, slots=True)
class SealedGroup:
    """A group of answers that is not open: how many it holds, and whether it is opened only with a
    reason.
    """

    group: str
    title: str
    sealed: int
    needs_reason: bool


def answers(at: CaseView, disclosed: DisclosedAnswers) -> dict[str, LatestAnswer]:
    """The last answer to each question that is open to the viewer, as their forms ask for them."""
    shown = {answer.key for group in disclosed.shown for answer in group.answers}
    rows = {}
    for answer in at.words.in_order(at.shown.values()):
        if answer.key not in shown:
            continue
        label, text = at.words.pair(answer)
        rows[answer.key] = LatestAnswer(
            label=label,
            value=answer.value,
            text=text,
            klass=answer.klass,
            step=at.name(answer.element),
            office=at.places.get(answer.office, ""),
            at=answer.at,
            fact=given_answers.first_fact(at.history, answer),
            corrected=answer.correction,
        )
    return rows


def sealed_groups(disclosed: DisclosedAnswers) -> tuple[SealedGroup, ...]:
    """The groups that the viewer may open, and has not."""
    return tuple(
        SealedGroup(group.id, group.title, group.sealed, disclosed.needs_reason(whole))
        for group, whole in zip(disclosed.shown, disclosed.groups, strict=True)
        if group.sealed
    )


def reads_of_hidden(case_id: str) -> list[Read]:
    """What `hidden` reads besides the view of the case: answers that it counts, and shows none."""
    return facts.reads_of_answers(case_id, CLASSES)


def hidden(at: CaseView) -> int:
    """How many questions of the case have an answer that the viewer may not see."""
    newest = given_answers.newest(given_answers.load_answers(at.at_hand, at.keys, at.case.id))
    return len(newest.keys() - at.shown.keys())


def printed_answers(at: CaseView, disclosed: DisclosedAnswers) -> list[dict[str, Any]]:
    """The groups of answers for print, as they are open to the viewer now."""
    parts = []
    for group in disclosed.shown:
        pairs = [pair for answer in group.answers for pair in _printed(at, answer)]
        left = at.say("disclosure.not_printed", n=group.sealed)
        if pairs or group.sealed:
            lines = (left,) if group.sealed else ()
            parts.append({"title": group.title, "answers": tuple(pairs), "lines": lines})
    return parts


def _printed(at: CaseView, answer: GroupedAnswer) -> Iterable[tuple[str, str]]:
    """A question with its newest answer, and under it those before."""
    mark = f" ({at.say('correction.mark', date=at.day(answer.at))})" if answer.corrected else ""
    yield answer.label, f"{answer.text}{mark}"
    for one in answer.earlier:
        label = at.say("disclosure.earlier_of", label=answer.label)
        yield label, f"{one.text} ({one.by}, {at.day(one.at)})"
