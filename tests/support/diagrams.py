"""Write a small diagram in a test: one call a node, and the flows as text.

Flows are written `a>b a>c[x = 1] a>d*`: source, target, condition in FEEL, `*` for the default. The
flow from a to b has the id `a_b`, a second one `a_b_2`. This module knows neither the engine nor
the library, so that the library can be shown alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' xmlns:other="http://example.org/other"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="Definitions" targetNamespace="t">'
)
REFERENCES = (
    "".join(f'<bpmn:message id="Msg_{name}" name="{name}"/>' for name in "mkMNO")
    + '<bpmn:message id="Msg_empty"/><bpmn:error id="Err_E" errorCode="E"/>'
    '<bpmn:error id="Err_F" errorCode="F"/><bpmn:error id="Err_LOST" errorCode="LOST"/>'
    '<bpmn:error id="Err_none"/><bpmn:escalation id="Esc_U" escalationCode="U"/>'
    '<bpmn:escalation id="Esc_X" escalationCode="X"/>'
)
_FLOW = re.compile(r"\s*(\w[\w.-]*)>(\w[\w.-]*)(\*)?(?:\[([^\]]*)\])?(?=\s|$)")
_PREFIX = {"message": "Msg", "error": "Err", "escalation": "Esc"}


def node(kind: str, id_: str = "", inner: str = "", **attributes: str) -> str:
    """Any BPMN element; in the name of an attribute `__` stands for a colon, and an underscore at
    the end is dropped.
    """
    all_ = {"id": id_, **attributes} if id_ else attributes
    given = "".join(
        f" {name.rstrip('_').replace('__', ':')}={quoteattr(value)}" for name, value in all_.items()
    )
    return f"<bpmn:{kind}{given}>{inner}</bpmn:{kind}>"


def nodes(kind: str, ids: str) -> str:
    """Several plain elements of a kind."""
    return "".join(node(kind, id_) for id_ in ids.split())


def _named(id_: str, more: Mapping[str, str]) -> Mapping[str, str]:
    """Attributes with the id in capitals as name, unless they have a name of their own."""
    return {"name": id_.upper(), **more}


def ext(inner: str) -> str:
    """The settings of an element."""
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def props(**values: str) -> str:
    """Zeebe properties; `__` in a name stands for a full stop."""
    pairs = "".join(
        f'<zeebe:property name="{name.replace("__", ".")}" value={quoteattr(value)}/>'
        for name, value in values.items()
    )
    return f"<zeebe:properties>{pairs}</zeebe:properties>"


def mapping(
    outputs: Mapping[str, str] | None = None, inputs: Mapping[str, str] | None = None
) -> str:
    """An `ioMapping`: target to source."""
    pairs = "".join(
        f"<zeebe:{kind} source={quoteattr(source)} target={quoteattr(target)}/>"
        for kind, given in (("input", inputs or {}), ("output", outputs or {}))
        for target, source in given.items()
    )
    return f"<zeebe:ioMapping>{pairs}</zeebe:ioMapping>"


def start(id_: str = "s", inner: str = "", **more: str) -> str:
    return node("startEvent", id_, inner, **more)


def end(id_: str = "e", inner: str = "", **more: str) -> str:
    return node("endEvent", id_, inner, **more)


def task(
    id_: str = "a",
    form: str = "plain",
    extra: str = "",
    inner: str = "",
    group: str = "Doer",
    **more: str,
) -> str:
    """A task for a person with everything it needs."""
    form_ = f'<zeebe:formDefinition formId="{form}"/>' if form else ""
    group_ = f'<zeebe:assignmentDefinition candidateGroups="{group}"/>' if group else ""
    given = ext(f"<zeebe:userTask/>{form_}{group_}{extra}") + inner
    return node("userTask", id_, given, **_named(id_, more))


def job(
    id_: str = "j", topic: str = "letters.send", extra: str = "", inner: str = "", **more: str
) -> str:
    """A step that a handler does."""
    topic_ = f'<zeebe:taskDefinition type="{topic}"/>' if topic else ""
    return node("serviceTask", id_, ext(topic_ + extra) + inner, **_named(id_, more))


def rule(
    id_: str = "r", decision: str = "pick", result: str = "picked", extra: str = "", **more: str
) -> str:
    """A step that a decision table does."""
    called = f'<zeebe:calledDecision decisionId="{decision}" resultVariable="{result}"/>'
    return node("businessRuleTask", id_, ext(called + extra), **_named(id_, more))


def call(id_: str, process_: str, extra: str = "", inner: str = "", **more: str) -> str:
    """A step that another process does."""
    called = ext(f'<zeebe:calledElement processId="{process_}"/>{extra}')
    return node("callActivity", id_, called + inner, **_named(id_, more))


def xor(id_: str = "x", **more: str) -> str:
    return node("exclusiveGateway", id_, **more)


def both(id_: str, **more: str) -> str:
    return node("parallelGateway", id_, **more)


def event(kind: str, name: str = "") -> str:
    """What an event is: message m, k, M, N or O, error E, F or LOST, escalation U or X; the other
    names are of things that lack something. Without a name an error that catches all, or an event
    that needs none.
    """
    given = f' {kind}Ref="{_PREFIX[kind]}_{name}"' if name else ""
    return f"<bpmn:{kind}EventDefinition{given}/>"


def message(name: str = "m") -> str:
    """The event that is met most."""
    return event("message", name)


def link(name: str = "L") -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def timer(way: str, text: str) -> str:
    """A timer's definition: Duration, Date or Cycle."""
    time = f"<bpmn:time{way}>{escape(text)}</bpmn:time{way}>"
    return f"<bpmn:timerEventDefinition>{time}</bpmn:timerEventDefinition>"


def border(id_: str, host: str, inner: str, *, interrupting: bool = True, **more: str) -> str:
    """A border event."""
    way = {} if interrupting else {"cancelActivity": "false"}
    return node("boundaryEvent", id_, inner, attachedToRef=host, **way, **more)


def catch(id_: str, inner: str, **more: str) -> str:
    return node("intermediateCatchEvent", id_, inner, **more)


def throw(id_: str, inner: str = "", **more: str) -> str:
    return node("intermediateThrowEvent", id_, inner, **more)


def each(
    collection: str = "people",
    item: str = "person",
    into: str = "",
    output: str = "",
    *,
    sequential: bool = False,
    until: str = "",
) -> str:
    """A repetition over a list; FEEL is given without sign."""
    given = {
        "inputCollection": _feel(collection),
        "inputElement": item,
        **({"outputCollection": into} if into else {}),
        **({"outputElement": _feel(output)} if output else {}),
    }
    settings = " ".join(f"{name}={quoteattr(value)}" for name, value in given.items())
    inner = ext(f"<zeebe:loopCharacteristics {settings}/>")
    inner += node("completionCondition", inner=escape(_feel(until))) if until else ""
    way = {"isSequential": "true"} if sequential else {}
    return node("multiInstanceLoopCharacteristics", inner=inner, **way)


def _feel(text: str) -> str:
    return f"= {text}" if text else ""


class _Flow(NamedTuple):
    """One flow of a text."""

    id: str
    source: str
    target: str
    default: bool
    condition: str


def _flows(text: str) -> Iterator[_Flow]:
    assert not _FLOW.sub("", text).strip(), text
    joined: Counter[str] = Counter()
    for source, target, star, condition in _FLOW.findall(text):
        id_ = f"{source}_{target}"
        joined[id_] += 1
        number = f"_{joined[id_]}" if joined[id_] > 1 else ""
        yield _Flow(id_ + number, source, target, bool(star), condition)


def flows(text: str, sign: str = "= ") -> str:
    """Flows from text; the condition of `a>b[c]` is FEEL without sign."""
    made = []
    for flow in _flows(text):
        asked = node("conditionExpression", inner=sign + escape(flow.condition))
        ends = {"sourceRef": flow.source, "targetRef": flow.target}
        made.append(node("sequenceFlow", flow.id, asked if flow.condition else "", **ends))
    return "".join(made)


def _joined(body: str, text: str) -> str:
    """Elements and their flows; `default` is written on the sources of flows with a star."""
    for flow in _flows(text):
        if flow.default:
            source = rf'(<bpmn:\w+ id="{flow.source}")'
            body = re.sub(source, rf'\1 default="{flow.id}"', body, count=1)
    return body + flows(text)


def sub(id_: str, body: str, way: str, head: str = "", **more: str) -> str:
    """An embedded sub-process."""
    return node("subProcess", id_, head + _joined(body, way), **_named(id_, more))


def process(id_: str, body: str, way: str, head: str = "", **more: str) -> str:
    """An executable process."""
    return node("process", id_, head + _joined(body, way), isExecutable="true", **more)


def document(*processes: str, references: str = REFERENCES, rest: str = "") -> bytes:
    """A file."""
    return (HEAD + references + "".join(processes) + rest + "</bpmn:definitions>").encode()


def diagram(body: str, way: str, head: str = "", rest: str = "") -> bytes:
    """A file with one process, `p`."""
    return document(process("p", body, way, head=head), rest=rest)


def line(body: str, way: str = "s>a a>e") -> bytes:
    """Start, a body, end."""
    return diagram(start() + body + end(), way)
