"""The sentences of the linter, in English, by key; how bad each is, and findings made of them.

The Swedish ones stand in `service/text/lint_sv.toml` under the same keys with the same
placeholders.

A key of `SENTENCES` is a code, or a code with a word behind a full stop where one rule has two
sentences; `Finding.facts["sentence"]` names the key then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Finding, in_language

if TYPE_CHECKING:
    from collections.abc import Mapping


SENTENCES: dict[str, str] = {
    "X101": "The file is larger than 1 MiB.",
    "X102": "This is not a readable XML file: {reason}.",
    "X103": "The file has a DOCTYPE. No diagram needs one; save it again from the editor.",
    "X104": "The file has a processing instruction. Save it again from the editor.",
    "X105": "This is not a BPMN 2.0 diagram.",
    "X106": (
        "{x} uses settings of Camunda 7 ({names}). Draw it again in the Camunda 8 way: {instead}."
    ),
    "X107": "{x} uses settings of SpiffArena ({names}), which do not work here: {instead}.",
    "X108": "{x} is a {kind}. Tresteg does not run this kind of element.",
    "X109": "{x} carries settings of another program ({names}). They are kept and do nothing.",
    "X110": "The file is too big or too slow to read.",
    "X110.broke": (
        "The file could not be read, and the fault is Tresteg's ({reason}). Please report it."
    ),
    "X124": "The published release cannot be built any more; its cases wait: {reason}.",
    # process, ids, lanes
    "D101": "The id {id} is needed by the engine. Suggested: {suggested}.",
    "D102": "The id {id} is used twice: {x} and {y}.",
    "D103": "The id of {x} may have letters, digits, _ and - only, at most 64.",
    "D104": "Mark one process as executable.",
    "D105": "{x} needs a start and an end.",
    "D106": "{x} has two plain starts. Keep one, or let the other start by a message.",
    "D107": (
        "Open cases stand on {x}, which this draft removes: {n}. They finish on the old release or "
        "move elsewhere."
    ),
    "D108": "This step has no name. People will see its id.",
    "D110": "Nobody is responsible for {x}. Put it into a lane.",
    "D111": "The lane {name} is no role. Roles: {roles}.",
    "D111.group": "{x} names the role {name}, which does not exist. Roles: {roles}.",
    "D112": "{pool} is drawn as a second system. Draw it empty (black box).",
    # events
    "D201": "A case cannot start by a {kind}. Use a plain start or a message.",
    "D202": "{x} needs exactly one plain start.",
    "D202.event": "{x} needs exactly one start. Draw an event sub-process for each event.",
    "D206": (
        "{x} starts by a {kind}. An event sub-process starts by a message, a timer, an error or an "
        "escalation."
    ),
    "D206.none": "{x} needs an event at its start: a message, a timer, an error or an escalation.",
    "D207": "{x} and {y} both catch {code}. Only one of them would start.",
    "D207.any": (
        "{x} and {y} both catch every code. Only one of them would start. Give one of them a code."
    ),
    "D210": (
        "The error {code} leaves the process, and nothing outside can catch it. Use a plain or "
        "terminate end."
    ),
    "D211": (
        "{kind} events do not run here. For undoing work, draw the undoing steps on the path that "
        "leaves; for telling others, use a message."
    ),
    "D212": "{x} cancels everything that is still open in {scope}: {steps}.",
    "D213": "Nothing catches the escalation {code}. It would only be noted.",
    "D220": (
        "A repeating timer works only on the border of a step, without interrupting it. Draw a "
        "loop."
    ),
    "D221": "{kind} events do not run here. Ask in a gateway, or wait for a message.",
    "D222": "The link {name} has no partner, or several, in {scope}.",
    "D230": "The error event on {host} must interrupt.",
    "D230.start": "The error that starts {x} must interrupt.",
    "D231": "A repeating timer on {host} must not interrupt.",
    "D231.start": "A repeating timer that starts {x} must not interrupt.",
    "D232": "{host} is done in an instant; nothing can happen at its border.",
    "D233": "{x} leads nowhere.",
    "D234": (
        "{x} and {y} can wait for the message {name} at the same time. The sender must say which "
        "one it means."
    ),
    "D234.same": (
        "{x} can wait for the message {name} several times at once. The sender must say which one "
        "it means."
    ),
    "D235": "{kind} on a border does not run here.",
    "D235.none": "{x} waits for nothing. Choose a timer, a message, an error or an escalation.",
    "D240": "{x} refers to a {kind} that does not exist.",
    "D241": "The message of {x} needs a name.",
    "D241.twice": "The message of {x} needs a name of its own; {name} is used by {y} already.",
    "D242": (
        "The {kind} of {x} needs a code. (On a border an error without code catches every error.)"
    ),
    # activities
    "D301": "{x} does not say what kind of step it is.",
    "D302": "{x} has no form. People will see one button.",
    "D310": "{x} has no handler. Choose one: {topics}.",
    "D311": "{x} calls {topic}, and there is no such handler. Nearest: {names}.",
    "D312": "The handler of {x} must be a fixed name, not an expression.",
    "D313": "{x} does not give {topic} what it needs: {names}.",
    "D313.answer": "{topic} does not answer {name}, which {x} asks for.",
    "D314": "{topic} can report {code}, and nothing around {x} catches it.",
    "D315": "{x} catches {code}, which nothing inside reports.",
    "D320": (
        "{x} has no FEEL: a script task is one FEEL expression, and its result goes to a variable. "
        "For a program, use a handler."
    ),
    "D330": "{x} names no rule.",
    "D330.unknown": "The rule {id} of {x} is not in this release.",
    "D331": "{x} must say into which variable the result goes.",
    "D332": "{x} is set to a job worker. Choose a rule.",
    "D333": "The result of {rule} is {type}, and {variable} is {other}.",
    "D333.script": "The script of {x} gives {type}, and {variable} is {other}.",
    "D343": "{kind} sub-processes do not run here. Use a plain sub-process.",
    "D350": "{x} calls {process}, which is not in this release.",
    "D350.fixed": "The process that {x} calls must be a fixed name.",
    "D351": "{a} calls {b}, which calls {a}. A process may not call itself.",
    "D352": "Called processes share the case's variables; the setting {name} of {x} is ignored.",
    "D353": "{x} calls {process}, which begins by messages only. Give it a plain start.",
    "D360": "Draw the repetition of {x} as a loop with a gateway, or give {x} a list.",
    "D370": "{x} repeats, but not over a list. Set the input collection and the name of the item.",
    "D371": "{x} repeats a number of times. Use a list instead.",
    "D372": "{x} must have both an output collection and an output element, or neither.",
    "D373": "{x} cannot repeat: {kind}.",
    "D374": "The item name {name} is already a variable, or the item of an activity around {x}.",
    "D375": "More than two repetitions lie inside each other at {x}.",
    "D376": (
        "{name} is needed after {x}, but each repetition keeps it for itself. Put it into the "
        "output element."
    ),
    "D380": "Compensation does not run here. Draw the undoing steps on the path that leaves.",
    "D390": "Several flows leave {x}. Put a gateway there.",
    "D391": (
        "Two flows enter {x}; it is done once for each token. A gateway in front makes that clear."
    ),
    "D392": "{x} leads nowhere. Connect it, or end there.",
    # gateways and flows
    "D401": "{x} has no default way out. Where no condition holds, a case stops there.",
    "D402": "A condition is missing out of {x}: {name}.",
    "D403": "The default flow of {x} must not have a condition.",
    "D404": "Two conditions of {x} can be true together: {a}, {b}. The first one drawn wins.",
    "D405": "A condition of {x} can be empty when {variable} is empty; then it does not count.",
    "D406": "Out of {x}, {name} is never taken: {other} comes first and has its condition.",
    "D406.never": "Out of {x}, {name} is never taken: one before it is always true too.",
    "D410": "{x} sends a token along every flow; its conditions would be ignored.",
    "D430": "{x} may lead only to timers and messages that wait.",
    "D431": "{x} behind {gateway} must have no other way in.",
    "D432": "Two ways out of {x} wait for the same message.",
    "D433": "{x} needs at least two ways out.",
    "D434": (
        "{x} sits on {host}, for which {gateway} waits: nothing can happen at its border. Draw the "
        "event behind {gateway} instead."
    ),
    "D440": "{kind} gateways do not run here.",
    "D450": "{x} both joins and splits. Two gateways are easier to read.",
    "D460": "Conditions work only on flows out of a gateway.",
    "D460.race": "Conditions do not count behind {gateway}: the first event decides.",
    "D461": "Two flows lead from {x} to {y}. Join them.",
    "D462": "A flow begins or ends nowhere, or crosses the border of {scope}: {id}.",
    "D462.border": "{x} sits on the border of nothing in {scope}.",
    "D462.way": "The flow {id} leads into a start or a border event, or out of an end.",
    # drawing only
    "D501": "{x} is part of the picture only ({kind}).",
    "D510": "{x} has settings that do nothing here: {names}.",
    "D511": "Nothing lists the values of {names}: the release has no {file}. Pages show ids.",
    "D512": "In the drawing, {x} and {y} cross.",
    "D512.together": "In the drawing, {x} and {y} lie on each other, and they lead elsewhere.",
    "D512.through": "In the drawing, {x} runs through {y}.",
    "D512.words": "In the drawing, {x} runs over the words of {y}.",
    "D512.shapes": "In the drawing, {x} and {y} lie on each other.",
    "D512.hidden": "In the drawing, the words of {x} lie on {y} or on its words.",
    # the dialect
    "D601": "The number of tries of {x} must be 1 to 20.",
    "D602": (
        "The mapping of {x} writes {name}, which is no variable of this process. Declare it, or "
        "choose one of: {names}."
    ),
    "D603": "The form {id} of {x} is not in this release.",
    "D604": "{x} names its form in an old way ({name}). Choose a form of this release.",
    "D605": "{x} names persons ({name}): ignored, everybody who has its role may do it.",
    "D606": "Messages are addressed by the case; the correlation key of {x} does nothing.",
    "D607": "A release binds all its parts; remove the binding of {x}.",
    "D607.latest": "A release binds all its parts; the binding of {x} does nothing.",
    "D608": "{x} uses {name}, which does not run here.",
    "D608.listener": (
        "{x} has {name}, which are ignored: their programs never run. Draw a step for a handler "
        "before or after it."
    ),
    "D608.message": (
        "{x} uses {name}, which does not run here. Choose a handler that sends the message."
    ),
    "D609": "The {which} of {x} is neither a duration, a date nor FEEL.",
    "D610": "The property {name} of {x} has a value that is not allowed: {allowed}.",
    "D620": "The calendar {name} cannot be used: {reason}.",
    "D621": "The release has no calendar {name}, which the days of {x} are counted by.",
    # limits
    "D700": (
        "{x} has {n} steps; more than {most} cannot be read by people. Move a part to a called "
        "process."
    ),
    "D700.release": "The release has {n} steps; {most} are the most.",
    "D701": (
        "{x} lies {n} sub-processes and called processes deep; {most} are the most. Draw a part of "
        "it further out."
    ),
    "D702": "{n} flows leave {x}; {most} are the most.",
    "D703": "{x} repeats over {n} items; {most} are the most.",
    "D704": "{x} has {n} variables; {most} are the most.",
    # the graph
    "D801": "{x} can never be reached.",
    "D802": "From {x} no end can be reached.",
    "D803": "Here the case would wait for ever at {x}: {way}.",
    "D804": (
        "{x} does not end {scope} while another step is open: {steps}. A terminate end would "
        "cancel them."
    ),
    "D805": "{x} could be reached twice at once: {way}.",
    "D806": "{x} has too many possible states to check all of them; {n} were fine.",
    "D807": "The loop {steps} never waits and would run for ever.",
    "D807.events": "The loop of the events {steps} never waits and would run for ever.",
    "D809": 'The promise "{promise}" is broken: {way}.',
    "D809.before": '"{step}" can be reached before "{other}" is done: {way}.',
    "D809.after": 'After "{step}", "{other}" can be left out: {way}.',
    "D809.open": (
        'The promise "{promise}" cannot be proved on the diagram; it is watched in every case.'
    ),
    "D809.unread": 'The promise "{promise}" is not understood: it has none of the four forms.',
    "D809.element": (
        'The promise "{promise}" names the element {name}, which is not in this release.'
    ),
    "D809.role": 'The promise "{promise}" names the role {name}, which does not exist.',
    "D809.field": 'The promise "{promise}" names the field {name}, which no form has.',
    "D810": (
        "{x} leaves the parallel block without passing {join}, which would wait for ever. Lead it "
        "back before {join}, or end with terminate."
    ),
    "D820": "{x} reads {variable}, which nothing sets.",
    "D821": "{variable} may be empty at {x}, if {way}.",
    "D822": "{a} and {b} can both write {variable} at the same time; the later one wins.",
    "D823": "{x} decides by {variable}, which {task} can change at the same time.",
    "D824": "{variable} is written by {x} and read nowhere.",
    # expressions
    "D901": "The {place} of {x} is not FEEL at character {character}: {reason}",
    "D902": "The {place} of {x} uses an unknown name at character {character}: {reason}",
    "D903": "The {place} of {x} uses an unknown function at character {character}: {reason}",
    "D904": "The {place} of {x} uses something outside our FEEL at character {character}: {reason}",
    "D905": "The {place} of {x} does not fit its types at character {character}: {reason}",
    "D905.gives": "The {place} of {x} gives {kind}, and needs {wanted}.",
    "D906": "The {place} of {x} is too long or too deep from character {character} on: {reason}",
    "D907": "The {place} of {x} must be yes or no: {reason}",
    "D908": "The {place} of {x} is always the same: {reason}",
    "D909": (
        "The time of {x} is neither ISO 8601 nor FEEL: {text}. Write P3D, 2026-03-01 or R3/P7D, or "
        "FEEL after =."
    ),
    "D909.none": "{x} has no time. Write P3D, 2026-03-01 or R3/P7D, or FEEL after =.",
    "D909.working": (
        "{x} counts working days; only whole days such as P3D can be counted so: {text}."
    ),
    "D910": (
        "The time of {x} is shorter than a minute or longer than ten years: {text}. Choose one "
        "between them."
    ),
    "D911": (
        "The timer of {x} repeats too often: {text}. Wait an hour or more between two rounds, or "
        "say how many rounds, at most 1000."
    ),
    "D912": "The date of {x} has passed: {text}. Choose a later one, or a duration.",
    "D914": (
        "{x} leads to {y}, which has to be done before {name}, and its own due date does not look "
        "at that. Give it the same before, or a due date that reads {name}."
    ),
    "D913": (
        "The {place} of {x} has a range that runs from high to low at character {character}: "
        "{reason}"
    ),
    # rules
    "R101": "The rule “{x}” has {n} {parts}; {most} are allowed.",
    "R101.release": "The release has {n} rules; {most} are allowed.",
    "R102": "{x} uses {name}, which does not run here. Use one decision table.",
    "R102.space": "{file} is no rule file of DMN 1.3. Save it again as DMN 1.3.",
    "R102.twice": "The rule id {x} is used twice, also in {other}.",
    "R102.empty": "The table of the rule “{x}” has no result.",
    "R102.missing": "The rule “{x}” asks the rule {name}, which is not in this release.",
    "R103": "The rules {names} ask each other in a circle.",
    "R103.deep": "The rule “{x}” asks rules that ask rules, more than {most} deep.",
    "R201": "Row {row}, {column} of the rule “{x}”, character {character}: {reason}",
    "R201.head": "{column} of the rule “{x}”, character {character}: {reason}",
    "R201.gives": (
        "The rule “{x}” gives {kind}, and is declared to give {wanted}, so its result would be "
        "empty. Declare the type of its result."
    ),
    "R201.asked": "{column} of the rule “{x}” is {kind}, and is asked for as {wanted}.",
    "R201.count": "Row {row} of the rule “{x}” has {n} cells; the table has {columns} columns.",
    "R201.kind": "Row {row}, {column} of the rule “{x}” gives {kind}, and needs {wanted}.",
    "R201.value": "Row {row}, {column} of the rule “{x}”: {value} is not among the allowed values.",
    "R202": "No row of the rule “{x}” fits {values}.",
    "R203": "Rows {row} and {other} of the rule “{x}” both fit {values}.",
    "R203.perhaps": "Rows {row} and {other} of the rule “{x}” may both fit {values}.",
    "R203.never": "Row {row} of the rule “{x}” is never reached.",
    "R204": (
        "The rule “{x}” chooses by priority and needs the allowed values of an output, in their "
        "order."
    ),
    "R205": "The rule “{x}” collects, so it may have one output only.",
    "R207": "{x} can give {values}, and no gateway asks for any of them.",
    "R206": "The rule “{x}” has the hit policy {policy}. Use rule order.",
}

_WARNINGS = frozenset(
    {
        "D107",
        "D108",
        "D213",
        "D234",
        "D234.same",
        "D302",
        "D314",
        "D401",
        "D404",
        "D406",
        "D406.never",
        "D450",
        "D510",
        "D511",
        "D605",
        "D608.listener",
        "D806",
        "D809.open",
        "D821",
        "D822",
        "D823",
        "D824",
        "D908",
        "D912",
        "D914",
        "R202",
        "R207",
        "R203.never",
        "R203.perhaps",
    }
)
_HINTS = frozenset(
    {
        "X109",
        "D212",
        "D352",
        "D391",
        "D405",
        "D501",
        "D512",
        "D512.together",
        "D512.through",
        "D512.words",
        "D512.shapes",
        "D512.hidden",
        "D606",
        "D607.latest",
        "D804",
    }
)


def severity(key: str) -> str:
    """Severity of a finding: E blocks publishing, W must be marked as seen, I is shown."""
    return "W" if key in _WARNINGS else "I" if key in _HINTS else "E"


def finding(
    key: str,
    file: str,
    element: str = "",
    facts: Mapping[str, object] | None = None,
    *,
    line: int = 0,
    prop: str = "",
    fix: str = "",
) -> Finding:
    """Build one finding with its English sentence.

    Args:
        key: a key of `SENTENCES`.
        facts: values of its placeholders; they are kept in the finding.
    """
    code = key.partition(".")[0]
    kept = dict(facts or {})
    message = SENTENCES[key].format(**in_language(kept, "en"))
    if key != code:
        kept["sentence"] = key
    return Finding(code, severity(key), file, element, message, line, prop, kept, fix)


def too_slow(file: str) -> Finding:
    """Build the finding about a file that took too long to read."""
    return finding("X110", file)


def broke(file: str, reason: str) -> Finding:
    """Build the finding about a file on which our own parser failed."""
    return finding("X110.broke", file, facts={"reason": reason})
