"""Print what all benches have measured, S1 to S20; with `--write` put it into docs/speed.md.

The charts are drawn into docs/images then, one file each.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.reporting.charts import described, draw
from tests.bench.reporting.tables import (
    as_markdown,
    put_between,
    results,
    rows_of,
    run_of,
    summary,
)

ROOT = Path(__file__).parents[3]
RESULTS, PAGE, IMAGES = ROOT / "var" / "bench", ROOT / "docs" / "speed.md", ROOT / "docs" / "images"


def main() -> int:
    found = results(RESULTS)
    if not found:
        print(f"There are no results in {RESULTS}; run: python3 dev.py bench")
        return 1
    rows = rows_of(found)
    if "--write" in sys.argv[1:]:
        images = []
        for chart in (chart for one in found for chart in one.get("charts", ())):
            file = IMAGES / f"speed-{chart['name']}.svg"
            file.write_text(draw(chart), encoding="utf-8")
            images.append(f"![{described(chart)}](images/{file.name})")
        page = PAGE.read_text(encoding="utf-8")
        page = put_between(page, "run", f"{run_of(found)} {summary(rows)}.")
        page = put_between(page, "table", as_markdown(rows))
        page = put_between(page, "charts", "\n\n".join(images))
        PAGE.write_text(page, encoding="utf-8")
    else:
        print(as_markdown(rows))
    print(summary(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
