"""Rules about FEEL texts, their types, and names that settings use.

D313 (answers), D333, D602, D610, D703, D704, D901 to D908, D913, R207.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.engine.bpmn.model import Node, SequenceFlow
from service.engine.bpmn.priorities import MOST
from service.engine.feel import Expression, FeelError, condition_faults
from service.engine.feel.types import OPEN_KINDS, WORDS, Type
from service.engine.limits import INSTANCES, VARIABLES
from service.engine.lint.context import LintContext, Rule, joined
from service.engine.lint.names import FeelText
from service.engine.lint.rules_properties import VOCABULARY_FILE, is_known, property_fault
from service.engine.lint.scopes import CHOOSES
from service.errors import Finding

_CONDITION = ("boolean",)
_SOME = 12
"""So many names are listed in a sentence."""


def d313_answer(context: LintContext) -> Iterator[Finding]:
    """An output mapping reads an answer of its handler."""
    for text, fault in _faults(context):
        if _is_missing_answer(text, fault) and isinstance(text.place, Node):
            facts = {"topic": text.place.topic, "name": fault.facts.get("name", "?")}
            yield context.report("D313.answer", text.place, facts, prop=text.which)


def d333_result_type(context: LintContext) -> Iterator[Finding]:
    """The result of a rule has the declared type of its variable."""
    for _, node in context.nodes("businessRuleTask"):
        decision = context.decisions.get(node.decision)
        declared = context.types.get(node.result)
        if decision is None or declared is None:
            continue
        kinds = {decision.result_type.kind, declared.kind} - OPEN_KINDS
        if len(kinds) > 1:
            facts = {
                "rule": node.decision,
                "type": WORDS[decision.result_type.kind],
                "variable": node.result,
                "other": WORDS[declared.kind],
            }
            yield context.report("D333", node, facts, prop="resultVariable")


def d333_script_type(context: LintContext) -> Iterator[Finding]:
    """The result of a script has the declared type of its variable."""
    for text, expression in context.expressions:
        place = text.place
        if (
            text.which != "script"
            or isinstance(expression, FeelError)
            or isinstance(place, SequenceFlow)
        ):
            continue
        declared = context.types.get(place.result)
        if declared is not None and len({expression.type.kind, declared.kind} - OPEN_KINDS) > 1:
            facts = {
                "type": WORDS[expression.type.kind],
                "variable": place.result,
                "other": WORDS[declared.kind],
            }
            yield context.report("D333.script", place, facts, prop="resultVariable")


def r207_value_nobody_asks_for(context: LintContext) -> Iterator[Finding]:
    """Every value of a rule's result is asked for by a gateway.

    A default flow without a name means one value more; when several are left, one was forgotten.
    """
    for _, node in context.nodes("businessRuleTask"):
        decision = context.decisions.get(node.decision)
        if decision is None:
            continue
        for output in decision.outputs:
            path = node.result if len(decision.outputs) == 1 else f"{node.result}.{output.name}"
            asked = _compared_texts(context, path)
            silent = [value for value in output.type.values if value not in asked]
            if asked and len(silent) > 1:
                yield context.report(
                    "R207",
                    node,
                    {"rule": node.decision, "values": joined(silent)},
                    prop="decisionId",
                )


def _compared_texts(context: LintContext, path: str) -> set[object]:
    """Texts with which gateways compare a result.

    Empty unless a gateway compares it on several of its flows and has a default flow without a
    name.
    """
    named = re.compile(rf"(?<![\w.]){re.escape(path)}(?!\w)", re.ASCII)
    texts, several = set[object](), False
    for view, gateway in context.nodes(*CHOOSES):
        ways = [
            e
            for flow in view.out[gateway.id]
            if isinstance(e := context.condition.get(flow.id), Expression)
            and path in e.text
            and named.search(e.text)
        ]
        texts |= {
            value for expression in ways for value in expression.constants if isinstance(value, str)
        }
        several |= len(ways) > 1 and not any(
            flow.names for flow in view.out[gateway.id] if flow.id == gateway.default
        )
    return texts if several else set()


def d602_mapping_target(context: LintContext) -> Iterator[Finding]:
    """An output mapping writes a declared variable, and so does an input mapping of a sub-process
    or a call; a handler and a rule have names of their own.
    """
    names = joined(sorted(context.types)[:_SOME])
    for _, node in context.nodes():
        inputs = node.inputs if node.kind in {"subProcess", "callActivity"} else ()
        for prop, pairs in (("input", inputs), ("output", node.outputs)):
            for target, _ in pairs:
                if target not in context.types:
                    facts = {"name": target, "names": names}
                    yield context.report("D602", node, facts, prop=prop)


def d610_property(context: LintContext) -> Iterator[Finding]:
    """A property that has a meaning has a value that is allowed."""
    for view in context.views:
        places = (*((view.process,) if view.owner is None else ()), *view.scope.nodes)
        for place in places:
            for name, value in place.properties.items():
                allowed = property_fault(context, place, name, value)
                if allowed:
                    yield context.report(
                        "D610", place, {"name": name, "allowed": allowed}, prop=name
                    )
    for _, node in context.nodes():
        if node.priority and not (node.priority.isdecimal() and int(node.priority) <= MOST):
            yield context.report(
                "D610",
                node,
                {"name": "priority", "allowed": f"0–{MOST}"},
                prop="priority",
            )


def d510_unknown_property(context: LintContext) -> Iterator[Finding]:
    """A property has a meaning; an unknown name is often a misspelling."""
    for view in context.views:
        places = (*((view.process,) if view.owner is None else ()), *view.scope.nodes)
        for place in places:
            unknown = [name for name in place.properties if not is_known(name)]
            if unknown:
                yield context.report("D510", place, {"names": joined(unknown)}, prop=unknown[0])


def d511_no_vocabulary(context: LintContext) -> Iterator[Finding]:
    """A release whose diagrams name stages or stations lists them; one finding for all."""
    lists = {"stage": context.files.stages, "station": context.files.stations}
    used = {name for _, node in context.nodes() for name in node.properties}
    names = [name for name, listed in lists.items() if listed is None and name in used]
    if names:
        facts = {"names": joined(names), "file": VOCABULARY_FILE}
        yield context.report_file("D511", VOCABULARY_FILE, facts)


def d703_long_list(context: LintContext) -> Iterator[Finding]:
    """A list of choices is no longer than a repetition may be.

    How many were chosen is counted when a case runs.
    """
    for text, expression in context.expressions:
        if (
            text.which == "input collection"
            and isinstance(expression, Expression)
            and len(expression.type.values) > INSTANCES
        ):
            yield context.report(
                "D703",
                text.place,
                {"n": len(expression.type.values), "most": INSTANCES},
                prop="inputCollection",
            )


def d704_variables(context: LintContext) -> Iterator[Finding]:
    """A release has no more variables than the limit."""
    if len(context.types) > VARIABLES:
        for first in [*context.model.processes.values()][:1]:
            yield context.report("D704", first, {"n": len(context.types), "most": VARIABLES})


def d901_not_our_feel(context: LintContext) -> Iterator[Finding]:
    """A text is FEEL of our subset, with known names and types that fit (D901 to D906, D913)."""
    for text, fault in _faults(context):
        if not _is_missing_answer(text, fault):
            yield context.report(fault.code, text.place, _facts(text, fault), prop=text.which)


def d905_wrong_kind(context: LintContext) -> Iterator[Finding]:
    """A timer gets a time, a repetition a list."""
    for text, expression in context.expressions:
        if not isinstance(expression, Expression) or not text.gives or text.gives == _CONDITION:
            continue
        if expression.type.kind not in {*text.gives, *OPEN_KINDS} and not _is_time_text(
            text, expression.type
        ):
            facts = {
                "place": text.which,
                "kind": WORDS[expression.type.kind],
                "wanted": joined(WORDS[kind] for kind in text.gives),
            }
            yield context.report("D905.gives", text.place, facts, prop=text.which)


def d907_no_condition(context: LintContext) -> Iterator[Finding]:
    """A condition gives a boolean."""
    yield from _conditions(context, "D907")


def d908_always_the_same(context: LintContext) -> Iterator[Finding]:
    """A condition can change, and compares with texts that are allowed."""
    yield from _conditions(context, "D908")
    for text, expression in context.expressions:
        if isinstance(expression, Expression) and text.gives != _CONDITION:
            yield from (
                context.report("D908", text.place, _facts(text, fault), prop=text.which)
                for fault in expression.warnings
            )


def _conditions(context: LintContext, code: str) -> Iterator[Finding]:
    for text, expression in context.expressions:
        if isinstance(expression, Expression) and text.gives == _CONDITION:
            faults = (fault for fault in condition_faults(expression) if fault.code == code)
            yield from (
                context.report(code, text.place, _facts(text, fault), prop=text.which)
                for fault in faults
            )


def _faults(context: LintContext) -> Iterator[tuple[FeelText, FeelError]]:
    return ((text, fault) for text, fault in context.expressions if isinstance(fault, FeelError))


def _is_missing_answer(text: FeelText, fault: FeelError) -> bool:
    """Whether an unknown name is a missing answer of a handler (D313), not a fault of FEEL."""
    return (
        fault.code == "D902"
        and text.which.startswith("output ")
        and isinstance(text.place, Node)
        and bool(text.place.topic)
    )


def _is_time_text(text: FeelText, type_: Type) -> bool:
    """Whether a text may hold a due date, which is read when the task opens."""
    return type_.kind == "string" and text.which in {"due date", "follow-up date"}


def _facts(text: FeelText, fault: FeelError) -> dict[str, object]:
    """Facts of a finding about an expression.

    `why` and the facts of the fault let another language say the reason.
    """
    where = {
        "place": text.which,
        "text": text.text,
        "at": fault.position,
        "character": fault.position + 1,
    }
    return {**fault.facts, **where, "why": fault.why, "reason": fault.message}


RULES: tuple[Rule, ...] = (
    d313_answer,
    d333_result_type,
    d333_script_type,
    r207_value_nobody_asks_for,
    d510_unknown_property,
    d511_no_vocabulary,
    d602_mapping_target,
    d610_property,
    d703_long_list,
    d704_variables,
    d901_not_our_feel,
    d905_wrong_kind,
    d907_no_condition,
    d908_always_the_same,
)
