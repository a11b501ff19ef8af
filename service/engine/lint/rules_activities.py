"""Rules about activities: what each kind of step needs, and what may repeat.

D3xx without those about types.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from service.engine.bpmn.model import Node
from service.engine.limits import INSTANCE_NESTING
from service.engine.lint.analysis.error_codes import caught, caught_codes
from service.engine.lint.context import LintContext, Rule, joined, near_fact
from service.engine.lint.scopes import JOBS, ScopeView, label
from service.errors import Finding

_MAY_REPEAT = frozenset(
    {"userTask", "manualTask", "serviceTask", "sendTask", "subProcess", "callActivity"}
)
_THROWS = frozenset({"endEvent", "intermediateThrowEvent"})


def d301_no_kind(context: LintContext) -> Iterator[Finding]:
    """A task has a kind; SpiffWorkflow alone lets a plain one wait for a person."""
    yield from (context.report("D301", node, fix="user_task") for _, node in context.nodes("task"))


def d302_no_form(context: LintContext) -> Iterator[Finding]:
    """A user task has a form."""
    yield from (
        context.report("D302", node, prop="formId")
        for _, node in context.nodes("userTask")
        if not node.form
    )


def d310_no_handler(context: LintContext) -> Iterator[Finding]:
    """A service or send task names a handler."""
    topics = joined(context.files.topics)
    yield from (
        context.report("D310", node, {"topics": topics}, prop="type")
        for _, node in context.nodes(*JOBS)
        if not node.topic
    )


def d311_unknown_handler(context: LintContext) -> Iterator[Finding]:
    """The topic of a step is a handler of the release."""
    for _, node in _jobs(context):
        if not node.topic.startswith("=") and node.topic not in context.files.topics:
            near = (
                get_close_matches(node.topic, context.files.topics, n=3, cutoff=0.4)
                or list(context.files.topics)[:3]
            )
            facts = {"topic": node.topic, "names": joined(near), **near_fact(node.topic, near)}
            yield context.report("D311", node, facts, prop="type")


def d312_handler_by_expression(context: LintContext) -> Iterator[Finding]:
    """The topic of a step is a constant, not an expression."""
    yield from (
        context.report("D312", node, prop="type")
        for _, node in _jobs(context)
        if node.topic.startswith("=")
    )


def d313_handler_input(context: LintContext) -> Iterator[Finding]:
    """A handler gets all that it reads: from a mapping, or from a variable of that name."""
    for _, node in _jobs(context):
        topic = context.files.topics.get(node.topic)
        if topic is None:
            continue
        known = {target for target, _ in node.inputs} | context.types.keys()
        missing = [name for name in topic.reads if name not in known]
        if missing:
            yield context.report(
                "D313", node, {"topic": topic.topic, "names": joined(missing)}, prop="input"
            )


def d314_error_uncaught(context: LintContext) -> Iterator[Finding]:
    """An error code that a handler may report is caught; else it stops the case."""
    for view, node in _jobs(context):
        topic = context.files.topics.get(node.topic)
        for code in topic.errors if topic else ():
            if not caught(context, view, node, "error", code):
                yield context.report("D314", node, {"topic": node.topic, "code": code})


def d315_error_never_reported(context: LintContext) -> Iterator[Finding]:
    """A boundary event catches an error that something inside its host reports; an event
    sub-process one that something in its scope reports.
    """
    for node, codes in caught_codes(context) if not context.circles else ():
        if (node.event.ref and node.event.ref not in codes) or not codes:
            yield context.report("D315", node, {"code": node.event.ref or "*"})


def d320_script(context: LintContext) -> Iterator[Finding]:
    """A script task is one FEEL expression; other languages are refused."""
    yield from (
        context.report("D320", node, prop="expression")
        for _, node in context.nodes("scriptTask")
        if not node.script
    )


def d330_rule(context: LintContext) -> Iterator[Finding]:
    """A business rule task names a decision of the release."""
    for _, node in context.nodes("businessRuleTask"):
        if not node.decision:
            yield context.report("D330", node, prop="decisionId")
        elif node.decision not in context.decisions:
            facts = {"id": node.decision, **near_fact(node.decision, context.decisions)}
            yield context.report("D330.unknown", node, facts, prop="decisionId")


def d331_rule_result(context: LintContext) -> Iterator[Finding]:
    """A business rule task and a script task name the variable of their result."""
    yield from (
        context.report("D331", node, prop="resultVariable")
        for _, node in context.nodes("businessRuleTask", "scriptTask")
        if not node.result and (node.script or node.kind == "businessRuleTask")
    )


def d332_rule_as_job(context: LintContext) -> Iterator[Finding]:
    """A business rule task is evaluated in the same turn, not by a job worker."""
    yield from (
        context.report("D332", node, prop="type")
        for _, node in context.nodes("businessRuleTask")
        if node.topic
    )


def d343_sub_process_kinds(context: LintContext) -> Iterator[Finding]:
    """Transactions and ad-hoc sub-processes are refused."""
    for _, node in context.nodes("transaction", "adHocSubProcess"):
        yield context.report(
            "D343", node, {"kind": "Transaction" if node.kind == "transaction" else "Ad-hoc"}
        )


def d350_called_process(context: LintContext) -> Iterator[Finding]:
    """A call activity names a process of the release."""
    for _, node in context.nodes("callActivity"):
        if node.calls.startswith("="):
            yield context.report("D350.fixed", node, prop="processId")
        elif node.calls not in context.model.processes:
            facts = {"process": node.calls or "?", **near_fact(node.calls, context.model.processes)}
            yield context.report("D350", node, facts, prop="processId")


def d351_calls_itself(context: LintContext) -> Iterator[Finding]:
    """No process calls itself, directly or over others; it would never end."""
    for view, node in context.circles:
        yield context.report(
            "D351",
            node,
            {"a": label(view.process), "b": label(context.model.processes[node.calls])},
            prop="processId",
        )


def d353_call_begins_nowhere(context: LintContext) -> Iterator[Finding]:
    """A called process has a plain start: a call begins at no other."""
    for _, node in context.nodes("callActivity"):
        view = context.view.get(node.calls)
        nodes = view.scope.nodes if view else ()
        if view and {n.event.kind for n in nodes if n.kind == "startEvent"} == {"message"}:
            yield context.report("D353", node, {"process": view.label}, prop="processId")


def d360_standard_loop(context: LintContext) -> Iterator[Finding]:
    """Standard loop markers are refused; a loop is drawn, or repeats over a list."""
    yield from (context.report("D360", node) for _, node in context.nodes() if node.loops)


def d370_repeats_over_nothing(context: LintContext) -> Iterator[Finding]:
    """A multi-instance marker has a list and a name for its item."""
    for _, node in _repeated(context):
        repeat = node.repeat
        if repeat and not repeat.count and not (repeat.collection and repeat.item):
            yield context.report("D370", node, prop="inputCollection")


def d371_repeats_n_times(context: LintContext) -> Iterator[Finding]:
    """A multi-instance marker has no fixed number of times."""
    yield from (
        context.report("D371", node, prop="loopCardinality")
        for _, node in _repeated(context)
        if node.repeat and node.repeat.count
    )


def d372_half_an_output(context: LintContext) -> Iterator[Finding]:
    """An output collection has an output element, and the other way round."""
    for _, node in _repeated(context):
        if node.repeat and bool(node.repeat.into) != bool(node.repeat.output):
            yield context.report("D372", node, prop="outputCollection")


def d373_cannot_repeat(context: LintContext) -> Iterator[Finding]:
    """Rules, scripts and steps that wait for a message do not repeat."""
    for _, node in _repeated(context):
        if node.kind not in _MAY_REPEAT or node.event_sub:
            yield context.report("D373", node, {"kind": node.kind})


def d374_item_name(context: LintContext) -> Iterator[Finding]:
    """The name of an item is no other variable and no item of a repetition around it."""
    for view, node in _repeated(context):
        item = node.repeat.item if node.repeat else ""
        if item and (item in context.types or item in context.items_around(view)):
            yield context.report("D374", node, {"name": item}, prop="inputElement")


def d375_nested_repetition(context: LintContext) -> Iterator[Finding]:
    """Repetitions are nested no deeper than the limit."""
    for view, node in _repeated(context):
        if node.repeat and len(context.items_around(view)) >= INSTANCE_NESTING:
            yield context.report("D375", node)


def d380_compensation(context: LintContext) -> Iterator[Finding]:
    """Compensation is refused; steps that undo are drawn."""
    yield from (context.report("D380", node) for _, node in context.nodes() if node.compensates)


def _jobs(context: LintContext) -> Iterator[tuple[ScopeView, Node]]:
    """Every node that calls a handler."""
    for view, node in context.nodes():
        if node.topic and (
            node.kind in JOBS or (node.kind in _THROWS and node.event.kind == "message")
        ):
            yield view, node


def _repeated(context: LintContext) -> Iterator[tuple[ScopeView, Node]]:
    for view, node in context.nodes():
        if node.repeat is not None:
            yield view, node


RULES: tuple[Rule, ...] = (
    d301_no_kind,
    d302_no_form,
    d310_no_handler,
    d311_unknown_handler,
    d312_handler_by_expression,
    d313_handler_input,
    d314_error_uncaught,
    d315_error_never_reported,
    d320_script,
    d330_rule,
    d331_rule_result,
    d332_rule_as_job,
    d343_sub_process_kinds,
    d350_called_process,
    d351_calls_itself,
    d353_call_begins_nowhere,
    d360_standard_loop,
    d370_repeats_over_nothing,
    d371_repeats_n_times,
    d372_half_an_output,
    d373_cannot_repeat,
    d374_item_name,
    d375_nested_repetition,
    d380_compensation,
)
