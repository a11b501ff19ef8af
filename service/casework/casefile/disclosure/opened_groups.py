"""Opened groups of answers: each stands in the read log, with its reason, before it is shown.

Facts of the process (C0) are shown at once. Everything else is closed until its group is opened. A
group that holds what concerns safety (C3) is opened with a reason of its own; any other with what
already says why the viewer is in the case: a task, a reason that she gave, her own work in it. What
is open stays so for a working day, and is then on the print and in the HTTP interface too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import OF_TASK, Viewer
from service.casework.casefile import read_log
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.disclosure.answer_groups import (
    ASKED,
    OPEN,
    AnswerGroup,
    closed,
    group_answers,
)
from service.casework.cases.case_visibility import LOOKUP_LASTS
from service.casework.cases.protection import is_protected
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.context import Services
from service.store.at_hand import Read
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.transaction import Tx

FOR_TASK = "TASK"
"""The reason of who has an open task in the case."""
REASONS = (FOR_TASK, *read_log.REASONS)
"""Why somebody opens a group of answers."""
MOST = 400
"""Entries of a case among which opened groups are looked for."""


@dataclass(frozen=True, slots=True)
class DisclosedAnswers:
    """The answers of a case that one viewer may see, in groups, and which of these are open."""

    groups: tuple[AnswerGroup, ...]
    """Each with all its answers."""
    opened: frozenset[str]
    """Ids of the groups that she has opened lately."""
    has_task: bool
    """Whether a task waits for her in the case."""

    def is_open(self, group: AnswerGroup) -> bool:
        """Whether a group is shown whole."""
        return group.id in self.opened or group.classes <= {OPEN}

    def and_open(self, ids: Iterable[str]) -> DisclosedAnswers:
        """The same, with these groups open too."""
        return replace(self, opened=self.opened | {*ids})

    def needs_reason(self, group: AnswerGroup) -> bool:
        """Whether a group is closed, and is opened only with a reason of its own."""
        return not self.is_open(group) and ASKED in group.classes

    @property
    def shown(self) -> tuple[AnswerGroup, ...]:
        """The groups as they are shown now: a closed one without the answers that it holds."""
        return tuple(g if self.is_open(g) else closed(g) for g in self.groups)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons that she can give."""
        return REASONS if self.has_task else read_log.REASONS


def load_disclosed_answers(at: CaseView) -> DisclosedAnswers:
    """Load the answers of a case that the viewer may see, in groups."""
    visible = [answer for answer in at.answers if at.visibility.see(answer)]
    return DisclosedAnswers(
        groups=group_answers(at.services, at.words, visible, at.who),
        opened=_opened_lately(at),
        has_task=any(g.rule == OF_TASK for g in at.visibility.sight.grants_of(at.viewer)),
    )


def read_of_opened(case_id: str) -> Read:
    """What `load_disclosed_answers` reads besides the view of the case."""
    return ledger_entries.read_of_latest(f"reads/{case_id}", kinds=["reveal"], limit=MOST)


def _opened_lately(at: CaseView) -> frozenset[str]:
    """The groups that the viewer opened within a working day, as the case is marked now."""
    stream = f"reads/{at.case.id}"
    entries = ledger_entries.latest(at.at_hand, stream, kinds=["reveal"], limit=MOST)
    own = (e for e in entries if e.actor == at.viewer.person and at.now - e.at < LOOKUP_LASTS)
    bodies = [json.loads(entry.body) for entry in own]
    marking = _marking(at.case)
    return frozenset(body["group"] for body in bodies if body.get("marking", "") == marking)


def _marking(case: cases.CaseSummary) -> str:
    """The marking of a protected identity; "" for every other."""
    return case.marking if is_protected(case.marking) else ""


def open_groups(
    tx: Tx,
    at: CaseView,
    found: DisclosedAnswers,
    ids: Sequence[str],
    *,
    reason: str = "",
    text: str = "",
) -> DisclosedAnswers:
    """Open groups of answers for the viewer: each leaves an entry in the read log.

    Gives the answers with these groups open.

    Args:
        found: what is open so far.
        reason: one of `REASONS`; may be "" where the group asks for none.
        text: her own words, sealed.
    Raises:
        NotFound: there is no such group for her.
        InvalidAnswers: a reason is needed.
    """
    by_id = {group.id: group for group in found.groups}
    if unknown := set(ids) - set(by_id):
        raise NotFound(", ".join(sorted(unknown)))
    for id_ in dict.fromkeys(ids):
        group = by_id[id_]
        if found.is_open(group):
            continue
        if found.needs_reason(group) and reason not in found.reasons:
            label = at.say("case.lookup_reason")
            raise InvalidAnswers((FieldFault("reason", "form.required", {"label": label}),))
        read_log.record_reveal(
            tx,
            at.services,
            by=at.viewer,
            now=at.now,
            case=at.case,
            group=id_,
            classes=group.classes,
            reason=reason,
            text=text,
            unmasking=at.opened.number if at.opened is not None else None,
        )
    return found.and_open(ids)


def open_answer_groups(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    groups: Sequence[str],
    reason: str = "",
    text: str = "",
) -> None:
    """Open groups of answers of a case, with a reason.

    Raises:
        NotFound: there is no such case, or group, for her.
        InvalidAnswers: a reason is needed.
        ReasonNeeded: she must say first why she opens the case.
    """
    more = [read_of_opened(case_id)]
    at = load_case_view(tx, services, by, case_id, now, more=more, unmasks=True)
    found = load_disclosed_answers(at)
    open_groups(tx, at, found, groups, reason=reason, text=text)


def open_for_letter(
    tx: Tx, at: CaseView, found: DisclosedAnswers, letter: str
) -> tuple[DisclosedAnswers, str]:
    """Open the group that a letter to the viewer leads to.

    Gives the answers with it open, and its id, which is "" where the letter leads to none.

    Args:
        found: what is open so far.
        letter: what names it among the letters of the case.
    """
    viewer = at.viewer
    opening = read_log.find_opening(tx, at.services, by=viewer, case_id=at.case.id, letter=letter)
    group = next((g for g in found.groups if opening is not None and g.id == opening.group), None)
    if group is None:
        return found, ""
    if not found.is_open(group):
        read_log.record_reveal(
            tx,
            at.services,
            by=viewer,
            now=at.now,
            case=at.case,
            group=group.id,
            classes=group.classes,
            reason=read_log.BY_LETTER,
        )
    return found.and_open([group.id]), group.id
