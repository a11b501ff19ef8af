"""How tests of the engine write small diagrams, and walk cases through them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from service.engine.advance import advance
from service.engine.definition import Definition, define
from service.engine.feel_types import BOOLEAN, LIST, NUMBER, STRING, Type
from service.engine.reader import read_trees
from service.engine.values import Advance, Answer, Complete, Due, Fail, Files, Json, Message, Open, Start, Stimulus

NAMESPACES = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t" id="d"'
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
TYPES: Mapping[str, Type] = {"yes": BOOLEAN, "n": NUMBER, "list": LIST, "out": LIST, "text": STRING}


def flows(text: str) -> str:
    """'a>b b>c[x~=~1]': source>target[condition]; ~ stands for a blank."""
    out = []
    for flow in text.split():
        source, rest = flow.split(">", 1)
        target, _, condition = rest.rstrip("]").partition("[")
        feel = condition.replace("~", " ").replace("<", "&lt;")
        inside = f"<conditionExpression>= {feel}</conditionExpression>" if feel else ""
        out.append(f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>')
    return "".join(out)


def node(kind: str, id_: str, inside: str = "", **attributes: str) -> str:
    """Any element."""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<{kind} id="{id_}"{given}>{inside}</{kind}>'


def nodes(kind: str, ids: str) -> str:
    """Several plain elements of a kind."""
    return "".join(node(kind, id_) for id_ in ids.split())


def extension(inside: str) -> str:
    """Zeebe settings."""
    return f"<extensionElements>{inside}</extensionElements>"


def properties(**given: str) -> str:
    """Zeebe properties."""
    return "<zeebe:properties>" + "".join(f'<zeebe:property name="{k}" value="{v}"/>' for k, v in given.items()) + "</zeebe:properties>"


def job(id_: str, topic: str = "letters.send", more: str = "", kind: str = "serviceTask") -> str:
    """A step that a handler does."""
    return node(kind, id_, extension(f'<zeebe:taskDefinition type="{topic}"/>{more}'))


def mapping(outputs: Mapping[str, str] | None = None, inputs: Mapping[str, str] | None = None) -> str:
    """An `ioMapping`."""
    pairs = [("input", inputs or {}), ("output", outputs or {})]
    return "<zeebe:ioMapping>" + "".join(f'<zeebe:{k} source="{v}" target="{t}"/>' for k, given in pairs for t, v in given.items()) + "</zeebe:ioMapping>"


def timer(way: str, value: str) -> str:
    """A timer's definition: Duration, Date or Cycle."""
    return f"<timerEventDefinition><time{way}>{value}</time{way}></timerEventDefinition>"


def ref(way: str, name: str = "") -> str:
    """A message M or N, error E or F, escalation X; without a name an error that catches all."""
    return f'<{way}EventDefinition {way}Ref="{name}"/>' if name else f"<{way}EventDefinition/>"


def border(id_: str, host: str, event: str, *, interrupting: bool = True) -> str:
    """A border event."""
    return node("boundaryEvent", id_, event, attachedToRef=host, cancelActivity=str(interrupting).lower())


def each(collection: str, item: str, into: str = "", output: str = "", *, sequential: bool = False, until: str = "") -> str:
    """A multi-instance marker."""
    more = f' outputCollection="{into}" outputElement="= {output}"' if into else ""
    loop = f'<zeebe:loopCharacteristics inputCollection="= {collection}" inputElement="{item}"{more}/>'
    until = f"<completionCondition>= {until}</completionCondition>" if until else ""
    return f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{extension(loop)}{until}</multiInstanceLoopCharacteristics>'


def sub(id_: str, inside: str, flow: str, **attributes: str) -> str:
    """An embedded sub-process."""
    return node("subProcess", id_, inside + flows(flow), **attributes)


def process(id_: str, inside: str, flow: str) -> str:
    """An executable process."""
    return node("process", id_, inside + flows(flow), isExecutable="true")


def document(*processes: str) -> bytes:
    """A diagram file."""
    named = "".join(node("message", m, name=m) for m in ("M", "N", "O")) + "".join(node("error", e, errorCode=e) for e in ("E", "F"))
    named += node("escalation", "X", escalationCode="X")
    return f"<definitions {NAMESPACES}>{named}{''.join(processes)}</definitions>".encode()


def diagram(inside: str, flow: str) -> bytes:
    """A file with one process, `p`."""
    return document(process("p", inside, flow))


def definition(
    data: bytes, *, types: Mapping[str, Type] = TYPES, calendars: Mapping[str, bytes] | None = None, rules: Mapping[str, bytes] | None = None
) -> Definition:
    """Read and build a small diagram. It is not linted: guard tests draw what the linter would refuse."""
    files = Files({"p.bpmn": data}, rules=rules or {}, types=types, calendars=calendars or {})
    reading = read_trees(files)
    assert not reading.findings
    return define(files, reading.model)["p"]


def small(inside: str, flow: str, ends: str = "e") -> Definition:
    """A process with a start s, some ends, and what is between."""
    return definition(diagram(node("startEvent", "s") + inside + nodes("endEvent", ends), flow))


def straight(ids: str, more: str = "", flow: str = "") -> Definition:
    """Start s, tasks for people in a row, end e."""
    chain = ["s", *ids.split(), "e"]
    links = " ".join(f"{a}>{b}" for a, b in pairwise(chain))
    return definition(diagram(node("startEvent", "s") + nodes("userTask", ids) + more + node("endEvent", "e"), f"{links} {flow}"))


class Walk:
    """A case under test: what waits in it, and a clock with hands."""

    def __init__(self, drawn: Definition, start: Start | None = None, now: datetime = MONDAY) -> None:
        self.definition = drawn
        self.now = now
        self.seed = 0
        self.state = b""
        self.log: list[tuple[Stimulus, datetime, str]] = []
        self.turn: Advance = self.act(start or Start())

    def act(self, stimulus: Stimulus, now: datetime | None = None) -> Advance:
        """Let something happen."""
        self.now = now or self.now
        turn = advance(self.definition, self.state, stimulus, now=self.now, seed=str(self.seed + 1))
        self.seed += 1
        self.turn, self.state = turn, turn.state
        self.log.append((stimulus, self.now, str(self.seed)))
        return turn

    def open(self, *kinds: str) -> list[str]:
        """Elements that are open, of those kinds or of all."""
        return [o.element for o in self.turn.open if not kinds or o.kind in kinds]

    def one(self, element: str, place: int = 0) -> Open:
        """What is open at an element."""
        return [o for o in self.turn.open if o.element == element][place]

    def do(self, element: str, place: int = 0, **variables: Json) -> Advance:
        """Complete a task, answer a job, fire a timer in its time, send a message: whatever waits there."""
        opened = self.one(element, place)
        match opened.kind:
            case "task":
                return self.act(Complete(opened.id, variables))
            case "job":
                return self.act(Answer(opened.id, variables))
            case "timer":
                assert opened.due is not None
                return self.act(Due(opened.id), max(self.now, opened.due))
            case "message":
                return self.act(Message(opened.what, variables, element))
        raise AssertionError(opened)

    def fail(self, element: str, code: str) -> Advance:
        """A handler reports an error."""
        return self.act(Fail(self.one(element).id, code))

    def later(self, **time: float) -> None:
        """Let time go by."""
        self.now += timedelta(**time)

    def told(self, what: str) -> list[tuple[str, tuple[str | int, ...]]]:
        """Element and detail of the last turn's steps of a kind."""
        return [(s.element, s.detail) for s in self.turn.steps if s.what == what]
