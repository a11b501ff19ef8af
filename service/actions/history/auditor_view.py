"""What each line of a case's history wrote, as somebody who oversees all cases may read it.

Process facts (class C0) stand in words, of all else only that it was written. Answers of the
classes C1 to C3 are not opened here, not even
fetched: the ledger line itself names the classes that it binds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from service.access import CLASSES, Viewer
from service.actions.casefile.answer_text import AnswerTexts
from service.actions.cases import case_visibility, given_answers
from service.actions.cases.case_visibility import CaseVisibility
from service.actions.cases.given_answers import GivenAnswer
from service.actions.context import Services
from service.errors import CannotOpen, NotFound
from service.forms.values import to_text
from service.security.vault import OwnerKey
from service.store.casefile import cases, facts
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from service.text import say

OPEN = CLASSES[0]
"""The one class that is shown."""
KINDS = {"date and time": "datetime", "number": "number"}
"""Declared kinds that forms write in a way of their own."""
Pair = tuple[str, str]
"""A label and its text."""


def load_written_values(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> dict[int, list[Pair]]:
    """Number of a fact to what it wrote.

    Raises:
        NotFound: no such case for this viewer.
    """
    brief = cases.get(tx, case_id)
    if brief is None:
        raise NotFound
    seen = _AuditorView(
        tx,
        services,
        brief,
        case_visibility.load_case_visibility(tx, services, viewer, brief, now),
        now,
    )
    sealed = _sealed(tx, case_id)
    return {
        fact.rev: [*seen.open(fact), *_closed(sealed.get(fact.rev, ()), viewer.lang)]
        for fact in facts.of_case(tx, case_id)
    }


def _sealed(tx: Tx, case_id: str) -> dict[int, list[str]]:
    """Number of a fact to the classes of answers that its line binds."""
    found: dict[int, list[str]] = {}
    after = 0
    while page := ledger_entries.of_stream(tx, f"case/{case_id}", after=after):
        for line in page:
            body = json.loads(line.body)
            if isinstance(body.get("seal"), dict):
                found[int(body["rev"])] = sorted(set(body["seal"]) & set(CLASSES) - {OPEN})
        after = page[-1].seq
    return found


def _closed(classes: Sequence[str], lang: str) -> Iterator[Pair]:
    for klass in classes:
        yield say(f"audit.classes_{klass}", lang), say("audit.sealed", lang, klass=klass)


class _AuditorView:
    """What lies open in the facts of one case, for one viewer."""

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
        self.boxes = facts.payloads(tx, [brief.id])
        self.told: dict[int, list[GivenAnswer]] | None = {}
        try:
            for one in (
                given_answers.load_answers(tx, self.key, brief.id, (OPEN,))
                if self.key is not None
                else ()
            ):
                self.told.setdefault(one.rev, []).append(one)
        except CannotOpen:
            self.told = None

    def open(self, fact: facts.Fact) -> list[Pair]:
        """The open answers of a fact, then what steered the case and no form asked for, such as a
        handler's answer.
        """
        if self.key is None:
            return [self.all_values("audit.gone")]
        try:
            values = self.values(fact, self.key)
        except CannotOpen:
            return [self.all_values("audit.unreadable")]
        if self.told is None:
            return [self.all_values("audit.unreadable")]
        words = AnswerTexts(
            self.services.release(self.tx, fact.release_id),
            self.viewer,
            self.services.directories.get(self.viewer.lang, {}),
        )
        told = self.told.get(fact.rev, [])
        asked = {one.key for one in told}
        pairs = [
            words.pair(one) for one in told if self.visibility.see(one) and not _is_empty(one.value)
        ]
        return pairs + [
            self.routing(name, value, words)
            for name, value in sorted(values.items())
            if name not in asked and not _is_empty(value)
        ]

    def routing(self, name: str, value: Any, words: AnswerTexts) -> Pair:  # a value of JSON
        """A routing value that no form of this fact shows: its class decides, by the release that
        wrote it.
        """
        klass = words.release.classes.get(name, CLASSES[-1])
        if klass == OPEN and self.visibility.see(
            GivenAnswer(name, value, klass, "", "", self.now, "", "", 0, 0)
        ):
            return name, self.said(name, value, words)
        return name, say("audit.sealed", self.viewer.lang, klass=klass)

    def said(self, name: str, value: Any, words: AnswerTexts) -> str:  # a value of JSON
        """A routing value in words, by the kind that the release declares."""
        if isinstance(value, bool):
            return say("word.yes" if value else "word.no", self.viewer.lang)
        kind = str(words.release.routing_names.get(name, {}).get("type", ""))
        return to_text(KINDS.get(kind, ""), value, self.viewer.lang, words.zone)

    def values(self, fact: facts.Fact, key: OwnerKey) -> Mapping[str, Any]:
        """The routing values of a fact, opened."""
        box = self.boxes.get((fact.case_id, fact.rev))
        if box is None:
            return {}
        content, _ = key.open_committed(
            "routing",
            box,
            table="fact_payload",
            column="sealed",
            row=fact.case_id,
            extra=str(fact.rev),
        )
        values: dict[str, Any] = json.loads(content).get("variables", {})
        return values

    def all_values(self, key: str) -> Pair:
        """One word for all."""
        return say("audit.values", self.viewer.lang), say(key, self.viewer.lang)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})
