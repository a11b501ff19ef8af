"""The commands of a correction: keep what is typed, and correct a sent answer.

A correction is a fact of its own; what was answered before stays in the history. Where the step is
one of a pair that two persons do, a second person approves the correction first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.binding import Letter
from service.casework.approvals import protected_acts, requests
from service.casework.cases.given_answers import REASON
from service.casework.cases.loaded_case import LoadedCase, Submission, load_case, require_revision
from service.casework.cases.protection import LONGEST
from service.casework.cases.turn import TurnResult
from service.casework.commands.four_eyes import named_steps, require_four_eyes
from service.casework.commands.turn_consequences import Origin, follow, reads_of_follow
from service.casework.corrections import answer_changes
from service.casework.corrections.answer_changes import AnswerChanges
from service.casework.corrections.correction_form import CorrectionSession, open_correction
from service.casework.corrections.sent_answer import DECISION, SentAnswer
from service.casework.tasks.form_session import load_saved, save_typed
from service.casework.tasks.unsent_answers import SavedAnswers
from service.engine import Correct, Message
from service.errors import (
    ApprovalNeeded,
    CaseMoved,
    FieldFault,
    FourEyes,
    InvalidAnswers,
    NotAllowed,
    NotFound,
)
from service.forms import Raw, changed_rows
from service.records.context import Services, actor
from service.store.casefile import facts
from service.store.changes import Changes
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.writing import write

APPROVAL: Final = "correct_answer"
"""Kind of the approval of a correction."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """Result of a correction: its turn, or the id of the request that a second person decides."""

    case_id: str
    turn: TurnResult | None = None
    approval: str = ""


def correct_answer(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    fact: int,
    answers: Raw,
    rev: int | None = None,
    only_named: bool = False,
) -> Corrected:
    """Correct an answer that was sent, or ask a second person to approve that.

    Args:
        fact: number of the fact that answered.
        answers: the form as it is now, field path to texts, and the reason.
        rev: the revision of the case that the page was made from.
        only_named: whether `answers` holds only the fields that are to be another; the rest stays
            as it is.
    Raises:
        NotFound, NotAllowed, CaseEnded, ReasonNeeded, NotNamed: as `load_sent_answer`.
        Stale: somebody has moved the case since.
        InvalidAnswers: field by field; nothing has changed.
        FourEyes: she did the step that has to be another person's.
        DueFirst: a deadline passed; the unit of work fires its timer and tries again.
    """
    session = open_correction(tx, services, by, case_id, fact, now)
    sent = session.target.sent
    if sent.is_decision:
        raise NotAllowed(why=DECISION)
    if rev is not None:
        require_revision(tx, sent.loaded.case, rev)
    raw = _with_named(session, answers) if only_named else answers
    changes = _checked(session, raw)
    _require_other_person(sent, by)
    if needs_approval(sent):
        subject = changes.digest(sent)
        try:
            _use_approval(tx, by, now, case_id, subject)
        except ApprovalNeeded:
            save_typed(tx, session, raw, load_saved(session).rev, files_too=False)
            id_ = _ask(tx, services, by, now, case_id, subject, _reason(raw))
            return Corrected(case_id, approval=id_)
    return Corrected(case_id, _correct(tx, session, changes, _reason(raw)))


def keep_correction(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    fact: int,
    answers: Raw,
    rev: int,
    refuse_conflicts: bool = False,
    button: str = "",
) -> SavedAnswers:
    """Keep what is typed to correct an answer and is not sent.

    Args:
        rev: revision of the unsent answers that the page was made from.
    Raises:
        NotFound, NotAllowed, CaseEnded, ReasonNeeded, NotNamed: as `load_sent_answer`.
        CaseMoved: another tab has changed a field.
    """
    session = open_correction(tx, services, by, case_id, fact, now)
    typed = changed_rows(answers, session.form, button)
    saved = save_typed(tx, session, typed, rev, files_too=False)
    if saved.clashes and refuse_conflicts:
        raise CaseMoved(clashes=saved.clashes)
    return saved


def needs_approval(sent: SentAnswer) -> bool:
    """Whether a second person approves the correction: the step is under the four-eyes rule with
    another step, which it names, or which names it and has been done.
    """
    if named_steps(sent.element):
        return True
    return bool(_done_by_another(sent))


def _done_by_another(sent: SentAnswer) -> dict[str, set[str]]:
    """The steps that name this one and have been done, and who did them."""
    if not sent.naming:
        return {}
    return facts.who_completed(sent.at_hand, sent.loaded.case.id, sent.naming)


def _require_other_person(sent: SentAnswer, by: Viewer) -> None:
    """Refuse a correction to whoever did the other step of a pair that two persons do."""
    require_four_eyes(sent.loaded, sent.element, by)
    for element, persons in _done_by_another(sent).items():
        if by.person in persons:
            raise FourEyes(why="four_eyes", element=element)


def _use_approval(tx: Tx, by: Viewer, now: datetime, case_id: str, subject: str) -> None:
    digest = protected_acts.digest(APPROVAL, case_id, subject)
    requests.use(tx, by=by, now=now, kind=APPROVAL, case_id=case_id, digest=digest, subject=subject)


def _ask(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    case_id: str,
    subject: str,
    reason: str,
) -> str:
    return requests.ask(
        tx,
        services,
        by=by,
        now=now,
        kind=APPROVAL,
        case_id=case_id,
        subjects={"subject": subject},
        digest=protected_acts.digest(APPROVAL, case_id, subject),
        reason=reason,
    )


def _with_named(session: CorrectionSession, answers: Raw) -> Raw:
    """The form as it was, with the answers that are named; a list is named as a whole."""
    lists = {field.key for field in session.form.fields if field.kind == "list"}
    whole = {path.partition(".")[0] for path in answers} & lists
    base = {k: v for k, v in session.base.items() if k.partition(".")[0] not in whole}
    return {**base, **answers}


def _reason(raw: Raw) -> str:
    return " ".join(raw.get(REASON, ())).strip()


def _checked(session: CorrectionSession, raw: Raw) -> AnswerChanges:
    """Changes of a correction, checked together with its reason.

    Raises:
        InvalidAnswers: faults of the form, no reason, or nothing that changes.
    """
    checked = session.check(raw)
    reason = _reason(raw)
    faults = [*checked.faults]
    if not reason:
        faults.append(FieldFault(REASON, "form.reason_missing"))
    elif len(reason) > LONGEST:
        over = len(reason) - LONGEST
        faults.append(FieldFault(REASON, "form.too_long", {"n": over, "most": LONGEST}))
    changes = session.changes(raw)
    if not faults and not changes.answers:
        faults.append(FieldFault(REASON, "correction.nothing"))
    if faults:
        raise InvalidAnswers(tuple(faults))
    return changes


def _correct(tx: Tx, session: CorrectionSession, changes: AnswerChanges, reason: str) -> TurnResult:
    """Write the correction, and have it weighed where something rested on what was wrong."""
    sent, services = session.target.sent, session.services
    by, now, fact = session.viewer, session.now, sent.fact
    given = Submission(
        actor(by),
        now,
        fact.element,
        fact.nth,
        fact.work_id,
        fact.form,
        changes.sealed(sent, reason),
        letters=tuple(_letters(sent, changes)),
    )
    value = answer_changes.weigher(sent, changes)
    stimulus = Correct(sent.element.id, changes.variables)
    origin = Origin(by, unsent_key=session.target.unsent_key)
    # loaded anew, and locked: what came before in this transaction is written
    loaded = _load(tx, services, sent.loaded.case.id)
    rules, changed = sent.configuration.corrections, Changes.of(tx)
    corrected = follow(services, loaded, stimulus, given, origin, changed)
    if value and not corrected.result.ended:
        after = corrected.after
        (start, *_) = after.definition.messages[rules.weigh.message]
        asked = Submission(actor(by), now, start)
        message = Message(rules.weigh.message, {rules.weigh.name: value})
        follow(services, after, message, asked, Origin(by), changed)
    write(tx, changed)
    return corrected.result


def _load(tx: Tx, services: Services, case_id: str) -> LoadedCase:
    found = turn_rows.read_of_case(tx, case_id)
    if found is None:
        raise NotFound
    rows, at_hand = found
    services.release(tx, rows.case.release_id)
    loaded = load_case(at_hand, services, rows)
    if needs := reads_of_follow(loaded):
        loaded.take(tx.read(*needs))
    return loaded


def _letters(sent: SentAnswer, changes: AnswerChanges) -> Iterable[Letter]:
    """A letter to each office that is concerned, in a role that it holds in the case."""
    template, holders = sent.configuration.corrections.letter, sent.loaded.parties
    if template:
        for office in answer_changes.concerned_offices(sent.at_hand, sent, changes, sent.fact.at):
            role = next(role for role in sorted(holders) if holders[role] == office)
            yield Letter(role=role, template=template)
