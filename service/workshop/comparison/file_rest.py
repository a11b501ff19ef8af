"""Differences in the rest of an XML file: whatever the other comparisons do not cover."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from service.engine import FileParts
from service.workshop.comparison.release_changes import (
    CONFIG,
    ROUTE,
    RULE,
    TEXT,
    WHO,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
)

CLASS_OF: Final = {
    **dict.fromkeys(("textAnnotation", "association", "group", "category"), TEXT),
    **dict.fromkeys(("participant", "collaboration", "messageFlow", "categoryValue"), TEXT),
    **dict.fromkeys(("lane", "laneSet"), WHO),
    **dict.fromkeys(("message", "error", "escalation", "signal"), ROUTE),
}
"""Class of what changed in an element by its tag; of all others it is configuration."""
RULES: Final = ".dmn"
LONGEST: Final = 80
"""Characters of a note that stand for its name."""
NEVER: Final = frozenset({"incoming", "outgoing", "flowNodeRef", "order", "in"})
"""Parts that say again what a flow, a step or another element says."""
COMPARED: Final = frozenset(
    {
        *("kind", "documentation", "conditionExpression", "text", "description"),
        *("@name", "@default", "@sourceRef", "@targetRef", "@attachedToRef"),
        *("@cancelActivity", "@isInterrupting", "@triggeredByEvent"),
        *("taskDefinition", "taskHeaders", "formDefinition", "assignmentDefinition"),
        *("taskSchedule", "priorityDefinition", "calledDecision", "calledElement", "ioMapping"),
        *("script", "multiInstanceLoopCharacteristics", "userTask"),
        *("@label", "@typeRef", "@hitPolicy", "@aggregation"),
    }
)
"""Parts that the comparison of processes and rules tells, where it tells anything of the element.

So are all whose name ends in `EventDefinition` or begins with `property:`.
"""


def diff_rest(
    before: FileParts,
    after: FileParts,
    file: str,
    named: Collection[str],
    texts: ChangeTexts,
) -> Iterator[ReleaseChange]:
    """Yield the differences between two versions of a file that nobody has named yet.

    Args:
        named: ids of elements about which there is a sentence already.
    """
    for id_, old, new in pairs(before.elements, after.elements):
        element = new or old
        if element is None:
            continue
        known = id_ in named or any(at in named for at in _around(id_, before, after))
        kind = RULE if file.endswith(RULES) else CLASS_OF.get(element["kind"], CONFIG)
        facts = {"x": _name(id_, element, texts), "sort": texts.element_kind(element["kind"])}
        place = Place(id_, file)
        if old is None or new is None:
            if not known:
                key = "other_new" if old is None else "other_gone"
                yield texts.change(kind, key, place, **facts)
            continue
        for part, was, now in pairs(old, new):
            if was == now or part in NEVER or (known and _is_compared(part)):
                continue
            word = texts.word(f"file_{part.removeprefix('@')}", part.removeprefix("@"))
            change = texts.change(kind, "other_part", place, **facts, part=word)
            yield change.with_values(was or "", now or "")


def _is_compared(part: str) -> bool:
    return part in COMPARED or part.endswith("EventDefinition") or part.startswith("property:")


def _around(id_: str, before: FileParts, after: FileParts) -> Iterator[str]:
    """The elements of a rule's file around one: a cell is said with its row, a row with its table.

    Steps of a diagram stand for themselves.
    """
    for side in (after, before):
        at = side.elements.get(id_, {})
        while at.get("kind") in _PARTS_OF_RULES:
            outer = at.get("in", "")
            yield outer
            at = side.elements.get(outer, {})


_PARTS_OF_RULES: Final = frozenset(
    {
        *("rule", "input", "output", "inputEntry", "outputEntry", "annotationEntry"),
        *("inputExpression", "inputValues", "outputValues", "defaultOutputEntry"),
        *("decisionTable", "variable", "annotation"),
    }
)


def _name(id_: str, element: Mapping[str, str], texts: ChangeTexts) -> str:
    """What people read for an element; its id where it has no name."""
    own = element.get(f"property:name.{texts.lang}") or element.get("@name")
    return own or element.get("@label") or element.get("text", "")[:LONGEST] or id_
