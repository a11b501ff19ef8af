"""The engine room: how diagrams, rules and expressions run.

Pure: no database, clock, socket or file. The only importer of SpiffWorkflow.

What the other rooms may use stands here. Where things are:

===========================
============================================================================================
`types`, `limits`            stimuli, what a turn brings, facts about elements; every bound `feel/`
FEEL expressions: grammar, types, evaluation; the border to JSON: `conversion` `timing/`
durations, time zones, working days `bpmn/`                      from XML to a model: `xml`,
`parser`, `model`, `dialect`; what is wrong with it, in words: `messages` `dmn/`
decision tables: `parser`, `compiler`, `evaluator`; gaps and overlaps: `coverage` `spiff/`
SpiffWorkflow and what replaces parts of it: task specs, `execution`, `timers`; the state as bytes:
`codec` `lint/`                      all findings at once: `rules_*`; sentences a process promises:
`promises`; deadlocks: `analysis/soundness` `definition`                 a process of a release,
read, linted and built once; its digest `advance`                    one turn of a case, and
everything it can be refused for (run under `audit_guard`) `migration`                  another
version, another place, back to an earlier state `replay`, `compare`          history again, on the
same diagrams or on a draft `localized`                  a diagram with the names of another
language ===========================
============================================================================================
"""

from importlib.metadata import version
from typing import Final

from service.engine.advance import KINDS_OF_STOP, advance
from service.engine.audit_guard import guarded, self_test
from service.engine.bpmn.messages import broke, too_slow
from service.engine.bpmn.model import Model, Node, Process, Scope, SequenceFlow
from service.engine.bpmn.parser import read_model
from service.engine.compare import RerunVerdict
from service.engine.definition import Definition, Definitions, read
from service.engine.dmn.evaluator import decide
from service.engine.feel import Expression, FeelError, plain, typed
from service.engine.feel.types import Type
from service.engine.limits import TIME_WEB, TIME_WORKER
from service.engine.lint import lint
from service.engine.lint.promises import Promise
from service.engine.lint.rules_properties import STAGES, STATIONS
from service.engine.localized import Survey, drawn_in, in_language, survey
from service.engine.migration import Problem
from service.engine.migration import check as check_move
from service.engine.replay import compare, fold, turns
from service.engine.spiff.codec import FORMAT
from service.engine.spiff.codec import unpack as peek
from service.engine.timing.calendars import Calendar, read_calendars
from service.engine.types import (
    Advance,
    Answer,
    Complete,
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

ENGINE: Final = (
    f"codec {FORMAT}, feel 1, spiff {version('SpiffWorkflow')}, tzdata {version('tzdata')}"
)
"""What made a fact: if a later fold gives other bytes, this tells where to look."""

__all__ = [
    "ENGINE",
    "KINDS_OF_STOP",
    "STAGES",
    "STATIONS",
    "TIME_WEB",
    "TIME_WORKER",
    "Advance",
    "Answer",
    "Calendar",
    "Complete",
    "Definition",
    "Definitions",
    "Due",
    "Element",
    "Expression",
    "Fail",
    "FeelError",
    "Files",
    "Flow",
    "FormFacts",
    "Message",
    "Model",
    "Move",
    "Node",
    "Open",
    "Problem",
    "Process",
    "Promise",
    "RerunVerdict",
    "Restore",
    "RoleFacts",
    "Scope",
    "SequenceFlow",
    "Start",
    "Step",
    "Stimulus",
    "Survey",
    "TopicFacts",
    "Type",
    "Variables",
    "advance",
    "broke",
    "check_move",
    "compare",
    "decide",
    "drawn_in",
    "fold",
    "guarded",
    "in_language",
    "lint",
    "peek",
    "plain",
    "read",
    "read_calendars",
    "read_model",
    "self_test",
    "survey",
    "too_slow",
    "turns",
    "typed",
]
