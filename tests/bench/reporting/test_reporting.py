"""What the benches have measured becomes a table of all measures, and charts that anybody reads."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tests.bench.reporting.charts import draw, figure, nice
from tests.bench.reporting.tables import MEASURES, as_markdown, put_between, rows_of, summary

SVG = "{http://www.w3.org/2000/svg}"
CHART: dict[str, Any] = {
    "name": "growth",
    "title": "Inbox & cases <of many>",
    "x": "cases",
    "y": "milliseconds",
    "lines": {
        "inbox": [[1_000, 7.0], [100_000, 7.1], [1_000_000, 7.4]],
        "cases": [[1_000, 7.0], [1_000_000, 7.4]],
    },
}
ROW = {"id": "S4", "measure": "of all", "target": ">= 1.2", "measured": "1.3", "met": True}


def bench(*rows: dict[str, object]) -> dict[str, Any]:
    return {"rows": list(rows), "charts": []}


def test_the_table_has_every_measure_in_order() -> None:
    late = {**ROW, "id": "S12", "met": False}
    rows = rows_of([bench(late, {**ROW, "id": "H"}), bench(ROW, ROW)])
    assert [row["id"] for row in rows] == sorted([*MEASURES, "S4"], key=MEASURES.index)
    table = as_markdown(rows)
    assert "| S4 | of all | ≥ 1.2 | 1.3 | met |\n|  | of all |" in table
    assert "| S12 | of all | ≥ 1.2 | 1.3 | **missed** |" in table
    assert "| S7 | not measured in this run |" in table
    assert summary(rows) == "2 of 3 met; missed: S12"


def test_a_page_keeps_what_stands_around_the_table() -> None:
    page = "a\n<!-- table -->\nold\n<!-- end -->\nb\n<!-- run -->\n<!-- end -->\n"
    written = put_between(page, "table", r"new \1")
    assert written == page.replace("old", r"new \1")
    assert put_between(written, "table", "old") == page


def test_a_chart_is_read_aloud_and_fits_dark_pages() -> None:
    root = etree.fromstring(draw(CHART).encode())
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert root.findtext(f"{SVG}title") == CHART["title"]
    told = root.findtext(f"{SVG}desc") or ""
    assert told.startswith("milliseconds over cases. inbox: 7 at 1,000, 7.4 at 1,000,000; cases: ")
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")
    assert not root.findall(f".//{SVG}script")
    assert len(draw(CHART)) < 4_000


def test_names_of_lines_never_lie_on_each_other() -> None:
    root = etree.fromstring(draw(CHART).encode())
    names = [text for text in root.iter(f"{SVG}text") if (text.get("class") or "").startswith("n")]
    first, second = (float(text.get("y") or 0) for text in names)
    assert abs(first - second) >= 17


def test_figures_of_an_axis_are_round() -> None:
    assert [nice(least) for least in (0.03, 0.5, 1, 3, 7, 12)] == [0.05, 0.5, 1, 5, 10, 20]
    assert [figure(value) for value in (1_000_000, 12.4, 3.0, 0.25)] == [
        *("1,000,000", "12", "3", "0.25"),
    ]
