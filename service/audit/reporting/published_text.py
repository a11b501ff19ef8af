"""The tables of a published version as texts: numbers, what is hidden, and names in a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.audit.reporting.published import HIDDEN
from service.audit.reporting.report_tables import ReportTable
from service.audit.reporting.suppression import ALSO, SMALL, Cell
from service.text import say


def published_tables(tables: Mapping[str, Any], lang: str) -> list[ReportTable]:
    """The tables of a version, those of one dimension first."""
    return [*_dimensions(tables, lang), *_crossings(tables, lang)]


def cell_text(cell: Cell, least: int, lang: str) -> str:
    """A number, "<11", or the word for one that is hidden with it."""
    if cell == SMALL:
        return f"<{least}"
    return say("report.also_hidden", lang) if cell == ALSO else str(cell)


def _dimensions(tables: Mapping[str, Any], lang: str) -> Iterator[ReportTable]:
    least = int(tables["least"])
    cases = say("report.head_cases", lang)
    for one in tables["dimensions"]:
        rows = [
            (_word(group, lang), cell_text(cell, least, lang))
            for group, cell in zip(one["groups"], one["cells"] or (), strict=False)
        ]
        if rows:
            rows.append((say("report.total", lang), str(tables["total"])))
        name = _word(one, lang)
        yield _table(f"sealed-{one['id']}", name, (name, cases), rows, lang)


def _crossings(tables: Mapping[str, Any], lang: str) -> Iterator[ReportTable]:
    known = {one["id"]: one for one in tables["dimensions"]}
    for one in tables["crossings"]:
        down, across = known[one["rows"]], known[one["columns"]]
        title = say(
            "report.crossing", lang, rows=_word(down, lang), columns=_word(across, lang).lower()
        )
        heads = [_word(down, lang)]
        rows: list[tuple[str, ...]] = []
        if one["cells"] is not None:
            total = say("report.total", lang)
            columns = _margins(across, int(tables["total"]))
            heads += [*_names(across, one["column_ids"], lang), total]
            rows = [*_rows(one, down, tables, lang)]
            rows.append(
                (total, *(str(columns[id_]) for id_ in one["column_ids"]), str(tables["total"]))
            )
        yield _table(f"sealed-{one['rows']}-{one['columns']}", title, heads, rows, lang)


def _rows(
    one: Mapping[str, Any], down: Mapping[str, Any], tables: Mapping[str, Any], lang: str
) -> Iterator[tuple[str, ...]]:
    margins = _margins(down, int(tables["total"]))
    least = int(tables["least"])
    names = _names(down, one["row_ids"], lang)
    for id_, name, cells in zip(one["row_ids"], names, one["cells"], strict=True):
        yield name, *(cell_text(cell, least, lang) for cell in cells), str(margins[id_])


def _margins(dimension: Mapping[str, Any], total: int) -> dict[str, int]:
    """The shown groups, and all hidden ones together."""
    shown = {
        group["id"]: cell
        for group, cell in zip(dimension["groups"], dimension["cells"], strict=True)
        if isinstance(cell, int)
    }
    return {**shown, HIDDEN: total - sum(shown.values())}


def _names(dimension: Mapping[str, Any], ids: Sequence[str], lang: str) -> list[str]:
    words = {group["id"]: _word(group, lang) for group in dimension["groups"]}
    return [words.get(id_, say("report.together", lang)) for id_ in ids]


def _word(named: Mapping[str, Any], lang: str) -> str:
    words: Mapping[str, str] = named["words"]
    return words.get(lang) or words.get("sv", "")


def _table(
    id_: str, title: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]], lang: str
) -> ReportTable:
    return ReportTable(id_, title, (*heads,), (*rows,), "", say("report.withheld", lang))
