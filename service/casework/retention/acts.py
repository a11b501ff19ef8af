"""Acts of the retention plan on what an office wrote in a case: each is a row, and a line of the
case's history.
"""

from __future__ import annotations

from datetime import datetime

from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.casefile import retention_acts
from service.store.casefile.retention_acts import RetentionAct
from service.store.transaction import Tx


def add_act(
    tx: Tx,
    act: RetentionAct,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    **more: ledger_lines.Canonical,
) -> RetentionAct:
    """Keep an act, and say so in the history of its case; gives the act.

    Args:
        kind: of the entry.
        more: what the entry says besides whose records of which classes the act is about, and under
            which rule.
    """
    retention_acts.add(tx, act)
    body: dict[str, ledger_lines.Canonical] = {
        "act": act.id,
        "to": act.office_id,
        "classes": (*act.classes,),
        "rule": act.rule,
        "plan": act.plan,
        **more,
    }
    append_entry(tx, f"case/{act.case_id}", kind, by=by, now=now, body=body)
    return act
