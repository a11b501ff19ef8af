"""The page of a bundle opens from the disk: no script, no address, no name of a person."""

from __future__ import annotations

from lxml import html

from tests.support.proven import Proven


def test_the_page_needs_nothing_and_shows_every_line(proven: Proven) -> None:
    text = proven.files["viewer.html"].decode()
    page = html.document_fromstring(text.encode())
    assert page.xpath("//script | //link | //img | //iframe | //*[@src] | //a") == []
    assert "url(" not in text
    assert "default-src 'none'" in text
    lines = proven.files["lines.jsonl"].splitlines()
    assert len(page.findall(".//tbody/tr")) == len(lines)
    for side in ("good", "note"):
        assert len(page.findall(f".//section[@class='{side}']//li")) >= 4
    assert "Sara" not in text
    assert page.get("lang") == "sv"
