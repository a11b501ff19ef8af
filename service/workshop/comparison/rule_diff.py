"""The differences between two versions of a decision table, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.engine import DrawnColumn, DrawnRow, DrawnTable
from service.workshop.comparison.release_changes import (
    NONE,
    RULE,
    TEXT,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
    rearranged,
    written,
)

COLUMN_PARTS = ("label", "name", "text", "kind", "allowed", "default")


def diff_table(
    before: DrawnTable, after: DrawnTable, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield the differences between two versions of a decision table."""
    yield from _TableDiff(before, after, file, texts).changes()


@dataclass(frozen=True, slots=True)
class _TableDiff:
    """Two versions of a decision table."""

    before: DrawnTable
    after: DrawnTable
    file: str
    texts: ChangeTexts

    def changes(self) -> Iterator[ReleaseChange]:
        old, new = self.before, self.after
        if old.name != new.name:
            yield self._change(TEXT, "rule_name", was=old.name or NONE, now=new.name or NONE)
        for part in ("policy", "aggregation", "requires", "gives"):
            was = getattr(old, part)
            now = getattr(new, part)
            if was != now:
                word = self.texts.part(f"rule_{part}")
                change = self._change(RULE, "rule_part", part=word)
                yield change.with_values(was, now)
        inputs = _matched(old.inputs, new.inputs)
        outputs = _matched(old.outputs, new.outputs)
        for was_column, now_column in (*inputs, *outputs):
            yield from self._column(was_column, now_column)
        yield from self._rows(inputs, outputs)

    def _change(self, kind: str, key: str, element: str = "", **facts: object) -> ReleaseChange:
        place = Place(element or self.after.id, self.file)
        return self.texts.change(kind, key, place, x=self.after.name or self.after.id, **facts)

    def _column(self, old: DrawnColumn | None, new: DrawnColumn | None) -> Iterator[ReleaseChange]:
        """One column: that it came or went, or what it asks or answers now."""
        if old is None or new is None:
            key = "rule_column_new" if old is None else "rule_column_gone"
            yield self._change(RULE, key, column=_title(new or old))
            return
        for part in COLUMN_PARTS:
            was = getattr(old, part)
            now = getattr(new, part)
            if was != now:
                kind = TEXT if part == "label" else RULE
                word = self.texts.part(f"column_{part}")
                yield self._change(kind, "rule_column", column=_title(new), part=word).with_values(
                    was, now
                )

    def _rows(self, inputs: _Columns, outputs: _Columns) -> Iterator[ReleaseChange]:
        old = _numbered(self.before.rows)
        new = _numbered(self.after.rows)
        if not _same_ids(self.before.rows, self.after.rows):
            old = _by_number(self.before.rows)
            new = _by_number(self.after.rows)
        moved = rearranged(list(old), list(new))
        for id_, was, now in pairs(old, new):
            if was is None or now is None:
                n, row = now or was or (0, None)
                key = "rule_row_new" if was is None else "rule_row_gone"
                yield self._change(RULE, key, _at(row), n=n, row=_row_text(row))
                continue
            yield from self._cells(was, now, inputs, outputs)
            if id_ in moved:
                yield self._change(RULE, "rule_row_order", now[1].id, n=now[0], was=was[0])

    def _cells(
        self, was: _Row, now: _Row, inputs: _Columns, outputs: _Columns
    ) -> Iterator[ReleaseChange]:
        """The cells of one row, in columns that both sides have; and its note."""
        (_, old), (n, new) = was, now
        for columns, cells, side in (
            (inputs, (old.cells, new.cells), "inputs"),
            (outputs, (old.results, new.results), "outputs"),
        ):
            before = getattr(self.before, side)
            after = getattr(self.after, side)
            for was_column, now_column in columns:
                if was_column is None or now_column is None:
                    continue
                a = _cell(cells[0], before.index(was_column))
                b = _cell(cells[1], after.index(now_column))
                if a != b:
                    facts = {"n": n, "column": _title(now_column), "was": a, "now": b}
                    yield self._change(RULE, "rule_cell", new.id, **facts)
        if old.note != new.note:
            change = self._change(TEXT, "rule_note", new.id, n=n)
            yield change.with_values(old.note, new.note)


_Row = tuple[int, DrawnRow]
_Columns = Sequence[tuple[DrawnColumn | None, DrawnColumn | None]]


def _matched(old: Sequence[DrawnColumn], new: Sequence[DrawnColumn]) -> _Columns:
    """Pair columns by what they ask or answer; those left over by their order when as many."""
    left = list(old)
    right = list(new)
    found: list[tuple[DrawnColumn | None, DrawnColumn | None]] = []
    for column in new:
        same = next((c for c in left if (c.name, c.text) == (column.name, column.text)), None)
        if same is not None:
            left.remove(same)
            right.remove(column)
            found.append((same, column))
    if len(left) == len(right):
        return [*found, *zip(left, right, strict=True)]
    return [*found, *((c, None) for c in left), *((None, c) for c in right)]


def _title(column: DrawnColumn | None) -> str:
    return (column.label or column.name or column.text) if column is not None else NONE


def _numbered(rows: Sequence[DrawnRow]) -> dict[str, _Row]:
    return {row.id: (n, row) for n, row in enumerate(rows, 1)}


def _by_number(rows: Sequence[DrawnRow]) -> dict[str, _Row]:
    return {str(n): (n, row) for n, row in enumerate(rows, 1)}


def _same_ids(*sides: Sequence[DrawnRow]) -> bool:
    """Whether rows can be said apart by their ids on every side."""
    return all(
        all(row.id for row in rows) and len({r.id for r in rows}) == len(rows) for rows in sides
    )


def _at(row: DrawnRow | None) -> str:
    return row.id if row is not None else ""


def _cell(cells: Sequence[str], index: int) -> str:
    return (cells[index] if index < len(cells) else "") or NONE


def _row_text(row: DrawnRow | None) -> str:
    """Write out a row; a dash for an empty cell."""
    if row is None:
        return NONE
    cells = " · ".join(written(cell) for cell in row.cells)
    return f"{cells} → {' · '.join(written(result) for result in row.results)}"
