"""Opening a case: saying why, and asking a second person or answering her."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from service.casework.approvals.waiting_list import WaitingApproval, load_approval_lists
from service.casework.casefile import protected_commands
from service.casework.casefile.disclosure.opened_groups import open_answer_groups
from service.casework.pages.case_commands import record_lookup_reason
from service.web.accounts.fresh_proof import require_proof
from service.web.api.v1.operations import Done, Reply, operation, submit
from service.web.api.v1.shapes import Text
from service.web.request_context import current


@dataclass(frozen=True, slots=True)
class CaseReason:
    """Why a case is opened: a code, and if need be own words."""

    reason: Literal["PHONE", "COVER", "PREPARE", "SAFETY", "OTHER"]
    text: Text = ""


@operation(
    "say_why", "POST", "/cases/<case>/reasons", asks=CaseReason, gives=Done, status=201, keyed=True
)
def say_why(case: str, body: CaseReason) -> Reply:
    """Say why a case is opened in which the caller has nothing to do, or whose identity is
    protected.
    It counts for a working day, and stands in the read log.
    """
    command = partial(
        record_lookup_reason, case_id=case, purpose=body.reason, reason=body.text.strip()[:200]
    )
    return submit(command, lambda _: f"/v1/cases/{case}")


@dataclass(frozen=True, slots=True)
class OpenedAnswers:
    """Groups of answers to open, by their ids (`sealed` of the case), and why: a code, and if need
    be own words. `TASK` is for who has a task in the case. A group that needs no reason is opened
    without.
    """

    groups: tuple[str, ...]
    reason: Literal["", "TASK", "PHONE", "COVER", "PREPARE", "SAFETY", "OTHER"] = ""
    text: Text = ""


@operation(
    "open_answers",
    "POST",
    "/cases/<case>/answers",
    asks=OpenedAnswers,
    gives=Done,
    status=201,
    keyed=True,
    faults=("reason_needed", "answers_invalid"),
)
def open_answers(case: str, body: OpenedAnswers) -> Reply:
    """Open groups of answers of a case, so that it shows them.
    It counts for a working day, and stands in the read log.
    """
    command = partial(
        open_answer_groups,
        case_id=case,
        groups=body.groups,
        reason=body.reason,
        text=body.text.strip()[:200],
    )
    return submit(command, lambda _: f"/v1/cases/{case}")


@dataclass(frozen=True, slots=True)
class NewApproval:
    """What a second person should approve of a protected identity: `subject` is the task, the
    paper, the document or the marking that it is about, empty for the case itself.
    """

    kind: Literal["print_case", "print_task", "make_paper", "open_document", "lower_marking"]
    reason: Text
    subject: Text = ""


@operation(
    "ask_approval",
    "POST",
    "/cases/<case>/approvals",
    asks=NewApproval,
    gives=Done,
    status=201,
    keyed=True,
    faults=("reason_needed", "not_named", "not_allowed", "answers_invalid"),
)
def ask_approval(case: str, body: NewApproval) -> Reply:
    """Ask a second person to approve an act on a protected identity.
    What is approved can be used once, by who asked.
    """
    command = partial(
        protected_commands.ask_approval,
        case_id=case,
        kind=body.kind,
        subject=body.subject,
        reason=body.reason,
    )
    return submit(command, lambda id_: f"/v1/approvals/{id_}")


@dataclass(frozen=True, slots=True)
class ApprovalList:
    """Requests that wait for the caller's decision, and those that she made herself."""

    waiting: tuple[WaitingApproval, ...]
    own: tuple[WaitingApproval, ...]


@operation("list_approvals", "GET", "/approvals", gives=ApprovalList, act="")
def list_approvals() -> Reply:
    """What waits for the caller as the second person, and what she asked for."""
    context = current()
    with context.transaction() as tx:
        lists = load_approval_lists(tx, context.program.services, context.viewer, context.now)
    return Reply(ApprovalList(lists.waiting, lists.own))


@dataclass(frozen=True, slots=True)
class ApprovalAnswer:
    """Whether it is approved."""

    approve: bool


@operation(
    "decide_approval",
    "POST",
    "/approvals/<approval>/decision",
    asks=ApprovalAnswer,
    gives=Done,
    keyed=True,
    act="",
    faults=("four_eyes", "not_allowed", "stale", "proof_needed"),
)
def decide_approval(approval: str, body: ApprovalAnswer) -> Reply:
    """Approve or refuse what somebody else asked for."""
    if body.approve:
        require_proof()
    command = partial(protected_commands.decide_approval, approval=approval, approve=body.approve)
    return submit(command, lambda _: f"/v1/approvals/{approval}")
