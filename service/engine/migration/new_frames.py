"""New sub-processes around open work: a token that the new definition draws inside a sub-process
which did not run goes along into it, with its id, its deadline and all that hangs on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from service.engine.definition import Definition
from service.engine.migration.state_rows import element_of, is_token, without
from service.engine.spiff.activities import SubProcess
from service.engine.spiff.api import STARTED
from service.engine.spiff.codec import CODES
from service.engine.stored_state import StoredState
from service.engine.types import Row


@dataclass(frozen=True, slots=True)
class FramedState:
    """A state whose tokens stand inside the new sub-processes."""

    stored: StoredState
    begun: tuple[tuple[str, str], ...]
    """The sub-processes that begin with the move: element and task id."""


def framed(
    stored: StoredState, new: Definition, stay: Collection[str], draw: Callable[[], str]
) -> FramedState:
    """Put tokens into the sub-processes that the new definition draws around them.

    Args:
        stay: ids of tokens that go elsewhere.
        draw: gives the id of a sub-process that begins.
    """
    todo, scopes, begun = list(stored.scopes), [], []
    while todo:
        owner, name, rows = todo.pop(0)
        frames = _frames(new, name, rows, stay)
        running = {element_of(row) for row in rows}
        for frame in dict.fromkeys(frames.values()):
            # which run of one that is already there the token belongs to is not known
            if frame in running:
                continue
            inside = _together(rows, {id_ for id_, around in frames.items() if around == frame})
            began = max(row[5] for row in rows if row[0] in inside)
            id_ = draw()
            begun.append((frame, id_))
            # whoever began it is not in the state, so it hangs on the root
            row = [id_, -1, frame, CODES[SubProcess], STARTED, began, False, {}, {}]
            outside = {row[0] for row in rows} - inside
            todo.insert(0, (id_, frame, without(rows, outside)))
            rows = [*without(rows, inside), row]
        scopes.append((owner, name, rows))
    return FramedState(replace(stored, scopes=scopes), tuple(begun))


def _frames(new: Definition, scope: str, rows: list[Row], stay: Collection[str]) -> dict[str, str]:
    """The sub-process directly in a scope that the definition draws around a token, by token id."""
    frames = {
        row[0]: _frame(new, scope, row) for row in rows if is_token(row) and row[0] not in stay
    }
    return {id_: frame for id_, frame in frames.items() if frame}


def _together(rows: list[Row], tokens: Collection[str]) -> set[str]:
    """Ids of tokens, and of all that hangs together with them."""
    tops = {_top(rows, place) for place, row in enumerate(rows) if row[0] in tokens}
    return {row[0] for place, row in enumerate(rows) if _top(rows, place) in tops}


def _top(rows: list[Row], place: int) -> int:
    """The place of the row above a row that hangs on the root of the scope."""
    while rows[place][1] >= 0:
        place = rows[place][1]
    return place


def _frame(new: Definition, scope: str, row: Row) -> str:
    """The outermost plain sub-process of a scope in which the definition draws a row's element;
    empty when it is drawn in the scope itself, or elsewhere.
    """
    facts, frame = new.elements.get(element_of(row)), ""
    while facts is not None and facts.scope != scope:
        frame = facts.scope
        facts = new.elements.get(frame)
        if facts is not None:
            node = new.nets[facts.scope].view.nodes[frame]
            if node.event_sub or node.repeat is not None:
                return ""
    return frame if facts is not None else ""
