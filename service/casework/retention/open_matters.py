"""What is open about an ended case in another case, which names it: a call that is still worked on,
an alarm or a complaint in it, a child's case, a case that continues it.

The ended case may have no key any more, so each open case is asked whom it names, never the other
way round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from service.casework.cases import continuation
from service.casework.cases.loaded_case import snapshot_binding
from service.engine import peek
from service.records.context import Services
from service.store.at_hand import Reader
from service.store.casefile import cases

ALARM, COMPLAINT, CHILD, REQUEST, CONTINUED = KINDS = (
    *("alarm", "complaint", "child", "request", "continued"),
)
"""What an open case is to the one that it names: the first of them that is so. A request is a case
of another process than the one that it names."""
OpenMatters: TypeAlias = Mapping[str, str]
"""Ended case to what is open about it: of several the first of `KINDS`."""


def load_open_matters(reader: Reader, services: Services) -> OpenMatters:
    """Load what open cases are about others.

    Raises:
        CannotOpen: the key of an open case does not open: nobody can say whom it names.
    """
    found = defaultdict[str, list[str]](list)
    for id_ in cases.open_with_line(reader, continuation.CONTINUES):
        for named in continuation.named_by(reader, services, id_):
            found[named].append(_kind(reader, services, id_, named))
    return {named: min(kinds, key=KINDS.index) for named, kinds in found.items()}


def _kind(reader: Reader, services: Services, case_id: str, named: str) -> str:
    case, about = cases.stored_whole(reader, case_id), cases.get(reader, named)
    own = services.case_keys(reader, case_id).require_own()
    if case is None or case.snapshot is None:
        return CONTINUED
    state = peek(own.open("snapshot", case.snapshot, **snapshot_binding(case)))
    names = services.configuration(services.release(reader, case.release_id)).named_fields
    if any(name in names.alarms for _, name, _ in state.scopes):
        return ALARM
    if state.variables.get(names.complaint.role):
        return COMPLAINT
    if about is not None and about.process != case.process:
        return REQUEST
    return CHILD if state.variables.get(names.words.child) is True else CONTINUED
