"""A release with the installation's tables of sight, as the proofs ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.access import Matrix, read_matrix
from service.engine.bpmn.model import Node
from service.engine.bpmn.parser import read_trees
from service.engine.feel import Expression
from service.engine.feel.values import Value
from service.engine.lint import judge
from service.engine.lint.context import build_context
from service.engine.lint.promises import answer, read_promise
from service.engine.lint.rules_dataflow import DataflowContext
from service.engine.lint.rules_soundness import SoundnessContext
from service.engine.lint.scopes import ScopeView
from service.forms import Form
from service.release.bundle import VOCABULARY, Bundle
from service.release.prepared import files_of
from service.release.programme.grant_rules import GrantRule, read_grants
from service.release.programme.vocabulary import read_vocabulary
from service.sandbox.handlers import declared

Broken = Iterator[str]


@dataclass(frozen=True)
class World:
    """All that makes promises: a release, and the installation's own tables of sight."""

    bundle: Bundle
    grants: str
    visibility: str

    @cached_property
    def flows(self) -> DataflowContext:
        files, _, _ = files_of(self.bundle, declared())
        return DataflowContext(SoundnessContext(build_context(files, read_trees(files), None)))

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        return files_of(self.bundle, declared())[1]

    @cached_property
    def codes(self) -> list[tuple[str, str]]:
        """What the linter finds."""
        files, _, _ = files_of(self.bundle, declared())
        return [(found.code, found.element) for found in judge(files, read_trees(files))]

    @cached_property
    def stages(self) -> tuple[str, ...]:
        return read_vocabulary(self.bundle.text(VOCABULARY)).stages

    @cached_property
    def matrix(self) -> Matrix:
        return read_matrix(self.visibility, self.stages)

    @cached_property
    def opens(self) -> tuple[GrantRule, ...]:
        return read_grants(self.grants, self.stages).grants

    def node(self, id_: str) -> Node:
        return self.flows.context.home[id_][1]

    def says(self, text: str) -> Broken:
        """One sentence of the dialect."""
        promise = read_promise(text)
        assert promise is not None
        found = answer(self.flows, promise)
        if found.verdict != "holds":
            yield f"{text}: {found.verdict} {' '.join(found.way)}"

    def allows(self, flow: str, **values: Value) -> bool:
        """Whether a flow's condition lets a case through with these values."""
        condition = self.flows.context.condition[flow]
        assert isinstance(condition, Expression)
        return condition.evaluate(values) is True

    def into(self, id_: str) -> set[str]:
        """Flows that lead to a step."""
        return {flow.id for flow in self.flows.context.home[id_][0].into.get(id_, ())}

    def next(self, id_: str) -> Iterator[str]:
        """Where a token may come to from a step: into a frame or call, along the flows, over a
        border, out of an end.
        """
        context = self.flows.context
        view, node = context.home[id_]
        inside = (
            context.view.get(node.scope.id if node.scope else node.calls)
            if node.kind in {"subProcess", "callActivity"}
            else None
        )
        yield from (
            (n.id for n in inside.scope.nodes if n.kind == "startEvent")
            if inside
            else (f.target for f in view.out.get(id_, ()))
        )
        if node.kind == "endEvent":
            yield from self._out_of(view, node)

    def _out_of(self, view: ScopeView, node: Node) -> Iterator[str]:
        """Behind the frame or the calls around an end; to the border that catches it, where it is
        an error.
        """
        owners = (
            [(view.outer, view.owner)]
            if view.owner and view.outer
            else self.flows.context.callers.get(view.process.id, ())
        )
        for outer, owner in owners:
            catches = [
                b.id
                for b in outer.borders.get(owner.id, ())
                if b.event.kind == "error" and b.event.ref in {"", node.event.ref}
            ]
            if node.event.kind != "error":
                yield from (f.target for f in outer.out.get(owner.id, ()) if not owner.event_sub)
            elif catches:
                yield from catches
            else:
                yield from self._out_of(outer, node)

    def reached(self, start: str, *, stop: Callable[[Node], bool] = lambda _: False) -> set[str]:
        """Places that a token may come to behind a step; it goes no further than where `stop` says
        so.
        """
        found, todo = set[str](), [start]
        for id_ in todo:  # grows while it is walked
            for other in self.next(id_) if id_ == start or not stop(self.node(id_)) else ():
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return found
