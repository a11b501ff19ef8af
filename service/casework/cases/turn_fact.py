"""The fact of a turn: the row, its sealed values, and the ledger entry that binds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.casework.cases import stimulus_codec
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.engine import ENGINE as ENGINE_TEXT
from service.engine import Advance, Stimulus
from service.records import fact_format, ledger_kinds, rule_rows
from service.records.fact_format import fact_hash
from service.security import ledger
from service.security.purposes import STATE
from service.security.vault import OwnerKey
from service.store.casefile import facts
from service.store.installation import entry_drafts
from service.store.installation.entry_drafts import EntryDraft
from service.store.transaction import Tx


def write_fact(
    tx: Tx, loaded: LoadedCase, stimulus: Stimulus, submission: Submission, outcome: Advance
) -> None:
    """Write the fact of a turn, its sealed values, and its ledger entry."""
    bare, values = stimulus_codec.split(stimulus)
    plain = {**submission.details, **bare}
    fact = _fact(loaded, plain, submission, outcome)
    routing = {**values, **rule_rows.sealed_rows(outcome.steps)}
    sealed, commitments = _sealed_values(loaded.key, fact, routing, submission.answers)
    facts.add(tx, fact, sealed)
    _write_entry(tx, loaded, fact, ledger.digest(commitments), submission.reason)


def _sealed_values(
    key: OwnerKey,
    fact: facts.Fact,
    routing: Mapping[str, Any],
    answers: Mapping[str, Mapping[str, Any]],
) -> tuple[facts.FactPayload, dict[str, str]]:
    """The sealed values of a fact, and the commitment to each by its column."""
    columns: dict[str, bytes] = {}
    commitments: dict[str, str] = {}
    parts = {"routing": routing, **{facts.COLUMN[klass]: answers[klass] for klass in answers}}
    for column, content in parts.items():
        plain = ledger.canonical(content)
        place = fact_format.place(fact.case_id, fact.rev, column)
        committed = key.seal_committed(fact_format.PURPOSES[column], plain, **place)
        columns[column] = committed.sealed
        commitments[column] = ledger.commitment(committed.key, plain)
    return facts.FactPayload(fact.case_id, fact.rev, **columns), commitments


def _fact(
    loaded: LoadedCase, plain: stimulus_codec.Plain, submission: Submission, outcome: Advance
) -> facts.Fact:
    waiting = [[o.kind, o.element, o.nth] for o in outcome.open]
    return facts.Fact(
        case_id=loaded.case.id,
        rev=loaded.case.rev + 1,
        at=submission.now,
        actor=submission.by.id,
        office=submission.by.office,
        kind=plain["kind"],
        element=submission.element,
        nth=submission.nth,
        work_id=submission.work_id,
        form=submission.form,
        release_id=loaded.case.release_id,
        engine=ENGINE_TEXT,
        turn=facts.Turn(plain, rule_rows.open_steps(outcome.steps), waiting),
        state=loaded.key.digest(STATE, outcome.state),
    )


def _write_entry(tx: Tx, loaded: LoadedCase, fact: facts.Fact, seal: str, reason: str) -> None:
    body: dict[str, ledger.Canonical] = {"rev": fact.rev}
    if reason:
        body["reason"] = reason
    ledger_kinds.check(fact.kind, body)
    draft = EntryDraft(
        f"case/{fact.case_id}",
        fact.kind,
        fact.at,
        fact.actor,
        fact.office,
        body,
        open_=fact_hash(fact),
        seal=seal,
    )
    entry_drafts.add(tx, draft, end=loaded.rows.end)
