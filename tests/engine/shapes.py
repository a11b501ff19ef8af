"""Shapes of small diagrams in tests: text in, BPMN out.

It knows neither the engine nor the library, so that the library can be shown alone.
"""

from __future__ import annotations

from collections.abc import Mapping

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t" id="d"'
)


def flows(text: str, begins: str = "= ") -> str:
    """'a>b b>c[x~=~1]': source>target[condition]; ~ stands for a blank."""
    out = []
    for flow in text.split():
        source, rest = flow.split(">", 1)
        target, _, condition = rest.rstrip("]").partition("[")
        feel = condition.replace("~", " ").replace("<", "&lt;")
        inside = f"<conditionExpression>{begins}{feel}</conditionExpression>" if feel else ""
        ends = {"sourceRef": source, "targetRef": target}
        out.append(node("sequenceFlow", f"{source}_{target}", inside, **ends))
    return "".join(out)


def node(kind: str, id_: str, inside: str = "", **attributes: str) -> str:
    """Any element."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<{kind} id="{id_}"{more}>{inside}</{kind}>'


def nodes(kind: str, ids: str) -> str:
    """Several plain elements of a kind."""
    return "".join(node(kind, id_) for id_ in ids.split())


def extension(inside: str) -> str:
    """Zeebe settings."""
    return f"<extensionElements>{inside}</extensionElements>"


def properties(**given: str) -> str:
    """Zeebe properties."""
    return (
        "<zeebe:properties>"
        + "".join(f'<zeebe:property name="{k}" value="{v}"/>' for k, v in given.items())
        + "</zeebe:properties>"
    )


def job(id_: str, topic: str = "letters.send", more: str = "", kind: str = "serviceTask") -> str:
    """A step that a handler does."""
    return node(kind, id_, extension(f'<zeebe:taskDefinition type="{topic}"/>{more}'))


def mapping(
    outputs: Mapping[str, str] | None = None, inputs: Mapping[str, str] | None = None
) -> str:
    """An `ioMapping`."""
    pairs = [("input", inputs or {}), ("output", outputs or {})]
    return (
        "<zeebe:ioMapping>"
        + "".join(
            f'<zeebe:{k} source="{v}" target="{t}"/>'
            for k, given in pairs
            for t, v in given.items()
        )
        + "</zeebe:ioMapping>"
    )


def timer(way: str, value: str) -> str:
    """A timer's definition: Duration, Date or Cycle."""
    return f"<timerEventDefinition><time{way}>{value}</time{way}></timerEventDefinition>"


def ref(way: str, name: str = "") -> str:
    """A message M or N, error E or F, escalation X; without a name an error that catches all."""
    return f'<{way}EventDefinition {way}Ref="{name}"/>' if name else f"<{way}EventDefinition/>"


def border(id_: str, host: str, event: str, *, interrupting: bool = True) -> str:
    """A border event."""
    return node(
        "boundaryEvent", id_, event, attachedToRef=host, cancelActivity=str(interrupting).lower()
    )


def each(
    collection: str,
    item: str,
    into: str = "",
    output: str = "",
    *,
    sequential: bool = False,
    until: str = "",
) -> str:
    """A multi-instance marker."""
    more = f' outputCollection="{into}" outputElement="= {output}"' if into else ""
    loop = (
        f'<zeebe:loopCharacteristics inputCollection="= {collection}" inputElement="{item}"{more}/>'
    )
    until = f"<completionCondition>= {until}</completionCondition>" if until else ""
    return multi_instance(extension(loop) + until, sequential=sequential)


def multi_instance(inside: str, *, sequential: bool) -> str:
    """A multi-instance marker with the settings of any tool."""
    kind, flag = "multiInstanceLoopCharacteristics", str(sequential).lower()
    return f'<{kind} isSequential="{flag}">{inside}</{kind}>'


def sub(id_: str, inside: str, flow: str, **attributes: str) -> str:
    """An embedded sub-process."""
    return node("subProcess", id_, inside + flows(flow), **attributes)


def process(id_: str, inside: str, flow: str) -> str:
    """An executable process."""
    return node("process", id_, inside + flows(flow), isExecutable="true")


def document(*processes: str) -> bytes:
    """A diagram file."""
    named = "".join(node("message", m, name=m) for m in ("M", "N", "O")) + "".join(
        node("error", e, errorCode=e) for e in ("E", "F")
    )
    named += node("escalation", "X", escalationCode="X")
    return f"<definitions {NAMESPACES}>{named}{''.join(processes)}</definitions>".encode()


def diagram(inside: str, flow: str) -> bytes:
    """A file with one process, `p`."""
    return document(process("p", inside, flow))
