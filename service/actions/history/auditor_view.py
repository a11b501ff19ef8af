"""What each fact of a case wrote, as an auditor may read it.

Process facts (class C0) are written out, of all else only that it was written. Answers of the
classes C1 to C3 are not even fetched, only whether there are any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from service.access import CLASSES, Viewer
from service.actions import rule_rows
from service.actions.casefile.answer_text import AnswerTexts
from service.actions.cases import case_visibility, given_answers
from service.actions.cases.case_visibility import CaseVisibility
from service.actions.cases.given_answers import GivenAnswer
from service.actions.context import Services
from service.engine import bare
from service.errors import CannotOpen, NotFound
from service.forms import Json
from service.forms.values import to_text
from service.security.vault import OwnerKey
from service.store.casefile import cases, facts
from service.store.transaction import Tx
from service.text import say

OPEN = CLASSES[0]
"""The only class that is shown."""
KINDS = {"date and time": "datetime", "number": "number"}
"""Declared type to the kind of form field that writes it out."""
Pair = tuple[str, str]
"""A label and its text."""


def load_written_values(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> dict[int, list[Pair]]:
    """Load what each fact wrote, by its number: labels and texts.

    Raises:
        NotFound: no such case for this viewer.
    """
    brief = cases.get(tx, case_id)
    if brief is None:
        raise NotFound
    visibility = case_visibility.load_case_visibility(tx, services, viewer, brief, now)
    view = _AuditorView(tx, services, brief, visibility, now)
    answered = facts.classes_answered(tx, case_id)
    return {
        fact.rev: [*view.open(fact), *_sealed_pairs(answered.get(fact.rev, ()), viewer.lang)]
        for fact in facts.of_case(tx, case_id)
    }


def _sealed_pairs(classes: Sequence[str], lang: str) -> Iterator[Pair]:
    for klass in sorted(set(classes) - {OPEN}):
        yield say(f"audit.classes_{klass}", lang), say("audit.sealed", lang, klass=klass)


class _AuditorView:
    """The values of one case's facts that one viewer may read."""

    def __init__(
        self,
        tx: Tx,
        services: Services,
        brief: cases.CaseSummary,
        visibility: CaseVisibility,
        now: datetime,
    ) -> None:
        self.tx, self.services, self.visibility, self.now = tx, services, visibility, now
        self.viewer = visibility.viewer
        self.key = services.key(tx, f"case:{brief.id}")
        self.payloads = facts.payloads(tx, [brief.id])
        self.answers = self._load_answers(brief.id)

    def _load_answers(self, case_id: str) -> dict[int, list[GivenAnswer]] | None:
        """Load the open answers by fact; None when one of them cannot be opened."""
        if self.key is None:
            return {}
        answers: dict[int, list[GivenAnswer]] = {}
        try:
            for answer in given_answers.load_answers(self.tx, self.key, case_id, (OPEN,)):
                answers.setdefault(answer.rev, []).append(answer)
        except CannotOpen:
            return None
        return answers

    def open(self, fact: facts.Fact) -> list[Pair]:
        """List the open answers of a fact, then the routing values that no form asked for.

        Such as the answer of a handler.
        """
        if self.key is None:
            return [self.all_values("audit.gone")]
        try:
            values = self.values(fact, self.key)
        except CannotOpen:
            return [self.all_values("audit.unreadable")]
        if self.answers is None:
            return [self.all_values("audit.unreadable")]
        release = self.services.release(self.tx, fact.release_id)
        directories = self.services.directories.get(self.viewer.lang, {})
        words = AnswerTexts(release, self.viewer, directories)
        answers = [one for one in self.answers.get(fact.rev, []) if not _is_empty(one.value)]
        asked = {answer.key for answer in self.answers.get(fact.rev, [])}
        pairs = [words.pair(answer) for answer in answers if self.visibility.see(answer)]
        return pairs + [
            self.routing(name, value, words)
            for name, value in sorted(values.items())
            if name not in asked and not _is_empty(value)
        ]

    def routing(self, name: str, value: Json, words: AnswerTexts) -> Pair:
        """Write out a routing value that no form asked for, or only its class.

        The class decides, as the release that wrote it declares it.
        """
        klass = words.release.classes.get(name, CLASSES[-1])
        answer = GivenAnswer(name, value, klass, "", "", self.now, "", "", 0, 0)
        if klass == OPEN and self.visibility.see(answer):
            return name, self.routing_text(name, value, words)
        return name, say("audit.sealed", self.viewer.lang, klass=klass)

    def routing_text(self, name: str, value: Json, words: AnswerTexts) -> str:
        """Write out a routing value by the type that the release declares."""
        if isinstance(value, bool):
            return say("word.yes" if value else "word.no", self.viewer.lang)
        kind = str(words.release.routing_names.get(name, {}).get("type", ""))
        return to_text(KINDS.get(kind, ""), bare(value), self.viewer.lang, words.zone)

    def values(self, fact: facts.Fact, key: OwnerKey) -> Mapping[str, Json]:
        """Open the routing values of a fact.

        Raises:
            CannotOpen: the payload is not what was sealed.
        """
        if (fact.case_id, fact.rev) not in self.payloads:
            return {}
        values: dict[str, Json] = rule_rows.open_payload(key, fact, self.payloads).get(
            "variables", {}
        )
        return values

    def all_values(self, key: str) -> Pair:
        """Write one text instead of all values."""
        return say("audit.values", self.viewer.lang), say(key, self.viewer.lang)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})
