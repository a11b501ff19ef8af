"""The parser of DMN: read a file into drawn tables.

Everything that is not a decision table is reported and left out.

Source: DMN 1.3, chapters 6 and 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from lxml import etree

from service.engine import limits
from service.engine.bpmn.sentences import finding
from service.engine.bpmn.xml import safe_tree
from service.engine.dmn.model import DrawnColumn, DrawnRow, DrawnTable
from service.engine.feel import Expression, FeelError, types
from service.engine.feel.types import Type
from service.errors import BadDiagram, Finding

SPACE: Final = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN: Final = f"{{{SPACE}}}"
KINDS: Final = {
    "string": types.STRING,
    "boolean": types.BOOLEAN,
    "number": types.NUMBER,
    "integer": types.NUMBER,
    "long": types.NUMBER,
    "double": types.NUMBER,
    "date": types.DATE,
    "time": types.TIME,
    "dateTime": types.MOMENT,
    "date and time": types.MOMENT,
    "days and time duration": types.DURATION,
    "years and months duration": types.MONTHS,
    "dayTimeDuration": types.DURATION,
    "yearMonthDuration": types.MONTHS,
    "Any": types.ANY,
    "": types.ANY,
}
"""Types by `typeRef`."""
WHOLE: Final = frozenset({"integer", "long"})
_REFUSED: Final = frozenset(
    {"businessKnowledgeModel", "decisionService", "import", "knowledgeRequirement"}
)
_LOGIC: Final = frozenset(
    {"literalExpression", "context", "invocation", "relation", "list", "functionDefinition"}
)
_NESTING: Final = 5


def read_tables(data: bytes, file: str) -> tuple[list[DrawnTable], list[Finding]]:
    """Read the tables of one file, and the findings about what cannot be read."""
    try:
        root = safe_tree(data, file)
    except BadDiagram as error:
        return [], list(error.findings)
    if root.tag != f"{DMN}definitions":
        return [], [finding("R102.space", file, facts={"file": file})]
    findings = [
        _refused(file, element) for element in root.iter(*(DMN + name for name in _REFUSED))
    ]
    kinds = _own_kinds(root, file, findings)
    tables = [
        table
        for element in root.iterchildren(f"{DMN}decision")
        if (table := _table(element, file, kinds, findings))
    ]
    return tables, findings


def _refused(file: str, element: etree._Element, inside: str = "") -> Finding:
    name = etree.QName(element).localname
    who = inside or element.get("id") or name
    return finding("R102", file, who, {"x": who, "name": name}, line=_line(element))


def _table(
    decision: etree._Element, file: str, kinds: dict[str, Type], findings: list[Finding]
) -> DrawnTable | None:
    id_ = decision.get("id", "")
    other = [element for element in decision if etree.QName(element).localname in _LOGIC]
    table = decision.find(f"{DMN}decisionTable")
    if other or table is None:
        findings.append(_refused(file, other[0] if other else decision, id_))
        return None
    drawing = DrawnTable(
        file=file,
        id=id_,
        name=decision.get("name", id_),
        line=_line(decision),
        policy=table.get("hitPolicy", "UNIQUE"),
        aggregation=table.get("aggregation", "") if table.get("hitPolicy") == "COLLECT" else "",
        inputs=tuple(_input(element) for element in table.iterchildren(f"{DMN}input")),
        outputs=tuple(_output(element, id_) for element in table.iterchildren(f"{DMN}output")),
        rows=tuple(_row(element) for element in table.iterchildren(f"{DMN}rule")),
        requires=tuple(_required(decision)),
        kinds=kinds,
        gives=_gives(decision),
    )
    too_large = list(_sizes(drawing))
    findings.extend(too_large)
    return None if too_large else drawing


def _gives(decision: etree._Element) -> str:
    """The type that the decision's variable declares."""
    variable = decision.find(f"{DMN}variable")
    return "" if variable is None else variable.get("typeRef", "")


def _sizes(table: DrawnTable) -> Iterator[Finding]:
    columns = len(table.inputs) + len(table.outputs)
    for n, parts, most in (
        (len(table.rows), "rows", limits.RULE_ROWS),
        (columns, "columns", limits.RULE_COLUMNS),
    ):
        if n > most:
            facts = {"x": table.title, "n": n, "parts": parts, "most": most}
            yield finding("R101", table.file, table.id, facts, line=table.line)


def _required(decision: etree._Element) -> Iterator[str]:
    for element in decision.iterfind(f"{DMN}informationRequirement/{DMN}requiredDecision"):
        yield element.get("href", "").rpartition("#")[2]


def _line(element: etree._Element) -> int:
    return int(cast("Any", element).sourceline or 0)  # the stubs know no type for it


def _text(element: etree._Element | None, path: str = "text") -> str:
    """The text of an element; empty when there is none."""
    names = "/".join(DMN + step for step in path.split("/"))
    child = None if element is None else element.find(names)
    return "" if child is None else (child.text or "").strip()


def _input(element: etree._Element) -> DrawnColumn:
    asked = element.find(f"{DMN}inputExpression")
    text = _text(asked)
    kind = "" if asked is None else asked.get("typeRef", "")
    allowed = _text(element, "inputValues/text")
    return DrawnColumn(element.get("label") or text, "", text, kind, allowed, "", _line(element))


def _output(element: etree._Element, decision: str) -> DrawnColumn:
    name = element.get("name") or decision
    kind = element.get("typeRef", "")
    allowed = _text(element, "outputValues/text")
    default = _text(element, "defaultOutputEntry/text")
    label = element.get("label") or name
    return DrawnColumn(label, name, "", kind, allowed, default, _line(element))


def _row(element: etree._Element) -> DrawnRow:
    cells = tuple(_text(cell) for cell in element.iterchildren(f"{DMN}inputEntry"))
    results = tuple(_text(cell) for cell in element.iterchildren(f"{DMN}outputEntry"))
    notes = [_text(cell) for cell in element.iterchildren(f"{DMN}annotationEntry")]
    described = element.findtext(f"{DMN}description") or ""
    return DrawnRow(
        element.get("id", ""),
        cells,
        results,
        "; ".join(note for note in (described.strip(), *notes) if note),
        _line(element),
    )


# ---- types that a file names itself


def declared_kinds(root: etree._Element) -> dict[str, Type]:
    """The types that a file names itself, by name."""
    return _own_kinds(root, "", [])


def _own_kinds(root: etree._Element, file: str, findings: list[Finding]) -> dict[str, Type]:
    definitions = {
        element.get("name", ""): element for element in root.iterchildren(f"{DMN}itemDefinition")
    }
    for element in definitions.values():
        findings.extend(
            _refused(file, item, element.get("name", ""))
            for item in element.iter(f"{DMN}functionItem")
        )
    return {name: _own_kind(element, definitions, 0) for name, element in definitions.items()}


def _own_kind(element: etree._Element, definitions: dict[str, etree._Element], depth: int) -> Type:
    if depth > _NESTING:
        return types.ANY
    parts = element.findall(f"{DMN}itemComponent")
    base = (element.findtext(f"{DMN}typeRef") or "").strip()
    kind = KINDS.get(base) or (
        _own_kind(definitions[base], definitions, depth + 1) if base in definitions else types.ANY
    )
    if parts:
        fields = {part.get("name", ""): _own_kind(part, definitions, depth + 1) for part in parts}
        kind = Type("context", fields=fields)
    elif kind.kind == "string":
        kind = Type("string", texts(_text(element, "allowedValues/text")) or kind.values)
    return types.list_of(kind) if element.get("isCollection") == "true" else kind


def texts(allowed: str) -> tuple[str, ...]:
    """The texts of a list of allowed values; empty when it holds anything else."""
    if not allowed:
        return ()
    try:
        return Expression(f"[{allowed}]", ()).type.values
    except FeelError:
        return ()
