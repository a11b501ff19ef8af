"""`tresteg verify` without a keyring: chains, the log, checkpoints, and which rows are there."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from service.audit.checkpoint_checks import LOG, check_log
from service.audit.rows.bound_rows import Bindings, check_bound_rows
from service.audit.rows.installation_checks import check_case_numbers, check_chunks, check_dossiers
from service.audit.stream_checks import check_empty_streams, check_streams
from service.audit.verify import VerifyReport, case_ids
from service.casework.history.chain_checks import check_history, load_facts
from service.casework.history.violations import Violation, collecting
from service.security.checkpoint_folder import NOT_KEPT, OutsideLog
from service.store.casefile import cases
from service.store.transaction import Tx

UNCHECKED: Final = (
    "whether sealed values open, and are those that the ledger binds",
    "whether each case's state, tasks and timers are what its facts give",
    "whether a row that is there was changed",
    "who signed the checkpoints",
)
"""What needs the keyring."""


def verify_without_keys(tx: Tx, *, now: datetime, outside: OutsideLog = NOT_KEPT) -> VerifyReport:
    """Verify what needs no key: every chain, the one log, that facts are those that the ledger
    binds, and that exactly the rows are there that it binds.

    Args:
        outside: checkpoints that are kept outside the database, read before the transaction began.
    """
    ids = case_ids(tx)
    bindings = Bindings()
    faults: list[Violation] = []
    facts = lines = 0
    for id_ in ids:
        of_facts, of_lines = _check_case(tx, id_, bindings, faults)
        facts, lines = facts + of_facts, lines + of_lines
    others = check_streams(tx, ids, {f"case/{id_}" for id_ in ids}, bindings, faults)
    for place, found in (
        ("case_number", check_case_numbers(tx, others.system)),
        ("document_chunk", check_chunks(tx)),
        ("release_dossier", check_dossiers(tx)),
        ("rows", check_bound_rows(tx, bindings, now=now, make=None, lost=others.lost)),
    ):
        with collecting(faults, "I11", "installation", place):
            faults += found
    with collecting(faults, "I10", LOG, "checkpoint"):
        faults += check_log(tx, None, outside)
    faults += check_empty_streams(tx, faults)
    found_once = tuple(dict.fromkeys(faults))
    return VerifyReport(len(ids), facts, lines + others.lines, found_once, unchecked=UNCHECKED)


def _check_case(
    tx: Tx, case_id: str, bindings: Bindings, faults: list[Violation]
) -> tuple[int, int]:
    """Check the facts of a case and its stream; gives how many there are of each."""
    brief = cases.get(tx, case_id)
    stored = load_facts(tx, case_id, brief.rev if brief is not None else 0, faults)
    stream = check_history(tx, case_id, stored, faults)
    bindings.note(stream)
    return len(stored), len(stream)
