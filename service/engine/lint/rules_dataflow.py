"""Rules about data flow: which steps write a variable before, or while, others read it.

D376, D405, D820 to D824.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from operator import itemgetter

from service.engine.bpmn.model import Node
from service.engine.feel import FeelError
from service.engine.lint.analysis.dataflow import Dataflow
from service.engine.lint.analysis.writes import (
    inputs_of,
    own_writes,
    read_by_outputs,
    writes_of,
    written_by,
)
from service.engine.lint.context import LintContext, joined, once
from service.engine.lint.rules_soundness import SoundnessContext
from service.engine.lint.scopes import CHOOSES, ScopeView, label
from service.errors import Finding

_FEW = 4
"""Steps of a way that a sentence names."""


class DataflowContext:
    """The context of the rules with the data flow, and which step reads and writes what."""

    def __init__(self, graphs: SoundnessContext) -> None:
        self.graphs = graphs
        self.context = graphs.context
        self.dataflow = Dataflow(graphs.context)

    @cached_property
    def reads(self) -> dict[str, frozenset[str]]:
        """Variables that each step needs when a token comes to it.

        Its own FEEL, its gateways' conditions, its handler's and its rule's; what its output
        mapping reads, as far as it must be known before.
        """
        reads = dict[str, frozenset[str]]()
        outputs = read_by_outputs(self.context)
        for view, node in self.context.nodes():
            names = set(self.context.needed.get(node.id, ()))
            asked = view.out[node.id] if node.kind in CHOOSES else ()
            names |= {name for flow in asked for name in self.context.reads.get(flow.id, ())}
            topic = self.context.files.topics.get(node.topic) if node.topic else None
            names |= set(topic.reads) - {target for target, _ in node.inputs} if topic else set()
            decision = self.context.decisions.get(node.decision)
            names |= set(decision.reads) - inputs_of(node) if decision else set()
            names |= outputs.get(node.id, frozenset())
            own = self.own(node) if node.repeat is not None else frozenset[str]()
            reads[node.id] = frozenset(names & self.context.types.keys() - self.kept(view) - own)
        return reads

    def kept(self, view: ScopeView) -> frozenset[str]:
        """Names that a repetition around a scope keeps: its items, and what is written in it."""
        owner, outer = view.owner, view.outer
        if owner is None or outer is None:
            return frozenset()
        own = (
            frozenset({owner.repeat.item, *self.written_within(view.id)})
            if owner.repeat
            else frozenset()
        )
        return own | self.kept(outer)

    def written_within(self, scope: str) -> frozenset[str]:
        view = self.context.view.get(scope)
        return (
            frozenset().union(*(own_writes(self.context, node).names for node in view.scope.nodes))
            if view
            else frozenset()
        )

    def own(self, node: Node) -> frozenset[str]:
        """Variables that a repetition writes in its own scope."""
        return (
            self.written_within(node.scope.id if node.scope else node.calls)
            | own_writes(self.context, node).names
        )

    @cached_property
    def writers(self) -> dict[str, list[Node]]:
        """Steps that write each variable of the case."""
        writers: dict[str, list[Node]] = {}
        for _, node in self.context.nodes():
            for name in sorted(writes_of(self.context, node).names):
                writers.setdefault(name, []).append(node)
        return writers

    @cached_property
    def hidden(self) -> dict[str, Node]:
        """Variables that only a repetition writes, and keeps."""
        hidden: dict[str, Node] = {}
        for _, node in self.context.nodes():
            if node.repeat is None:
                continue
            hidden |= {
                name: node
                for name in self.own(node) - writes_of(self.context, node).names
                if not self._leaves(name)
            }
        return hidden

    @cached_property
    def meanwhile(self) -> dict[str, int]:
        """Variables, as bits, that steps of the same scope write while each step can be open.

        Worked out once for all readers: the pairs of a scope are many.
        """
        meanwhile = dict.fromkeys(self.context.home, 0)
        for view in self.context.views:
            masks = {
                node.id: sum(self.bit[name] for name in written_by(self.context, node))
                for node in view.scope.nodes
            }
            for one, other in self.graphs.together(view):
                meanwhile[one.id] |= masks[other.id]
                meanwhile[other.id] |= masks[one.id]
        return meanwhile

    @cached_property
    def bit(self) -> dict[str, int]:
        """One bit for each variable that any step writes."""
        names = set(self.writers).union(
            *(written_by(self.context, node) for _, node in self.context.nodes())
        )
        return {name: 1 << n for n, name in enumerate(sorted(names))}

    def _leaves(self, name: str) -> bool:
        """Whether some step writes a variable that no repetition around it keeps."""
        return any(
            name not in self.kept(self.context.home[writer.id][0])
            for writer in self.writers.get(name, ())
        )


def d376_kept_by_a_repetition(flows: DataflowContext) -> Iterator[Finding]:
    """A repetition puts a variable that is read elsewhere into its output element."""
    for name, node in flows.hidden.items():
        if any(name in names for names in flows.reads.values()):
            yield flows.context.report("D376", node, {"name": name}, prop="outputElement")


def d405_condition_may_be_empty(flows: DataflowContext) -> Iterator[Finding]:
    """A condition may read an answer that a person can leave out."""
    for _, node in flows.context.nodes(*CHOOSES):
        for name in sorted(flows.reads[node.id]):
            if (
                name in flows.writers
                and flows.dataflow.set(name, node.id)
                and not flows.dataflow.given(name, node.id)
            ):
                yield flows.context.report("D405", node, {"variable": name})


def d820_nothing_sets(flows: DataflowContext) -> Iterator[Finding]:
    """A variable that is read can have been written before."""
    for node, name in _readers(flows):
        if not _is_ever_set(flows, node, name) and name not in flows.hidden:
            yield flows.context.report("D820", node, {"variable": name})


def d821_may_be_empty(flows: DataflowContext) -> Iterator[Finding]:
    """A variable that is read has a value on every way."""
    for node, name in _readers(flows):
        dataflow = flows.dataflow
        sure = (
            dataflow.set(name, node.id) if node.kind in CHOOSES else dataflow.given(name, node.id)
        )
        if not sure and _is_ever_set(flows, node, name):
            way = dataflow.way_around(
                (writer.id for writer in flows.writers.get(name, ())), node.id
            )
            yield flows.context.report(
                "D821", node, {"variable": name, "way": _named(flows, way, name), "path": list(way)}
            )


def d822_two_writers(flows: DataflowContext) -> Iterator[Finding]:
    """No two steps write one variable at the same time."""
    for view in flows.context.views:
        for one, other in flows.graphs.together(view):
            for name in sorted(written_by(flows.context, one) & written_by(flows.context, other)):
                yield flows.context.report(
                    "D822", one, {"a": label(one), "b": label(other), "variable": name}
                )


def d823_decides_during_a_write(flows: DataflowContext) -> Iterator[Finding]:
    """No step can change a variable at the same time as a gateway reads it."""
    found: dict[tuple[str, str, str], Node] = {}  # a process that is called twice says it once
    for view in flows.context.views:
        for pair in flows.graphs.together(view):
            for one, task in (pair, pair[::-1]):
                written = written_by(flows.context, task)
                for gateway in _gateways(flows.context, one) if written else ():
                    for name in flows.reads[gateway.id] & written:
                        found[gateway.id, name, label(task)] = gateway
    for (_, name, task_label), gateway in sorted(found.items(), key=itemgetter(0)):
        yield flows.context.report("D823", gateway, {"variable": name, "task": task_label})


def d824_read_nowhere(flows: DataflowContext) -> Iterator[Finding]:
    """A variable that is written is read somewhere."""
    if any(isinstance(expression, FeelError) for _, expression in flows.context.expressions):
        return  # what such a text means to read is not known
    read = set[str]().union(
        *flows.reads.values(),
        *flows.context.reads.values(),
        *(d.reads for d in flows.context.decisions.values()),
    )
    used = {node.form for _, node in flows.context.nodes()}
    read |= {
        name
        for form in flows.context.files.forms.values()
        if form.id in used
        for name in form.reads
    }
    for name, nodes in flows.writers.items():
        if name not in read and name in flows.context.types:
            yield flows.context.report("D824", nodes[0], {"variable": name})


def _is_ever_set(flows: DataflowContext, node: Node, name: str) -> bool:
    """Whether a variable can hold a value at a step.

    Handlers serve several places and cope with what comes later, so for them any writer is enough.
    """
    if flows.dataflow.perhaps_set(name, node.id):
        return True
    if name not in flows.context.needed.get(node.id, ()) and node.topic:
        return name in flows.writers
    return _written_meanwhile(flows, node, name)


def _readers(flows: DataflowContext) -> Iterator[tuple[Node, str]]:
    for _, node in flows.context.nodes():
        for name in sorted(flows.reads[node.id]):
            yield node, name


def _gateways(context: LintContext, node: Node) -> Iterator[Node]:
    """A gateway that chooses, or those inside a sub-process or a called process."""
    if node.kind in CHOOSES:
        yield node
    inside = context.inside(node)
    if inside is not None:
        yield from once(
            context,
            ("gateways", inside.id),
            lambda: tuple(
                {
                    gateway.id: gateway
                    for child in inside.scope.nodes
                    for gateway in _gateways(context, child)
                }.values()
            ),
        )


def _written_meanwhile(flows: DataflowContext, node: Node, name: str) -> bool:
    """Whether a step that can be open at the same time writes the variable.

    In the node's scope or one around it.
    """
    place: Node | None = node
    while place is not None:
        if flows.meanwhile[place.id] & flows.bit.get(name, 0):
            return True
        place = flows.context.home[place.id][0].owner
    return False


def _named(flows: DataflowContext, way: tuple[str, ...], name: str) -> str:
    """The end of a way in words; the writers of the variable when every way writes it."""
    if not way:
        writers = joined(label(node) for node in flows.writers.get(name, ())[:_FEW])
        return writers or name
    return flows.graphs.way(way[-_FEW:])


RULES = (
    d376_kept_by_a_repetition,
    d405_condition_may_be_empty,
    d820_nothing_sets,
    d821_may_be_empty,
    d822_two_writers,
    d823_decides_during_a_write,
    d824_read_nowhere,
)
