"""JSON Schemas of the interface: dataclasses as OpenAPI 3.1 describes them, under written names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from service.casework.approvals import waiting_list
from service.casework.casefile import notes
from service.casework.casefile.disclosure import listed_answers
from service.casework.pages import (
    case_list,
    case_page,
    message_buttons,
    overview_tab,
    people_tab,
    records_tabs,
    tasks_tab,
)
from service.casework.referrals import referral_lists
from service.casework.tasks import case_facts, send_buttons, task_page
from service.people import office_contacts
from service.web.api.v1 import (
    absences,
    api_info,
    case_access,
    cases,
    corrections,
    drafts,
    dry_runs,
    files,
    forms,
    migrations,
    operations,
    papers,
    referrals,
    tasks,
)
from service.web.api.v1.shapes import LabelledText, about, limited

NAMES: Mapping[type, str] = {
    absences.AbsenceList: "AbsenceList",
    absences.ListedAbsence: "Absence",
    api_info.ApiInfo: "ApiInfo",
    message_buttons.MessageButton: "Act",
    case_page.CaseEnd: "Ended",
    listed_answers.LatestAnswer: "Answer",
    listed_answers.SealedGroup: "SealedGroup",
    records_tabs.DocumentRow: "PaperRow",
    overview_tab.ConsentLine: "Consent",
    people_tab.CaseOffice: "CaseOffice",
    office_contacts.OfficeContact: "OfficeContact",
    tasks_tab.OpenTask: "OpenTask",
    cases.Alert: "Alert",
    cases.Case: "Case",
    cases.CaseList: "CaseList",
    cases.CaseReferral: "CaseReferral",
    cases.CaseStage: "CaseStage",
    case_access.ApprovalAnswer: "ApprovalAnswer",
    case_access.ApprovalList: "ApprovalList",
    case_access.CaseReason: "CaseReason",
    case_access.OpenedAnswers: "OpenedAnswers",
    case_access.NewApproval: "NewApproval",
    cases.NewCase: "NewCase",
    cases.NewMessage: "NewMessage",
    corrections.Correction: "Correction",
    drafts.ListedDraft: "Draft",
    drafts.DraftList: "DraftList",
    drafts.DraftFile: "DraftFile",
    drafts.DraftContent: "DraftContent",
    drafts.DraftFileContent: "DraftFileContent",
    drafts.NewFileContent: "NewFileContent",
    drafts.DraftFinding: "DraftFinding",
    drafts.FindingList: "DraftFindings",
    dry_runs.DryRun: "DryRun",
    dry_runs.DryRunGroup: "DryRunGroup",
    migrations.EarlierRelease: "EarlierRelease",
    migrations.ListedPlan: "ListedPlan",
    migrations.MigrationList: "MigrationList",
    migrations.PlannedDeadline: "PlannedDeadline",
    migrations.PlannedRow: "PlannedRow",
    migrations.PlanWork: "PlanWork",
    migrations.MigrationPlanState: "MigrationPlan",
    files.NewFile: "NewFile",
    forms.Answers: "Answers",
    forms.FormSection: "FormSection",
    forms.Preview: "Preview",
    forms.Question: "Question",
    forms.Saved: "Saved",
    forms.TaskForm: "TaskForm",
    case_list.CaseRow: "Row",
    notes.NoteView: "Note",
    operations.Done: "Done",
    papers.NewPaper: "NewPaper",
    papers.Paper: "Paper",
    papers.PaperLine: "PaperLine",
    papers.PaperList: "PaperList",
    papers.SignedPaper: "SignedPaper",
    referral_lists.ReferralListRow: "Listed",
    referrals.Mark: "Mark",
    referrals.NewReferral: "NewReferral",
    referrals.Referral: "Referral",
    referrals.ReferralList: "ReferralList",
    referrals.Refusal: "Refusal",
    send_buttons.SendButton: "Button",
    task_page.Claim: "Claim",
    case_facts.DocumentLink: "File",
    tasks.Completion: "Completion",
    tasks.Earlier: "Earlier",
    tasks.ListedTask: "ListedTask",
    tasks.TakeOver: "TakeOver",
    tasks.Task: "Task",
    tasks.TaskList: "TaskList",
    waiting_list.WaitingApproval: "WaitingApproval",
}
"""Class to the name of its schema. Clients are generated from these names: renaming a class must
not rename its schema."""
ABOUT: Mapping[type, str] = {
    case_list.CaseRow: "One case of the list.",
    case_page.CaseEnd: "That a case is over, and how.",
    message_buttons.MessageButton: (
        "A message that the diagram can catch now, and that this person may send."
    ),
    tasks_tab.OpenTask: "A task that waits; without id it is not for this reader.",
    overview_tab.ConsentLine: "The newest consent to one purpose.",
    people_tab.CaseOffice: "An office that takes part in the case: its name, roles and contact.",
    office_contacts.OfficeContact: "How an office is reached; what is not known is empty.",
    notes.NoteView: "A note as pages show it.",
    records_tabs.DocumentRow: "A paper by its neutral name.",
    listed_answers.SealedGroup: (
        "Answers that are opened as a group (`open_answers`): how many, and whether with a reason."
    ),
    listed_answers.LatestAnswer: (
        "The last answer to a question of the case: the value as it is kept, and in words."
    ),
    task_page.Claim: "Who has the task.",
    send_buttons.SendButton: "One way to send, and what it leads to.",
    case_facts.DocumentLink: "A paper by its neutral name.",
    waiting_list.WaitingApproval: (
        "A request for a second person's approval: the case by its pseudonym, and nothing of it."
    ),
    referral_lists.ReferralListRow: "A referral of a list: process facts alone.",
}
"""Class of another package to the description of its schema; those of this one bear it."""
PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Any: {},
}


LIMITS: Mapping[str, str] = {"minimum": "ge", "maximum": "le", "pattern": "pattern"}
"""Keyword of JSON Schema to the name of the same limit in msgspec."""


def schema(
    hint: Any,  # noqa: ANN401  # a type
    parts: dict[str, Any],
    *,
    asked: bool = False,
) -> dict[str, Any]:
    """Describe a type as JSON Schema; what has a name goes into `parts`.

    Args:
        asked: whether it is what somebody sends: then what has a default may be left out, and what
            is unknown is refused.
    """
    origin = get_origin(hint)
    inside = get_args(hint)
    if origin is Annotated:
        return schema(inside[0], parts, asked=asked) | _limits(hint.__metadata__)
    if origin in (Union, UnionType):
        inner = next(one for one in inside if one is not type(None))
        return {"anyOf": [schema(inner, parts, asked=asked), {"type": "null"}]}
    if hint is LabelledText:
        return _object(hint, parts, asked=asked)
    if is_dataclass(hint):
        return _named(hint, parts, asked=asked)
    if origin is Literal:
        return {"enum": list(inside)}
    if origin in (frozenset, tuple):
        return {"type": "array", "items": schema(inside[0], parts, asked=asked)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema(inside[1], parts, asked=asked)}
    return dict(PLAIN[hint])


def _limits(said: tuple[object, ...]) -> dict[str, Any]:
    """What JSON Schema says of the limits that a field is read within."""
    found = {name: getattr(one, own, None) for one in said for name, own in LIMITS.items()}
    return {name: limit for name, limit in found.items() if limit is not None}


def _named(
    shape: Any,  # noqa: ANN401  # a dataclass
    parts: dict[str, Any],
    *,
    asked: bool,
) -> dict[str, Any]:
    name = NAMES[shape]
    if name not in parts:
        parts[name] = {}  # so that a shape that holds itself comes to an end
        made = _object(shape, parts, asked=asked)
        closed = {"additionalProperties": False} if asked else {}
        parts[name].update(made | {"description": ABOUT.get(shape) or about(shape)} | closed)
    return {"$ref": f"#/components/schemas/{name}"}


def _object(
    shape: Any,  # noqa: ANN401  # a dataclass
    parts: dict[str, Any],
    *,
    asked: bool,
) -> dict[str, Any]:
    defaults = {one.name: (one.default, one.default_factory) for one in fields(shape)}
    needed = [name for name, own in defaults.items() if not asked or own == (MISSING, MISSING)]
    properties = {name: schema(kind, parts, asked=asked) for name, kind in limited(shape).items()}
    made = {"type": "object", "properties": properties}
    return made | ({"required": needed} if needed else {})
