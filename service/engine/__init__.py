"""The engine room: how diagrams, rules and expressions run. Pure: no database, clock, socket or file. The only importer of SpiffWorkflow.

What the other rooms may use stands here. Where things are:

========================================================  ==========================================================
one turn of a case, and everything it can be refused for  `advance` (under the tripwire: `belt`)
a case in memory: loop, variables, what waits             `case`, `scopes`, `takers`; time and ids from outside: `clockwork`
starts, ends, terminate; what stands around a border      `specs`
tasks, jobs, rules, sub-processes, calls, lists           `activities`
exclusive, parallel and inclusive gateways, joins         `gateways`
messages and timers on the way, the event gateway         `events`
boundary events, interrupting and not                     `boundary`
messages, errors and escalations that are thrown          `throws`
durations, dates, cycles, missed rounds, due dates        `timers`; zones and working days: `calendars`
the state as bytes                                        `codec`
another version, another place, back to an earlier state  `move`; sound from where it stands: `standing`
history again, on the same diagrams or on a draft         `replay`, `rerun`
from XML to a model, from a model to what runs            `xml`, `reader`, `model`, `build`, `definition`
all findings at once                                      `lint` and `lint_*`, `sentences`; bad markings: `sound`
sentences a process promises                              `promises`, `afterwards`
FEEL and DMN                                              `feel` and `feel_*`, `rules` and `rules_*`
types of values at the border; every limit                `routing`, `limits`
SpiffWorkflow, as much of it as we touch                  `library`
========================================================  ==========================================================
"""

from importlib.metadata import version
from typing import Final

from service.engine.advance import KINDS_OF_STOP, advance
from service.engine.belt import guarded, self_test
from service.engine.calendars import Calendar, read_calendars
from service.engine.codec import FORMAT
from service.engine.codec import unpack as peek
from service.engine.definition import Definition, Definitions, read
from service.engine.feel import Expression, FeelError, plain, typed
from service.engine.feel_types import Type
from service.engine.lint import lint
from service.engine.lint_properties import STAGES, STATIONS
from service.engine.model import Model, Node, Process, Scope, SequenceFlow
from service.engine.move import Problem
from service.engine.move import check as check_move
from service.engine.naming import Survey, drawn_in, in_language, survey
from service.engine.promises import Promise
from service.engine.reader import read_model
from service.engine.replay import compare, fold, turns
from service.engine.rerun import Verdict
from service.engine.rules import decide
from service.engine.sentences import broke, too_slow
from service.engine.values import (
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

ENGINE: Final = f"codec {FORMAT}, feel 1, spiff {version('SpiffWorkflow')}, tzdata {version('tzdata')}"
"""What made a fact: if a later fold gives other bytes, this tells where to look."""

__all__ = [
    "ENGINE",
    "KINDS_OF_STOP",
    "STAGES",
    "STATIONS",
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
    "Verdict",
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
