"""What an XML file says of each of its elements, part by part, and how it draws each of them.

Two versions of a file are compared by it: nothing of the file is left out but comments, spaces
between elements, and ids of what is only a part of something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from service.engine.bpmn.elements import BPMN, ZEEBE
from service.engine.bpmn.xml import safe_tree

KIND, ORDER = "kind", "order"
"""Parts that every element has: its tag, and the ids of the elements in it as they are ordered."""
WHOLE = ""
"""Id under which stands what the drawing says of no element."""
_DRAWINGS = ("/DI", "/DMNDI/", "/BPMNDI")
_OF = ("bpmnElement", "dmnElementRef")
_PART_ENDINGS = ("EventDefinition", "LoopCharacteristics")
"""Elements that have ids and yet are only parts of the one that they stand in."""


@dataclass(frozen=True, slots=True)
class FileParts:
    """A file, taken apart.

    `elements` has for each id its parts by name, `drawing` the text of its shape or line. Names of
    parts are `@name` for attributes, a tag for what stands inside, and `property:stage` for a
    property of ours.
    """

    elements: dict[str, dict[str, str]] = field(default_factory=dict)
    drawing: dict[str, str] = field(default_factory=dict)


def file_parts(data: bytes, file: str) -> FileParts:
    """Take a diagram or a rule apart.

    Raises:
        BadDiagram: the file cannot be read.
    """
    root = safe_tree(data, file)
    found = FileParts()
    _read(root, found, "")
    return found


def _read(element: etree._Element, found: FileParts, inside: str) -> None:
    id_ = _free(element.get("id") or f"<{_tag(element)}>", found)
    parts: dict[str, str] = {KIND: _tag(element), "in": inside}
    parts |= {f"@{_short(k)}": _text(v) for k, v in element.attrib.items() if k != "id"}
    found.elements[id_] = parts
    if text := (element.text or "").strip():
        parts["text"] = text
    inner: list[str] = []
    for child in element:
        _take(child, parts, found, inner, id_)
    if inner:
        parts[ORDER] = " ".join(inner)


def _take(
    child: etree._Element, parts: dict[str, str], found: FileParts, inner: list[str], owner: str
) -> None:
    """Read what stands in an element: an element of its own, a drawing, or a part."""
    if _is_drawing(child):
        _draw(child, found)
    elif _stands_alone(child):
        inner.append(str(child.get("id")))
        _read(child, found, owner)
    elif child.tag == f"{BPMN}extensionElements":
        for extension in child:
            _take_extension(extension, parts)
    else:
        _add(parts, _tag(child), _written(child))
        for deeper in child.iter():
            if deeper is not child and _stands_alone(deeper):
                inner.append(str(deeper.get("id")))
                _read(deeper, found, owner)


def _take_extension(extension: etree._Element, parts: dict[str, str]) -> None:
    if extension.tag == f"{ZEEBE}properties":
        for one in extension:
            _add(parts, f"property:{one.get('name', '')}", str(one.get("value", "")))
        return
    name = _tag(extension)
    _add(parts, name if extension.tag.startswith(ZEEBE) else f"+{name}", _written(extension))


def _stands_alone(element: etree._Element) -> bool:
    return element.get("id") is not None and not _tag(element).endswith(_PART_ENDINGS)


def _is_drawing(element: etree._Element) -> bool:
    return any(mark in _space(element) for mark in _DRAWINGS)


def _draw(element: etree._Element, found: FileParts) -> None:
    """Read a drawing; each shape and line under the id of what it shows."""
    of = next((str(element.get(name)) for name in _OF if element.get(name)), "")
    if of and _tag(element) != "BPMNPlane":
        _add(found.drawing, of, _written(element))
        return
    _add(found.drawing, WHOLE, " ".join([_tag(element), *_attributes(element)]))
    for child in element:
        _draw(child, found)


def _add(parts: dict[str, str], name: str, text: str) -> None:
    parts[name] = f"{parts[name]} {text}" if name in parts else text


def _free(id_: str, found: FileParts) -> str:
    """An id that is not taken: a file may have one twice."""
    n, free = 1, id_
    while free in found.elements:
        n += 1
        free = f"{id_}#{n}"
    return free


def _written(element: etree._Element) -> str:
    """An element that is a part, on one line; without ids and without elements of their own."""
    return " ".join(_words(element)).strip()


def _words(element: etree._Element) -> Iterator[str]:
    yield from _attributes(element)
    if text := (element.text or "").strip():
        yield text
    for child in element:
        if not _stands_alone(child) or _is_drawing(child):
            yield f"{_tag(child)}({_written(child)})"


def _attributes(element: etree._Element) -> Iterator[str]:
    for name, value in sorted(element.attrib.items()):
        if name != "id":
            yield f"{_short(name)}={_text(value)}"


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def _short(name: str | bytes) -> str:
    return etree.QName(_text(name)).localname


def _tag(element: etree._Element) -> str:
    return _short(element.tag)


def _space(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""
