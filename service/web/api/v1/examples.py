"""Examples of the interface: a body of each shape, put together from one value for each field.

Everybody in them is invented, and is called so; the telephone number is one that is kept free for
invented people (PTS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from service.web.api.v1.json_schema import NAMES
from service.web.api.v1.shapes import LabelledText, hints

WHEN, DAY = "2026-05-04T07:30:00Z", "2026-05-04"
CASE, TASK, PAPER = (
    "01KJQ6PSG0RJ0AQBKNA7GTC0GM",
    "01KJQ6PSG0F1MMW1G8RE4V4G0T",
    "01KJQ6PSG0VAXXK5EKC8RBJWQ5",
)
REFERRAL, REQUEST = "01KJQ6PSG0AGNHJ6P95G6X5WQW", "01KJQ6PSG07DQ8Z6E2D2NH01RY"
DRAFT, RUN, PLAN = (
    "01KJQ6PSG0G05DXGBRK9M16PJE",
    "01KJQ6PSG068GG3SWC6Z04JATG",
    "01KJQ6PSG0TFB896XYKR8B2HRQ",
)
OFFICER, COLLEAGUE, OFFICE = "Eva Exempel", "Erik Exempel", "Exempelby social services"
DIAGRAM = "workflows/return_case.bpmn"
PLAIN: Mapping[Any, object] = {
    bool: False,
    int: 1,
    datetime: WHEN,
    date: DAY,
}
"""What stands where a field has no value of its own."""
VALUES: Mapping[str, object] = {
    "ApiInfo.apiDocumentation": "https://tresteg.example.org/api",
    "ApiInfo.apiName": "Tresteg",
    "ApiInfo.apiReleased": "2026-11-27",
    "ApiInfo.apiVersion": "0.3.0",
    "ApprovalAnswer.approve": True,
    "Act.text": "The person withdraws the consent; the case ends.",
    "Act.work": "",
    "Alert.text": "The consent ends in a week.",
    "Answer.at": WHEN,
    "Answer.office": OFFICE,
    "Answer.text": "Bulgarian",
    "Answers.answers": {"risks": [{"severity": "HIGH"}]},
    "Button.name": "decision",
    "Button.tone": "main",
    "Button.value": "APPROVED",
    "Case.answers": {"languages": ...},
    "Case.facts": ["Bulgaria", "voluntary"],
    "Case.id": CASE,
    "Case.release": "v3",
    "CaseList.next": None,
    "CaseOffice.name": OFFICE,
    "CaseReason.text": "she called",
    "CaseReferral.id": REFERRAL,
    "CaseReferral.text": "sent, not answered yet",
    "CaseStage.state": "current",
    "CaseStage.title": "Before the journey",
    "Claim.name": OFFICER,
    "Completion.answers": {"decision": "APPROVED"},
    "Correction.answers": {"languages": ["bg"]},
    "Correction.reason": "It was typed wrongly.",
    "Done.id": CASE,
    "Draft.base": "v3",
    "Draft.id": DRAFT,
    "Draft.name": "v4",
    "DraftFile.name": DIAGRAM,
    "DraftFile.size": 48_213,
    "DraftFileContent.name": DIAGRAM,
    "DraftFinding.code": "D401",
    "DraftFinding.element": "Gateway_Decision",
    "DraftFinding.file": DIAGRAM,
    "DraftFinding.text": "No flow leaves when no condition holds.",
    "DryRun.base": "v3",
    "DryRun.id": RUN,
    "DryRun.state": "done",
    "DryRunGroup.element": "Gateway_Decision",
    "DryRunGroup.text": "goes on as before",
    "EarlierRelease.id": "v2",
    "EarlierRelease.name": "v2",
    "Earlier.title": "Counsel the returnee",
    "Ended.text": "The person is back and is supported.",
    "File.id": PAPER,
    "File.kind": "PDF",
    "File.name": "document 1",
    "File.size": "120 kB",
    "FormSection.help": "",
    "FormSection.id": "risks",
    "FormSection.label": "Risks",
    "Listed.id": REFERRAL,
    "Listed.purpose": "Protection of a child",
    "Listed.state": "sent",
    "Listed.text": "sent, not answered yet",
    "ListedPlan.id": PLAN,
    "ListedPlan.name": "v2 to v3",
    "ListedTask.id": TASK,
    "ListedTask.name": "Offer information about return",
    "ListedTask.unsent_by": "",
    "Mark.state": "sent",
    "MigrationPlan.id": PLAN,
    "MigrationPlan.review": "approved",
    "MigrationPlan.source": "v2",
    "NewApproval.reason": "The person has no card of hers.",
    "NewApproval.subject": "",
    "NewCase.answers": {"languages": ["bg"]},
    "NewCase.element": "Start_NewCase",
    "NewCase.previous": "",
    "NewMessage.answers": {},
    "NewMessage.work": "",
    "NewPaper.typed": {"one": "Eva Exempel, 08-465 004 00"},
    "Note.text": "Called, nobody answered.",
    "OpenTask.at": "Before the journey",
    "OpenTask.id": TASK,
    "OpenTask.name": "Offer information about return",
    "OpenedAnswers.groups": ["name"],
    "OpenedAnswers.reason": "TASK",
    "OpenedAnswers.text": "",
    "Paper.id": "card",
    "Paper.kind": "card",
    "Paper.title": "Card with telephone numbers",
    "PaperLine.key": "one",
    "PaperLine.label": "Whom to call",
    "PaperLine.most": 60,
    "PaperRow.id": PAPER,
    "PaperRow.kind": "PDF",
    "PaperRow.name": "document 1",
    "PaperRow.size": "120 kB",
    "PaperRow.state": "",
    "PlanWork.id": PLAN,
    "PlanWork.kind": "move",
    "PlanWork.state": "done",
    "PlannedDeadline.element": "Task_Example",
    "PlannedDeadline.name": "Counsel the returnee",
    "PlannedRow.key": "1",
    "PlannedRow.reasons": [],
    "PlannedRow.release": "v2",
    "Preview.buttons": {"APPROVED": ["The application goes to IOM Helsinki."]},
    "Question.buttons": False,
    "Question.fields": [],
    "Question.help": "",
    "Question.kind": "radio",
    "Question.label": "How grave is it?",
    "Question.purpose": "Protection of the person",
    "Referral.acts": ["revoke"],
    "Referral.gone": "",
    "Referral.id": REFERRAL,
    "Referral.purpose": "Protection of a child",
    "Referral.reason": "",
    "Referral.sender": OFFICER,
    "Referral.text": "sent, not answered yet",
    "ReferralList.next": None,
    "Refusal.reason": "NOT_OURS",
    "Refusal.text": "",
    "Row.alerts": 0,
    "Row.id": CASE,
    "Row.state": "waiting",
    "Row.state_text": "waits for a person",
    "SealedGroup.sealed": 3,
    "SealedGroup.title": "Name",
    "Task.help": "Give the leaflet, and read it aloud.",
    "Task.id": TASK,
    "Task.name": "Offer information about return",
    "Task.why": ["The applicant is of age."],
    "TaskForm.answers": {"risks.0.severity": ["HIGH"]},
    "TaskList.next": None,
    "WaitingApproval.classes": [],
    "WaitingApproval.draft": "",
    "WaitingApproval.id": REQUEST,
    "WaitingApproval.plan": "",
    "WaitingApproval.reason": "The person has no card of hers.",
    "WaitingApproval.release": "",
    "WaitingApproval.state": "waiting",
    "WaitingApproval.state_text": "waits for a second person",
    "at": WHEN,
    "becomes": "same",
    "by": OFFICER,
    "case": CASE,
    "claimed_by": OFFICER,
    "code": "7F3K-2MPQ",
    "content": '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
    "counts": {"moved": 12},
    "data_class": "C2",
    "days": 5,
    "deadline_changes": [],
    "deputy": "erik",
    "deputy_name": COLLEAGUE,
    "done": 12,
    "field": "signedApplication",
    "fields": ["languages"],
    "goals": "as before",
    "group": "name",
    "hidden_groups": ["health"],
    "hint": "",
    "hours": "weekdays 9 to 15",
    "klass": "C1",
    "label": "Languages",
    "lang": "sv",
    "languages": ["sv", "en", "bg"],
    "lines": ["The application goes to IOM Helsinki."],
    "location": f"/v1/cases/{CASE}",
    "made_by": OFFICER,
    "mail": "social@example.org",
    "message": "Message_ConsentWithdrawn",
    "n": "1",
    "name": OFFICER,
    "number": "EX 2026-17",
    "numbers": {"same": 12},
    "office": "exempelby",
    "officer": OFFICER,
    "owner": OFFICE,
    "paper": "card",
    "path": "risks.0.severity",
    "person": "eva",
    "places": "Counsel the returnee",
    "post": "Box 1, 123 45 Exempelby",
    "process": "Return in three steps",
    "purpose": "CHILD",
    "ref": "stilla-gran-10",
    "rests": "a consent",
    "rev": 17,
    "roles": ["social services"],
    "rule": None,
    "saved_by": OFFICER,
    "seen_as": "",
    "sender": OFFICE,
    "sent_by": OFFICE,
    "sent_to": "Exempelby children's services",
    "severity": "W",
    "shared_with": "",
    "signed_by": "",
    "signs": "",
    "stage": "1",
    "stage_name": "Before the journey",
    "state": "given",
    "step": "Counsel the returnee",
    "take_over": "",
    "target": "v3",
    "task": TASK,
    "telephone": "08-465 004 00",
    "to": "Exempelby children's services",
    "tone": "warning",
    "total": 12,
    "usual": "",
    "value": ["bg"],
    "verdict": "same",
    "visit": "Exempelgatan 1, Exempelby",
    "waits_for": "Offer information about return",
    "what": "a print of the case",
    "who": COLLEAGUE,
    "why": "",
    "word": "",
}
"""Field, if need be with the name of its schema, to what stands in it; `...` stands for an example
of what the field holds."""
LABELLED: Mapping[str, object] = {"label": "Languages", "text": "Bulgarian"}


def example(shape: Any) -> dict[str, object]:  # noqa: ANN401  # a dataclass
    """A body of a shape, as JSON."""
    if shape is LabelledText:
        return dict(LABELLED)
    return {name: _value(NAMES[shape], name, kind) for name, kind in hints(shape).items()}


def _value(owner: str, name: str, kind: Any) -> object:  # noqa: ANN401  # a type
    found = VALUES.get(f"{owner}.{name}", VALUES.get(name, ...))
    if found is ...:
        return _made(owner, name, kind)
    if isinstance(found, dict) and ... in found.values():
        return {key: _made(owner, name, get_args(kind)[1]) for key in found}
    return found


def _made(owner: str, name: str, kind: Any) -> object:  # noqa: ANN401  # a type
    """What a field holds that has no value of its own.

    Raises:
        KeyError: nobody has thought of an example of it.
    """
    origin, inside = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return example(kind)
    if origin in (Union, UnionType):
        return _made(owner, name, inside[0])
    if origin in (tuple, frozenset):
        return [_made(owner, name, inside[0])]
    if origin is Literal:
        return inside[0]
    if kind not in PLAIN:
        raise KeyError(f"{owner}.{name}")
    return PLAIN[kind]
