"""What comes through the door for XML, and its one spelling."""

from __future__ import annotations

import pytest

from service.engine.bpmn.xml import canonical, safe_tree
from service.engine.limits import FILE
from service.errors import BadDiagram


def test_comments_are_dropped_and_the_bytes_are_canonical() -> None:
    one = safe_tree(b'<d b="2" a="1"><!-- c --><e></e></d>', "one")
    other = safe_tree(b"<?xml version='1.0' encoding='UTF-8'?><d a='1' b='2'><e/></d>", "other")
    assert canonical(one) == canonical(other) == b'<d a="1" b="2"><e></e></d>'


def test_the_declared_encoding_is_not_believed() -> None:
    assert (
        canonical(
            safe_tree('<?xml version="1.0" encoding="ISO-8859-1"?><d name="å"/>'.encode(), "f")
        )
        == '<d name="å"></d>'.encode()
    )


def test_a_file_that_is_too_large_is_never_parsed() -> None:
    with pytest.raises(BadDiagram) as refused:
        safe_tree(b"<" * (FILE + 1), "f")
    assert [f.code for f in refused.value.findings] == ["X101"]


def test_the_refusal_names_the_file() -> None:
    with pytest.raises(BadDiagram) as refused:
        safe_tree(b"<a>", "broken.bpmn")
    assert [(f.code, f.file) for f in refused.value.findings] == [("X102", "broken.bpmn")]
