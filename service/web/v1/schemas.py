"""The names of the interface: each shape with its name in the OpenAPI document and its keys in JSON.

They are a promise to programs and kept for ever; classes and their fields may be renamed.
"""

from __future__ import annotations

from typing import Any

from service.actions import case_page, case_records, case_tabs, lists, noting, referral_page, task_page
from service.web.v1 import cases, files, forms, operations, referrals, tasks
from service.web.v1.shapes import SCHEMAS, Schema, attributes

TABLE: dict[Any, Schema] = {
    operations.Nothing: Schema(
        "Nothing",
        "",
    ),
    cases.CasesAsked: Schema(
        "CasesAsked",
        "stage state sort limit after",
    ),
    cases.CaseList: Schema(
        "CaseList",
        "items next",
    ),
    lists.Row: Schema(
        "Row",
        "id ref number stage state state_text waits_for since owner due alerts shielded",
        about="One case of the list.",
    ),
    cases.Case: Schema(
        "Case",
        "id ref number rev process release owner opened ended lookup stages facts alerts acts tasks consents referrals notes files answers hidden",
    ),
    case_page.Ended: Schema(
        "Ended",
        "at text",
        about="That a case is over, and how.",
    ),
    cases.CaseStage: Schema(
        "CaseStage",
        "n title state date",
    ),
    cases.Alert: Schema(
        "Alert",
        "tone text",
    ),
    case_page.Act: Schema(
        "Act",
        "message label text danger",
        about="A message that the diagram can catch now, and that this person may send.",
    ),
    case_tabs.OpenTask: Schema(
        "OpenTask",
        "id name at due claimed_by usual",
        about="A task that waits; without id it is not for this reader.",
    ),
    case_tabs.Consent: Schema(
        "Consent",
        "purpose state given until by",
        about="The newest consent to one purpose.",
    ),
    cases.CaseReferral: Schema(
        "CaseReferral",
        "id to text",
    ),
    noting.Note: Schema(
        "Note",
        "text by at shared_with own",
        about="A note as pages show it.",
    ),
    case_records.PaperRow: Schema(
        "PaperRow",
        "id name kind size by at state why droppable",
        about="A paper by its neutral name.",
    ),
    case_records.Answer: Schema(
        "Answer",
        "label value text klass step office at",
        about="The last answer to a question of the case: the value as it is kept, and in words.",
    ),
    cases.NewCase: Schema(
        "NewCase",
        "element answers previous",
    ),
    operations.Done: Schema(
        "Done",
        "id location",
    ),
    cases.NewMessage: Schema(
        "NewMessage",
        "message answers",
    ),
    files.NewFile: Schema(
        "NewFile",
        "task field",
    ),
    tasks.TasksAsked: Schema(
        "TasksAsked",
        "box stage due sender sort limit after",
    ),
    tasks.TaskList: Schema(
        "TaskList",
        "items next",
    ),
    tasks.ListedTask: Schema(
        "ListedTask",
        "id name ref case stage due sender claimed_by mine unsent_by shielded",
    ),
    tasks.Task: Schema(
        "Task",
        "id name case ref rev stage stage_name due help claim can_edit can_take_over buttons why rule facts earlier hidden notes files",
    ),
    task_page.Claim: Schema(
        "Claim",
        "name since mine",
        about="Who has the task.",
    ),
    task_page.Button: Schema(
        "Button",
        "name value label tone lines late",
        about="One way to send, and what it leads to.",
    ),
    task_page.Earlier: Schema(
        "Earlier",
        "title by at answers",
        about="What one step of the case answered, as far as the reader may see it.",
    ),
    task_page.File: Schema(
        "File",
        "id name kind size",
        about="A paper by its neutral name.",
    ),
    tasks.TakeOver: Schema(
        "TakeOver",
        "take_over",
    ),
    tasks.Completion: Schema(
        "Completion",
        "rev answers",
    ),
    forms.TaskForm: Schema(
        "TaskForm",
        "task rev saved sections answers",
    ),
    forms.FormSection: Schema(
        "FormSection",
        "id label help questions",
    ),
    forms.Question: Schema(
        "Question",
        "path kind label help required hidden buttons options fields fewest_rows most_rows longest multiple data_class purpose hint",
    ),
    forms.Answers: Schema(
        "Answers",
        "answers",
    ),
    forms.Saved: Schema(
        "Saved",
        "rev saved",
    ),
    forms.Preview: Schema(
        "Preview",
        "buttons late",
    ),
    referrals.ReferralsAsked: Schema(
        "ReferralsAsked",
        "box state limit after",
    ),
    referrals.ReferralList: Schema(
        "ReferralList",
        "items next",
    ),
    referral_page.Listed: Schema(
        "Listed",
        "id ref sent_by sent_to purpose state text sent due",
        about="A referral of a list: process facts alone.",
    ),
    referrals.Referral: Schema(
        "Referral",
        "id ref case sent_by sent_to sender purpose rests sent due states text reason packet hidden gone talk acts refusals",
    ),
    referrals.Mark: Schema(
        "Mark",
        "state at",
    ),
    referrals.NewReferral: Schema(
        "NewReferral",
        "case office purpose rev fields days",
    ),
    referrals.Refusal: Schema(
        "Refusal",
        "reason text",
    ),
}

SCHEMAS.update(TABLE)
for shape in TABLE:
    attributes(shape)  # a field without a name, or a name without a field, is told at the start
