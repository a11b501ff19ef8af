"""Answers of a case in groups, the newest first, each with the answers before it.

A group is what its fields name as theirs (property `group`); fields without one belong together
with the others of their form.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import OWN_OFFICE
from service.casework.casefile.answer_text import AnswerLines, AnswerTexts
from service.casework.cases.case_visibility import field_of
from service.casework.cases.continuation import PREVIOUS
from service.casework.cases.given_answers import GivenAnswer
from service.forms.conditions import says_nothing
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.release.programme.vocabulary import GROUP
from service.text import say

OPEN = "C0"
"""Class of answers that are shown at once: facts of the process."""
ASKED = "C3"
"""Class of answers that are opened with a reason of their own."""
OF_FORM = "form."
"""Begins the id of a group that is a form."""
Who = Callable[[str, str], str]
"""A person and her office to their names."""


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """An answer that a newer one has replaced."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GroupedAnswer:
    """The newest answer to one question, and those before it, the newest first."""

    key: str
    form: str
    """The form in which it was given last."""
    klass: str
    label: str
    text: str
    lines: AnswerLines
    """The same text as lines."""
    by: str
    at: datetime
    corrected: bool
    """Whether it corrects the answer before it."""
    earlier: tuple[EarlierAnswer, ...]


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """The answers of one group, the newest first."""

    id: str
    title: str
    answers: tuple[GroupedAnswer, ...]
    sealed: int = 0
    """How many more there are that are not shown until the group is opened."""

    @property
    def at(self) -> datetime:
        """When the newest of them was given."""
        return max(answer.at for answer in self.answers)

    @property
    def by(self) -> str:
        """Who gave the newest of them."""
        return max(self.answers, key=lambda answer: answer.at).by

    @property
    def classes(self) -> frozenset[str]:
        """Their classes."""
        return frozenset(answer.klass for answer in self.answers)


def group_id(group: str, form: str) -> str:
    """The id of the group that a field belongs to: its own, else that of its form."""
    return group or f"{OF_FORM}{form}"


def group_title(services: Services, release: PreparedRelease, id_: str, lang: str) -> str:
    """What a group is called."""
    if id_ == OWN_OFFICE:
        return say("group.own_office", lang)
    form = release.forms.get(id_.removeprefix(OF_FORM)) if id_.startswith(OF_FORM) else None
    if form is not None and form.title:
        return form.say(form.title, lang)
    word = services.word(GROUP, id_, lang, release)
    return word if word != id_ else say("group.other", lang)


def group_answers(
    services: Services, words: AnswerTexts, answers: Sequence[GivenAnswer], who: Who
) -> tuple[AnswerGroup, ...]:
    """Group answers that a viewer may see; the group with the newest answer comes first.

    Args:
        answers: oldest first; what she may not see is left out already.
    """
    given: dict[str, list[GivenAnswer]] = {}
    for answer in words.in_order(answers):
        given.setdefault(answer.key, []).append(answer)
    for key in _guesses(words, answers):
        del given[key]
    given.pop(PREVIOUS, None)  # a link, which pages show as one
    groups: dict[str, list[tuple[int, GroupedAnswer]]] = {}
    for number, series in enumerate(given.values()):
        newest = series[-1]
        field = field_of(words.release, newest.form, newest.key)
        id_ = group_id(field.group if field is not None else "", newest.form)
        groups.setdefault(id_, []).append((number, _grouped(words, series, who)))
    found = [
        AnswerGroup(id_, group_title(services, words.release, id_, words.lang), _newest(rows))
        for id_, rows in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: group.at, reverse=True))


def _guesses(words: AnswerTexts, answers: Sequence[GivenAnswer]) -> set[str]:
    """Keys of answers that were only ever computed from questions left empty. Such an answer, as a
    "No" to a question that nobody answered, steers the process, but nobody has given it.
    """
    answered: dict[tuple[str, str, int], set[str]] = {}
    for one in answers:
        if one.value not in (None, []):
            answered.setdefault(_sent_with(one), set()).add(one.key)

    def is_guess(one: GivenAnswer) -> bool:
        form = words.release.forms.get(one.form)
        field = field_of(words.release, one.form, one.key)
        if form is None or field is None:
            return False
        return says_nothing(form, field, one.value, answered.get(_sent_with(one), ()))

    return {one.key for one in answers} - {one.key for one in answers if not is_guess(one)}


def _sent_with(answer: GivenAnswer) -> tuple[str, str, int]:
    """The step at which an answer was given, the same for a correction."""
    return answer.form, answer.element, answer.nth


def _newest(rows: Iterable[tuple[int, GroupedAnswer]]) -> tuple[GroupedAnswer, ...]:
    """The newest first, those of one form in its order."""
    ordered = sorted(rows, key=lambda row: (-row[1].at.timestamp(), row[0]))
    return tuple(answer for _, answer in ordered)


def _grouped(words: AnswerTexts, series: Sequence[GivenAnswer], who: Who) -> GroupedAnswer:
    *before, newest = series
    label, text = words.pair(newest)
    earlier = (
        EarlierAnswer(words.text(one), who(one.by, one.office), one.at) for one in reversed(before)
    )
    return GroupedAnswer(
        key=newest.key,
        form=newest.form,
        klass=newest.klass,
        label=label,
        text=text,
        lines=words.lines_of(newest),
        by=who(newest.by, newest.office),
        at=newest.at,
        corrected=newest.correction,
        earlier=tuple(earlier),
    )


def closed(group: AnswerGroup) -> AnswerGroup:
    """A group as it is shown before it is opened: only what is shown at once."""
    shown = tuple(answer for answer in group.answers if answer.klass == OPEN)
    return replace(group, answers=shown, sealed=len(group.answers) - len(shown))


def named_first(
    groups: Iterable[AnswerGroup], keys: Collection[str], ids: Collection[str]
) -> tuple[AnswerGroup, ...]:
    """Put the groups that concern a form first: they hold an answer to one of its questions, or one
    of its fields belongs to them.
    """

    def is_other(group: AnswerGroup) -> bool:
        return group.id not in ids and not any(answer.key in keys for answer in group.answers)

    return tuple(sorted(groups, key=is_other))


def answers_of(
    groups: Iterable[AnswerGroup], *, form: str = "", group: str = ""
) -> tuple[GroupedAnswer, ...]:
    """The newest answers that were given in a form, or that belong to a group."""
    return tuple(
        answer
        for one in groups
        for answer in one.answers
        if (form and answer.form == form) or (group and one.id == group)
    )
