"""Rules about the elements and attributes of a file, and about ids.

X106 to X109, D101 to D104, D112, D501, D510.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from service.engine.bpmn.dialect import (
    ATTRIBUTES,
    DRAWING,
    HARMLESS_CAMUNDA,
    IDLE,
    INNOCENT,
    KNOWN,
    MEANINGLESS,
    PICTURE,
    SILENT_CAMUNDA,
)
from service.engine.bpmn.elements import BPMN, FLOW_NODES, ZEEBE, local
from service.engine.bpmn.zeebe_dialect import ZEEBE_INSTEAD
from service.engine.lint.context import LintContext, Rule, joined
from service.engine.lint.scopes import Place
from service.errors import Finding

CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_RESERVED = re.compile(
    r"(Start|End|Root|.*(\.EndJoin|\.BoundaryEventSplit|\.BoundaryEventJoin| \[child\]))", re.DOTALL
)


def x106_camunda_7(context: LintContext) -> Iterator[Finding]:
    """Settings of Camunda 7 that change what a diagram does are refused."""
    yield from _settings_of(context, "X106", CAMUNDA, HARMLESS_CAMUNDA | SILENT_CAMUNDA)


def x107_spiff_arena(context: LintContext) -> Iterator[Finding]:
    """Settings of SpiffArena are refused; its expressions are Python."""
    yield from _settings_of(context, "X107", SPIFF, frozenset())


def x108_unknown_element(context: LintContext) -> Iterator[Finding]:
    """An element runs here, or is only drawn."""
    for file, element, kind in context.xml.drawn:
        unknown = (element,) if kind not in KNOWN else ()
        for stranger in (*unknown, *_foreign(element, kind)):
            name = etree.QName(stranger).localname
            yield context.report_element("X108", file, stranger, {"kind": name})


def x109_other_makers(context: LintContext) -> Iterator[Finding]:
    """Settings of other programs are kept and reported."""
    for parts in context.xml.foreign:
        names = {_prefixed(setting) for setting in parts.settings if _is_other(str(setting.tag))}
        names |= {name.rpartition("}")[2] for name in parts.attributes if _is_other(name)}
        if names:
            yield context.report_element(
                "X109", parts.file, parts.element, {"names": joined(sorted(names))}
            )


def d101_reserved_id(context: LintContext) -> Iterator[Finding]:
    """An id is none that the engine makes itself; SpiffWorkflow swallows the step that has it."""
    places: list[Place] = [
        *(node for _, node in context.nodes()),
        *context.model.processes.values(),
    ]
    for place in places:
        if _RESERVED.fullmatch(place.id):
            plain = re.sub(r"[^A-Za-z0-9_-]", "_", place.id)
            yield context.report(
                "D101", place, {"id": place.id, "suggested": f"{plain}_1"}, prop="id", fix="rename"
            )


def d102_id_twice(context: LintContext) -> Iterator[Finding]:
    """An id is used once in a release; rows and steps are addressed by it."""
    first: dict[str, str] = {}
    for file, root in context.trees.items():
        here: set[str] = set()
        for element in root.iter(f"{BPMN}*"):
            id_ = element.get("id", "")
            kind = local(element)
            if not id_:
                continue
            shared = kind in FLOW_NODES or kind in {"process", "sequenceFlow"}
            if id_ in here or (shared and id_ in first):
                facts = {"id": id_, "x": element.get("name") or id_, "y": first.get(id_, id_)}
                yield context.report_element("D102", file, element, facts, prop="id")
            here.add(id_)
            if shared:
                first.setdefault(id_, element.get("name") or id_)


def d103_letters_of_an_id(context: LintContext) -> Iterator[Finding]:
    """An id has only letters that fit URLs, file names and FEEL."""
    for view in context.views:
        places: tuple[Place, ...] = (
            *((view.process,) if view.owner is None else ()),
            *view.scope.nodes,
        )
        for place in places:
            if not _ID.fullmatch(place.id) and not _RESERVED.fullmatch(place.id):
                yield context.report("D103", place, prop="id")


def d104_which_process(context: LintContext) -> Iterator[Finding]:
    """A file has an executable process; two in one file are connected by a call."""
    for file, root in context.trees.items():
        here = [process.id for process in context.model.processes.values() if process.file == file]
        calls = {
            view.process.id
            for view, node in context.nodes("callActivity")
            if node.calls in here and node.calls != view.process.id
        }
        calls |= {
            node.calls for view, node in context.nodes("callActivity") if view.process.id in here
        }
        if not here or (len(here) > 1 and not calls.issuperset(here)):
            yield context.report_element("D104", file, root, prop="isExecutable")


def d112_second_system(context: LintContext) -> Iterator[Finding]:
    """A pool whose process is not executable is drawn empty."""
    for file, root in context.trees.items():
        if all(
            process.get("isExecutable") != "true" for process in root.iterchildren(f"{BPMN}process")
        ):
            continue  # D104 says which of them to mark
        pools = {pool.get("processRef"): pool for pool in root.iter(f"{BPMN}participant")}
        for process in root.iterchildren(f"{BPMN}process"):
            if process.get("isExecutable") != "true" and any(
                local(child) in FLOW_NODES for child in process
            ):
                pool = pools.get(process.get("id"), process)
                yield context.report_element(
                    "D112", file, pool, {"pool": pool.get("name") or pool.get("id", "")}
                )


def d501_picture_only(context: LintContext) -> Iterator[Finding]:
    """Elements that are only drawn are reported."""
    for file, element, kind in context.xml.drawn:
        black_box = kind == "participant" and not element.get("processRef")
        if kind in PICTURE or black_box:
            yield context.report_element("D501", file, element, {"kind": kind})


def d510_idle_settings(context: LintContext) -> Iterator[Finding]:
    """Settings of BPMN that have no meaning here are reported."""
    for file, root in context.trees.items():
        idle: defaultdict[etree._Element, list[str]] = defaultdict(list)
        for element in root.iter(f"{BPMN}*"):
            kind = local(element)
            parent = element.getparent()
            if kind in IDLE and parent is not None:
                idle[parent].append(kind)
            elif kind in KNOWN and kind not in DRAWING:
                idle[element] += _idle_attributes(element, kind)
        for element, names in idle.items():
            if names:
                yield context.report_element(
                    "D510", file, element, {"names": joined(sorted(set(names)))}
                )


def _idle_attributes(element: etree._Element, kind: str) -> list[str]:
    """Attributes without a meaning here, unless they have the value that holds anyhow."""
    known = ATTRIBUTES.get(kind, frozenset())
    return [
        str(name)
        for name, value in element.attrib.items()
        if not str(name).startswith("{")
        and name not in known
        and (str(name), str(value)) not in INNOCENT
    ]


def _settings_of(
    context: LintContext, code: str, namespace: str, harmless: frozenset[str]
) -> Iterator[Finding]:
    """One finding for each element with attributes or extension elements of a namespace."""
    for parts in context.xml.foreign:
        tags = {
            name.rpartition("}")[2]
            for name in (*(str(setting.tag) for setting in parts.settings), *parts.attributes)
            if name.startswith(namespace)
        }
        names = sorted(tags - harmless)
        if names:
            instead = joined(
                sorted({ZEEBE_INSTEAD.get(name, "zeebe:properties") for name in names})
            )
            yield context.report_element(
                code, parts.file, parts.element, {"names": joined(names), "instead": instead}
            )


def _foreign(element: etree._Element, kind: str) -> list[etree._Element]:
    """Elements of another namespace in a place of BPMN; they would be ignored silently."""
    if kind in {"extensionElements", "definitions"} or kind in DRAWING:
        return []
    return [child for child in element.iterchildren(etree.Element) if not local(child)]


def _is_other(name: str) -> bool:
    """Whether a name belongs to another program.

    Not ours, not known to have no meaning, and not refused by X106 and X107.
    """
    if not name.startswith("{"):
        return False
    namespace = name[1:].partition("}")[0]
    if name.startswith(CAMUNDA):
        return name.removeprefix(CAMUNDA) in HARMLESS_CAMUNDA
    return not (name.startswith((BPMN, ZEEBE, SPIFF)) or namespace in MEANINGLESS)


def _prefixed(element: etree._Element) -> str:
    return (
        f"{element.prefix}:{etree.QName(element).localname}"
        if element.prefix
        else etree.QName(element).localname
    )


RULES: tuple[Rule, ...] = (
    x106_camunda_7,
    x107_spiff_arena,
    x108_unknown_element,
    x109_other_makers,
    d101_reserved_id,
    d102_id_twice,
    d103_letters_of_an_id,
    d104_which_process,
    d112_second_system,
    d501_picture_only,
    d510_idle_settings,
)
