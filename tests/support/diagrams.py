"""Write a small diagram or release in a test: one call a node, and the flows as text.

Flows are written `a>b a>c[x = 1] a>d*`: source, target, condition in FEEL, `*` for the default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from service.engine.feel.types import BOOLEAN, DATE, LIST, MOMENT, NUMBER, STRING, Type
from service.engine.types import Files, FormFacts, RoleFacts, TopicFacts

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' xmlns:other="http://example.org/other"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="Definitions" targetNamespace="t">'
)
_FLOW = re.compile(r"(\w[\w.-]*)>(\w[\w.-]*)(\*)?(?:\[([^\]]*)\])?")

YES_NO = Type("string", ("YES", "NO"))
FORMS = {
    "plain": FormFacts("plain", {}, fields=(("note", "C1", ""),)),
    "ask": FormFacts("ask", {"answer": YES_NO}, frozenset({"answer"})),
    "maybe": FormFacts("maybe", {"answer": YES_NO}),
    "count": FormFacts("count", {"n": NUMBER}, frozenset({"n"})),
    "people": FormFacts("people", {"people": LIST}, frozenset({"people"})),
    "names": FormFacts("names", {}, fields=(("givenNames", "C2", ""),)),
    "reader": FormFacts(
        "reader", {}, reads=frozenset({"answer", "n", "people", "sent", "all", "picked", "extra"})
    ),
}
TOPICS = {
    "letters.send": TopicFacts("letters.send"),
    "letters.fail": TopicFacts("letters.fail", errors=("LOST",)),
    "letters.count": TopicFacts("letters.count", answers=("sent",)),
    "letters.need": TopicFacts("letters.need", reads=("answer",)),
    "letters.strange": TopicFacts("letters.strange", reads=("nobodyKnows",)),
}
ROLES = {
    "Doer": RoleFacts("Doer", {"sv": "Utförare", "en": "Doer"}),
    "Boss": RoleFacts("Boss", {"sv": "Chef", "en": "Boss"}),
}
TYPES = {"sent": NUMBER, "departure": MOMENT, "day": DATE, "safe": BOOLEAN, "free": STRING}
CALENDAR = b'{"zone": "Europe/Stockholm", "week": [1, 2, 3, 4, 5], "off": ["2026-06-19"]}'
RULE = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"'
    b' namespace="t"><decision id="pick" name="pick"><decisionTable id="t" hitPolicy="FIRST">'
    b'<input id="i"><inputExpression id="ie" typeRef="string"><text>answer</text>'
    b"</inputExpression></input>"
    b'<output id="o" name="picked" typeRef="string">'
    b'<outputValues id="ov"><text>"A","B"</text></outputValues></output>'
    b'<rule id="r1"><inputEntry id="c1"><text>"YES"</text></inputEntry>'
    b'<outputEntry id="o1"><text>"A"</text></outputEntry></rule>'
    b'<rule id="r2"><inputEntry id="c2"><text></text></inputEntry>'
    b'<outputEntry id="o2"><text>"B"</text></outputEntry></rule>'
    b"</decisionTable></decision></definitions>"
)


def el(kind: str, inner: str = "", **attributes: str) -> str:
    """One BPMN element; an underscore at the end of a name is dropped (`from_`)."""
    given = " ".join(
        f"{name.rstrip('_').replace('__', ':')}={quoteattr(value)}"
        for name, value in attributes.items()
    )
    return f"<bpmn:{kind} {given}>{inner}</bpmn:{kind}>"


def ext(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def props(**values: str) -> str:
    """Zeebe properties; `__` in a name stands for a full stop."""
    pairs = "".join(
        f'<zeebe:property name="{name.replace("__", ".")}" value={quoteattr(value)}/>'
        for name, value in values.items()
    )
    return f"<zeebe:properties>{pairs}</zeebe:properties>"


def start(id_: str = "s", inner: str = "", **more: str) -> str:
    return el("startEvent", inner, id=id_, **more)


def end(id_: str = "e", inner: str = "", **more: str) -> str:
    return el("endEvent", inner, id=id_, **more)


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
    return el(
        "userTask",
        ext(f"<zeebe:userTask/>{form_}{group_}{extra}") + inner,
        id=id_,
        name=id_.upper(),
        **more,
    )


def job(
    id_: str = "j", topic: str = "letters.send", extra: str = "", inner: str = "", **more: str
) -> str:
    topic_ = f'<zeebe:taskDefinition type="{topic}"/>' if topic else ""
    return el("serviceTask", ext(topic_ + extra) + inner, id=id_, name=id_.upper(), **more)


def rule(
    id_: str = "r", decision: str = "pick", result: str = "picked", extra: str = "", **more: str
) -> str:
    return el(
        "businessRuleTask",
        ext(f'<zeebe:calledDecision decisionId="{decision}" resultVariable="{result}"/>{extra}'),
        id=id_,
        name=id_.upper(),
        **more,
    )


def xor(id_: str = "x", **more: str) -> str:
    return el("exclusiveGateway", id=id_, **more)


def both(id_: str, **more: str) -> str:
    return el("parallelGateway", id=id_, **more)


def sub(id_: str, body: str, flows_: str, head: str = "", **more: str) -> str:
    return el("subProcess", head + body + flows(flows_), id=id_, name=id_.upper(), **more)


def call(id_: str, process: str, extra: str = "", **more: str) -> str:
    return el(
        "callActivity",
        ext(f'<zeebe:calledElement processId="{process}"/>{extra}'),
        id=id_,
        name=id_.upper(),
        **more,
    )


def message(ref: str = "m") -> str:
    return f'<bpmn:messageEventDefinition messageRef="Msg_{ref}"/>'


def timer(way: str, text: str) -> str:
    time = f"<bpmn:time{way}>{_escaped(text)}</bpmn:time{way}>"
    return f"<bpmn:timerEventDefinition>{time}</bpmn:timerEventDefinition>"


def event(kind: str, ref: str = "") -> str:
    given = f' {kind}Ref="{ref}"' if ref else ""
    return f"<bpmn:{kind}EventDefinition{given}/>"


def border(id_: str, host: str, inner: str, **more: str) -> str:
    return el("boundaryEvent", inner, id=id_, attachedToRef=host, **more)


def catch(id_: str, inner: str, **more: str) -> str:
    return el("intermediateCatchEvent", inner, id=id_, **more)


def throw(id_: str, inner: str = "", **more: str) -> str:
    return el("intermediateThrowEvent", inner, id=id_, **more)


def each(collection: str = "=people", item: str = "person", more: str = "", inner: str = "") -> str:
    """A repetition over a list."""
    settings = (
        f'<zeebe:loopCharacteristics inputCollection="{collection}" inputElement="{item}" {more}/>'
    )
    return el("multiInstanceLoopCharacteristics", ext(settings) + inner)


def flows(text: str) -> str:
    """Flows from text; the condition of `a>b[c]` is FEEL without sign."""
    made = []
    for n, (source, target, _, condition) in enumerate(_FLOW.findall(text)):
        inner = (
            f"<bpmn:conditionExpression>={_escaped(condition)}</bpmn:conditionExpression>"
            if condition
            else ""
        )
        ends = {"sourceRef": source, "targetRef": target}
        made.append(el("sequenceFlow", inner, id=f"f{n}_{source}_{target}", **ends))
    return "".join(made)


def _defaults(body: str, text: str) -> str:
    """Write `default` on the sources of flows marked with a star."""
    for n, (source, target, star, _) in enumerate(_FLOW.findall(text)):
        if star:
            body = re.sub(
                rf'(<bpmn:\w+ id="{source}")',
                rf'\1 default="f{n}_{source}_{target}"',
                body,
                count=1,
            )
    return body


REFERENCES = (
    '<bpmn:message id="Msg_m" name="m"/><bpmn:message id="Msg_k" name="k"/>'
    '<bpmn:message id="Msg_empty"/><bpmn:error id="Err_E" errorCode="E"/>'
    '<bpmn:error id="Err_LOST" errorCode="LOST"/><bpmn:error id="Err_none"/>'
    '<bpmn:escalation id="Esc_U" escalationCode="U"/>'
)


def process(body: str, flows_: str, id_: str = "p", head: str = "", **more: str) -> str:
    return el(
        "process",
        head + _defaults(body, flows_) + flows(flows_),
        id=id_,
        isExecutable="true",
        **more,
    )


def diagram(*processes: str, references: str = REFERENCES, rest: str = "") -> bytes:
    return (HEAD + references + "".join(processes) + rest + "</bpmn:definitions>").encode()


def drawn(body: str, flows_: str, head: str = "", rest: str = "") -> bytes:
    """A file with one process."""
    return diagram(process(body, flows_, head=head), rest=rest)


def line(body: str, way: str = "s>a a>e") -> bytes:
    """Start, a body, end."""
    return drawn(start() + body + end(), way)


def release(*diagrams: bytes, **more: object) -> Files:
    """A release of these files with the forms, handlers, roles and rules above."""
    given: Mapping[str, object] = {
        "rules": {"pick.dmn": RULE},
        "calendars": {"sweden.json": CALENDAR},
        "forms": FORMS,
        "topics": TOPICS,
        "roles": ROLES,
        "types": TYPES,
        **more,
    }
    return Files({f"{n}.bpmn": data for n, data in enumerate(diagrams)}, **given)  # type: ignore[arg-type] # the names are those of Files


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
