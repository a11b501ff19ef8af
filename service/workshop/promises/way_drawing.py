"""The way that breaks a promise, as marks on the drawings of a draft."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from service.casework.casefile.diagram_viewer import still_data
from service.workshop.promises.drafted import DraftPromises
from service.workshop.promises.summary import DraftPromise

BROKEN = "broken"


def way_data(
    promises: DraftPromises,
    promise: DraftPromise,
    *,
    id_: str,
    name: str,
    xml: Callable[[str], str],
) -> dict[str, Any]:
    """Data of the viewer for the drawings that a way goes through, with its steps numbered and the
    ways between them marked.

    Args:
        id_, name: of the draft.
        xml: gives the address of a drawing.
    """
    files = list(dict.fromkeys(promises.file_of(id_) for id_ in promise.path))
    where = {id_: files.index(promises.file_of(id_)) for id_ in promise.path}
    numbers = {step.id: str(n) for n, step in enumerate(promise.way, 1)}
    flows = promises.flows_between(pairwise(promise.path))
    drawn = {
        "id": id_,
        "name": name,
        "files": [{"file": f, "title": promises.title(f), "xml": xml(f)} for f in files],
        "where": {id_: place for id_, place in where.items() if place},
        "calls": {},
    }
    marks = {id_: [BROKEN, numbers.get(id_, "")] for id_ in (*flows, *promise.path)}
    last = promise.path[-1] if promise.path else ""
    return {**still_data(drawn, element=last), "marks": marks}
