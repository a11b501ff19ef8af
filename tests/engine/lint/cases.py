"""For each sentence of the linter a smallest bad release and a smallest good one."""

from __future__ import annotations

from tests.engine.lint.case import Case
from tests.engine.lint.cases_activities import STEPS
from tests.engine.lint.cases_event_subs import EVENT_SUBS
from tests.engine.lint.cases_events import SHAPE
from tests.engine.lint.cases_expressions import WORDS
from tests.engine.lint.cases_file import FILES
from tests.engine.lint.cases_gateways import WAYS
from tests.engine.lint.cases_picture import PICTURE
from tests.engine.lint.cases_soundness import FLOW, GRAPH
from tests.support.diagram_files import FORMS, RULE

CASES: list[Case] = [*FILES, *SHAPE, *EVENT_SUBS, *STEPS, *WAYS, *WORDS, *GRAPH, *FLOW, *PICTURE]
__all__ = ["CASES", "FORMS", "RULE", "Case"]
