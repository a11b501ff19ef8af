"""A bundle has one digest and one packed form; what is no bundle is refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from service.errors import BadDiagram
from service.release.bundle import MOST_FILES, Bundle, unpack

FILES = {"workflows/a.bpmn": b"<a/>", "forms/f.form": b"{}", "workflows/config/roles.toml": b""}
BUNDLE = Bundle(FILES)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def test_the_order_of_files_changes_neither_digest_nor_bytes() -> None:
    other = Bundle(dict(reversed(FILES.items())))
    assert (other.digest, other.pack()) == (BUNDLE.digest, BUNDLE.pack())


def test_every_name_and_content_counts_for_the_digest() -> None:
    changed = {**FILES, "forms/f.form": b"{ }"}
    renamed = {"workflows/b.bpmn" if k == "workflows/a.bpmn" else k: v for k, v in FILES.items()}
    assert len({BUNDLE.digest, Bundle(changed).digest, Bundle(renamed).digest}) == 3


def test_packed_files_are_read_again() -> None:
    assert unpack(BUNDLE.pack()) == BUNDLE


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no archive", "X102"),
        (zipped("../out"), "X121"),
        (zipped("/root"), "X121"),
        (zipped("a\\b"), "X121"),
        (zipped(*(f"f{n}" for n in range(MOST_FILES + 1))), "X101"),
    ],
    ids=["no archive", "parent folder", "root", "backslash", "too many"],
)
def test_what_is_no_release_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadDiagram) as refused:
        unpack(data)
    assert [finding.code for finding in refused.value.findings] == [code]


def test_files_of_a_folder_are_found_without_those_further_in() -> None:
    assert BUNDLE.under("workflows", ".bpmn") == {"a.bpmn": b"<a/>"}
    assert BUNDLE.under("workflows", ".toml") == {}


def test_a_text_that_is_missing_or_unreadable_is_a_finding() -> None:
    broken = BUNDLE.with_file("forms/f.form", b"\xff")
    assert BUNDLE.text("forms/f.form") == "{}"
    for name, code in (("forms/g.form", "X120"), ("forms/f.form", "X102")):
        with pytest.raises(BadDiagram) as refused:
            broken.text(name)
        assert refused.value.findings[0].code == code
