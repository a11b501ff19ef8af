"""Engine: runs diagrams (BPMN), decision tables (DMN) and expressions (FEEL).

Pure: no database, clock, socket or file. The only importer of SpiffWorkflow. Other packages import
from here alone; what they may use is in `__all__`.

types, limits                       stimuli, outcomes of a turn, facts about a release; every limit
definition, definition_digest       one process of a release, linted and built
advance, stimuli, variable_checks   one turn of a case; what each stimulus changes
audit_guard                         a turn that can open no file, socket or process
migration, migration_check          a case on another version, or back in an earlier state
rerun, compare                      history again, on the same diagrams or on a draft
localized                           a diagram with the names of another language
version                             the number of what a diagram means, in each fact
stored_state                        parts of a stored state, and the codes of its rows
bpmn, dmn, feel, timing             parsers and evaluators: diagrams, rules, expressions, times
lint                                all findings about a release; promises; soundness
spiff                               SpiffWorkflow and what replaces parts of it; the state as bytes
"""

from service.engine.advance import KINDS_OF_STOP, advance, waiting_messages
from service.engine.audit_guard import guarded, let_debuggers_in, self_test
from service.engine.bpmn.drawn_planes import Box, DrawnLine, DrawnPlane, DrawnShape, drawn_planes
from service.engine.bpmn.elements import ZEEBE
from service.engine.bpmn.file_parts import FileParts, file_parts
from service.engine.bpmn.model import Model, Node, Process, Scope, SequenceFlow
from service.engine.bpmn.parser import read_model
from service.engine.bpmn.sentences import broke, too_slow
from service.engine.bpmn.variable_names import (
    VariableUse,
    names_set,
    positions_in_feel,
    renamed_in_feel,
    renamed_in_file,
    uses_in_file,
)
from service.engine.compare import ChangedDecision, Passage, RerunVerdict, history_on
from service.engine.compare import verdict as compare_with_draft
from service.engine.definition import Definition, Definitions, build_published, read
from service.engine.dmn.evaluator import Trial, decide, decided_columns, try_decision
from service.engine.dmn.model import Decision, DrawnColumn, DrawnRow, DrawnTable, Input
from service.engine.feel import Expression, FeelError, bare, plain, typed
from service.engine.feel.types import Type
from service.engine.limits import TIME_WEB, TIME_WORKER
from service.engine.lint import lint, removed
from service.engine.lint.promises import Promise, read_promise
from service.engine.localized import Survey, drawn_in, for_viewing, in_language, survey
from service.engine.migration.findings import MigrationCheck, MigrationNote, Problem
from service.engine.migration.state_rows import Token, tokens
from service.engine.migration_check import check as check_move
from service.engine.rerun import RecordedFact
from service.engine.shared_turns import TurnSource
from service.engine.spiff.codec import unpack as peek
from service.engine.stored_state import LastState
from service.engine.timing.calendars import Calendar, read_calendars
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Correct,
    Due,
    Element,
    Fail,
    Files,
    Flow,
    FormFacts,
    Message,
    Move,
    Open,
    Restore,
    RoleFacts,
    Start,
    Step,
    Stimulus,
    TopicFacts,
    Variables,
)
from service.engine.version import ENGINE, ENGINE_NUMBER, engine_changes, engine_number

__all__ = [
    "ENGINE",
    "ENGINE_NUMBER",
    "KINDS_OF_STOP",
    "TIME_WEB",
    "TIME_WORKER",
    "ZEEBE",
    "Advance",
    "Answer",
    "Box",
    "Calendar",
    "ChangedDecision",
    "Complete",
    "Correct",
    "Decision",
    "Definition",
    "Definitions",
    "DrawnColumn",
    "DrawnLine",
    "DrawnPlane",
    "DrawnRow",
    "DrawnShape",
    "DrawnTable",
    "Due",
    "Element",
    "Expression",
    "Fail",
    "FeelError",
    "FileParts",
    "Files",
    "Flow",
    "FormFacts",
    "Input",
    "LastState",
    "Message",
    "MigrationCheck",
    "MigrationNote",
    "Model",
    "Move",
    "Node",
    "Open",
    "Passage",
    "Problem",
    "Process",
    "Promise",
    "RecordedFact",
    "RerunVerdict",
    "Restore",
    "RoleFacts",
    "Scope",
    "SequenceFlow",
    "Start",
    "Step",
    "Stimulus",
    "Survey",
    "Token",
    "TopicFacts",
    "Trial",
    "TurnSource",
    "Type",
    "VariableUse",
    "Variables",
    "advance",
    "bare",
    "broke",
    "build_published",
    "check_move",
    "compare_with_draft",
    "decide",
    "decided_columns",
    "drawn_in",
    "drawn_planes",
    "engine_changes",
    "engine_number",
    "file_parts",
    "for_viewing",
    "guarded",
    "history_on",
    "in_language",
    "let_debuggers_in",
    "lint",
    "names_set",
    "peek",
    "plain",
    "positions_in_feel",
    "read",
    "read_calendars",
    "read_model",
    "read_promise",
    "removed",
    "renamed_in_feel",
    "renamed_in_file",
    "self_test",
    "survey",
    "tokens",
    "too_slow",
    "try_decision",
    "typed",
    "uses_in_file",
    "waiting_messages",
]
