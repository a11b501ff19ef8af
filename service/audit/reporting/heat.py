"""The diagram with figures at its steps: how often each was passed, and how long it lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from service.audit.reporting.durations import DurationFigures
from service.audit.reporting.open_figures import OpenFigures
from service.audit.reporting.report_tables import ReportTable, span_text
from service.casework.casefile.diagram_viewer import Address, drawings, still_data
from service.casework.casefile.step_list import kind_name
from service.engine import Element
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.text import say

LEAST: Final = timedelta(minutes=1)
LEVELS: Final = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""Medians from which a step is warm, hot and hottest."""


def heat_level(median: timedelta) -> int:
    """0 for a step that lasts less than an hour, to 3 for a week and more."""
    return sum(median >= level for level in LEVELS)


def heat_data(
    release: PreparedRelease, process: str, figures: OpenFigures, *, lang: str, xml: Address
) -> dict[str, Any]:
    """Data of the viewer: at each step that was completed how often, the median and the 90th
    percentile of its time, coloured by the median.
    """
    counts = {
        element.id: (
            f"{took.number} · {span_text(took.median, lang)} / {span_text(took.most, lang)}",
            f"heat-{heat_level(took.median)}",
        )
        for element, took in _lasting(release, figures)
    }
    return still_data(drawings(release, process, xml, lang), counts)


def heat_table(release: PreparedRelease, figures: OpenFigures, lang: str) -> ReportTable:
    """The same as a table, the slowest step first."""
    found = sorted(_lasting(release, figures), key=lambda pair: pair[1].median, reverse=True)
    heads = ("step", "times", "median", "most", "longest")
    return ReportTable(
        "heat",
        say("report.heat_title", lang),
        tuple(say(f"report.head_{head}", lang) for head in heads),
        tuple(
            (
                element_name(element, lang) if element.names else kind_name(element, lang),
                str(took.number),
                *(span_text(time, lang) for time in (took.median, took.most, took.longest)),
            )
            for element, took in found
        ),
        empty=say("report.no_rows", lang),
    )


def _lasting(
    release: PreparedRelease, figures: OpenFigures
) -> list[tuple[Element, DurationFigures]]:
    """Steps that took a minute at least once; a call that is answered at once says nothing."""
    every = {
        element.id: element
        for definition in release.definitions.values()
        for element in definition.elements.values()
    }
    return [
        (every[id_], took)
        for id_, took in figures.steps.items()
        if id_ in every and took.longest >= LEAST
    ]
