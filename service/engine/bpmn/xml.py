"""Safe reading of XML files: size, encoding and DOCTYPE are checked, entities never resolved.

Every XML file of a release is read here.
"""

from __future__ import annotations

from typing import Any, cast

from lxml import etree

from service.engine.bpmn.sentences import finding
from service.engine.limits import FILE
from service.errors import BadDiagram

_ARCHIVES = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)


def safe_tree(data: bytes, file: str) -> etree._Element:
    """Read an XML file that may be hostile.

    Args:
        data: the raw bytes of one diagram or rule file.
        file: its name, for the findings.
    Returns:
        The root element; comments are dropped, entities were never resolved.
    Raises:
        BadDiagram: with exactly one finding X101 to X104; nothing of the file is to be used.
    """
    if len(data) > FILE:
        raise _refused("X101", file)
    _check_text(data, file)
    # The encoding is ours, not the file's: a declared UTF-7 would let the parser see another text
    # than the one that was checked.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<!DOCTYPE" in data:
            raise _refused("X103", file) from error
        raise _refused("X102", file, reason=_first_line(error)) from error
    _check_prolog(root, file)
    return root


def canonical(root: etree._Element) -> bytes:
    """The canonical bytes of a tree: these are stored, hashed, drawn and read."""
    return etree.tostring(root, method="c14n")


def _check_text(data: bytes, file: str) -> None:
    """Refuse archives and everything that is not UTF-8."""
    if data.startswith(_ARCHIVES):
        raise _refused("X102", file, reason="it is an archive")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("X102", file, reason=f"it is not UTF-8 at byte {error.start}") from error
    if "\0" in text:
        raise _refused("X102", file, reason="it holds a null character")


def _check_prolog(root: etree._Element, file: str) -> None:
    """Refuse a DOCTYPE and processing instructions.

    With entity resolving off alone `&x;` would stay as a node.
    """
    if cast("Any", root.getroottree().docinfo).internalDTD is not None:  # the stubs know no DTD
        raise _refused("X103", file)
    # the parser drops comments, so every sibling of the root is a processing instruction
    siblings = [*root.itersiblings(preceding=True), *root.itersiblings()]
    if siblings or next(root.iter(etree.PI), None) is not None:
        raise _refused("X104", file)


def _first_line(error: Exception) -> str:
    """The parser's reason without its file name."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return line.removesuffix(" (<string>, line 1)")[:200]


def _refused(code: str, file: str, **facts: object) -> BadDiagram:
    return BadDiagram((finding(code, file, facts=facts),))
