"""The fact of a turn: the row, its sealed payload, the sealed answers, and the ledger entry that
binds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.actions import ledger_kinds, rule_rows
from service.actions.cases import stimulus_codec
from service.actions.cases.fact_hash import fact_hash
from service.actions.cases.loaded_case import LoadedCase, Submission
from service.engine import ENGINE as ENGINE_TEXT
from service.engine import Advance, Stimulus
from service.security import ledger
from service.security.purposes import STATE
from service.security.vault import OwnerKey
from service.store.casefile import answers as answer_rows
from service.store.casefile import facts
from service.store.installation import entry_drafts
from service.store.installation.entry_drafts import EntryDraft
from service.store.transaction import Tx

PAYLOAD = "p"
"""Key of the payload's commitment in an entry; those of answers bear their class."""


def write_fact(
    tx: Tx, loaded: LoadedCase, stimulus: Stimulus, submission: Submission, outcome: Advance
) -> None:
    """Write the fact of a turn, the answers it brought, and its ledger entry."""
    case_id, rev = loaded.case.id, loaded.case.rev + 1
    plain, values = stimulus_codec.split(stimulus)
    where = {"table": "fact_payload", "column": "sealed", "row": case_id, "extra": str(rev)}
    content = {**values, **rule_rows.sealed_rows(outcome.steps)}
    payload, commitment = _seal(loaded.key, "routing", content, **where)
    rows, commitments = _sealed_answers(loaded, submission)
    fact = _fact(loaded, plain, submission, outcome)
    facts.add(tx, fact, payload)
    answer_rows.add(tx, rows)
    _write_entry(tx, loaded, fact, {PAYLOAD: commitment, **commitments}, submission.reason)


def _sealed_answers(
    loaded: LoadedCase, submission: Submission
) -> tuple[list[answer_rows.Answers], dict[str, str]]:
    """The rows of the answers, one a class, and the commitment of each."""
    case_id, rev = loaded.case.id, loaded.case.rev + 1
    rows: list[answer_rows.Answers] = []
    commitments: dict[str, str] = {}
    for klass, fields in sorted(submission.answers.items()):
        row = f"{case_id}:{rev}:{klass}"
        where = {"table": "answers", "column": "sealed", "row": row, "extra": klass}
        sealed, commitments[klass] = _seal(loaded.key, f"answers/{klass}", fields, **where)
        rows.append(
            answer_rows.Answers(
                case_id=case_id,
                rev=rev,
                klass=klass,
                element=submission.element,
                nth=submission.nth,
                form=submission.form,
                sealed=sealed,
                by=submission.by.id,
                office=submission.by.office,
                at=submission.now,
            )
        )
    return rows, commitments


def _fact(
    loaded: LoadedCase, plain: stimulus_codec.Plain, submission: Submission, outcome: Advance
) -> facts.Fact:
    fact = facts.Fact(
        case_id=loaded.case.id,
        rev=loaded.case.rev + 1,
        at=submission.now,
        actor=submission.by.id,
        office=submission.by.office,
        kind=plain["kind"],
        element=submission.element,
        nth=submission.nth,
        work_id=submission.work_id,
        release_id=loaded.case.release_id,
        definition=loaded.definition.digest,
        engine=ENGINE_TEXT,
        stimulus=plain,
        steps=rule_rows.open_steps(outcome.steps),
        open_after=[[o.kind, o.element, o.nth] for o in outcome.open],
        state=loaded.key.digest(STATE, outcome.state),
        prev_hash=loaded.rows.fact_hash,
        hash="",
    )
    return replace(fact, hash=fact_hash(fact))


def _write_entry(
    tx: Tx, loaded: LoadedCase, fact: facts.Fact, commitments: Mapping[str, str], reason: str
) -> None:
    body: dict[str, ledger.Canonical] = {
        "release": fact.release_id,
        "element": fact.element,
        "open": fact.hash,
        "seal": commitments,
        "rev": fact.rev,
    }
    if reason:
        body["reason"] = reason
    ledger_kinds.check(fact.kind, body)
    draft = EntryDraft(f"case/{fact.case_id}", fact.kind, fact.at, fact.actor, fact.office, body)
    entry_drafts.add(tx, draft, end=(loaded.rows.seq, loaded.rows.line_hash))


def _seal(
    key: OwnerKey, purpose: str, values: Mapping[str, Any], **where: str
) -> tuple[bytes, str]:
    """Seal values with a commitment key of their own; gives the sealed bytes, and the commitment
    that the ledger entry bears.
    """
    content = ledger.canonical(values)
    committed = key.seal_committed(purpose, content, **where)
    return committed.sealed, ledger.commitment(committed.key, content)
