"""The browser bundle as it was built: complete, addressed by content, and within what a page may
weigh.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.machine import lacking, packages

WEB = Path(__file__).resolve().parents[3] / "service" / "web"
DIST = WEB / "static" / "dist"
KB = 1000
STAFF = ("theme-auto.css", "fkui.min.css", "tresteg.css", "htmx.js", "page.js")


@pytest.fixture(autouse=True)
def built() -> None:
    if not (DIST / "manifest.json").exists():
        lacking("the browser bundle is not built: python3 dev.py build")


def manifest() -> dict[str, str]:
    """Which file stands for each name."""
    names: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return names


def weight(names: Iterable[str]) -> float:
    """Kilobytes over the wire, compressed, on a first visit."""
    return (
        sum(
            len(gzip.compress((DIST / manifest()[name]).read_bytes(), 6, mtime=0)) for name in names
        )
        / KB
    )


def test_every_name_leads_to_a_file_that_carries_a_hash() -> None:
    built = manifest()
    assert {
        "page.js",
        "sign_in.js",
        "diagram.js",
        "replay.js",
        "editor.js",
        "diagram.css",
        "editor.css",
        "rule_editor.js",
        "rule_editor.css",
        "form_editor.js",
        "form_editor.css",
        "theme-light.css",
        "theme-dark.css",
        *STAFF,
    } <= built.keys()
    assert [file for file in built.values() if not (DIST / file).is_file()] == []
    assert [
        file for file in built.values() if not re.fullmatch(r"[\w.-]+-[A-Z0-9]{8}\.\w+", file)
    ] == []


def test_copied_files_are_named_by_their_content() -> None:
    built = manifest()
    copied = [name for name in built if name == "htmx.js" or name.endswith(".svg")]
    assert {
        name: hashlib.sha256((DIST / built[name]).read_bytes()).hexdigest()[:8].upper()
        for name in copied
    } == {name: built[name].rpartition("-")[2].partition(".")[0] for name in copied}


def test_a_script_is_one_file_that_imports_no_other() -> None:
    scripts = [DIST / file for name, file in manifest().items() if name.endswith(".js")]
    assert [
        script.name
        for script in scripts
        if re.search(r"""\bfrom\s*["']\./""", script.read_text("utf-8"))
    ] == []


@pytest.mark.parametrize(
    ("names", "limit"),
    [
        pytest.param(["page.js"], 9.5, id="own-script"),
        pytest.param(["htmx.js"], 17, id="htmx"),
        pytest.param(["theme-auto.css", "fkui.min.css", "tresteg.css"], 19, id="style-sheets"),
        pytest.param(STAFF, 45, id="staff-page-without-its-html"),
        pytest.param(["diagram.js", "diagram.css"], 70, id="diagram"),
        pytest.param(["replay.js", "replay.css"], 8, id="replay"),
        pytest.param(["editor.js", "editor.css"], 215, id="diagram-editor"),
        pytest.param(["form_page.css"], 2, id="form-editor-style-sheet"),
        pytest.param(["rule_editor.js"], 330, id="rule-editor"),
        pytest.param(["rule_editor.css"], 9, id="rule-editor-style-sheet"),
        pytest.param(["form_editor.js"], 388, id="form-layout"),
        pytest.param(["form_editor.css"], 30, id="form-layout-style"),
    ],
)
def test_a_page_weighs_no_more_than_its_budget(names: list[str], limit: float) -> None:
    assert weight(names) <= limit


def test_every_mark_of_a_diagram_keeps_its_rules() -> None:
    """A script puts them together, so that what cuts the sheets down cannot find them."""
    sheet = (DIST / manifest()["diagram.css"]).read_text("utf-8")
    for mark in ("added", "removed", "changed", "moved", "unvisited", "broken"):
        shape = rf"\.t-{mark} \.djs-visual>:is\(rect,circle,polygon,path\):first-child"
        assert re.search(shape, sheet), mark
        assert re.search(rf"\.t-{mark} \.djs-visual>defs\+path", sheet), mark


def classes(sheet: str) -> set[str]:
    """Names of the classes that the rules of a style sheet speak of."""
    return set(re.findall(r"\.([A-Za-z][\w-]*)", sheet))


def test_every_design_class_that_a_page_uses_still_exists() -> None:
    """As far as a rule speaks of the class alone; others need classes that we may not use."""
    sheet = (packages("@fkui/design") / "lib/fkui.min.css").read_text("utf-8")
    offered = classes(sheet)
    kept = classes((DIST / manifest()["fkui.min.css"]).read_text("utf-8"))
    sources = [*(WEB / "templates").rglob("*.html"), *(WEB / "frontend/src").rglob("*.js")]
    used = {
        word
        for file in sources
        for given in re.findall(r'\bclass(?:Name)?[=:] ?"([^"]*)"', file.read_text("utf-8"))
        for word in re.findall(r"[\w-]+", given)
    }
    composed = {name for name in offered if name.startswith(("badge--", "message-box--"))}
    alone = {
        name for name in offered if re.search(rf"(?:[,}} ]|^)\.{re.escape(name)}[,{{:]", sheet)
    }
    assert {"table", "iskiplink", "sr-only"} <= used & alone
    assert sorted((used & alone | composed) - kept) == []
    assert len(offered) > 3 * len(kept)


def test_every_viewer_rule_still_exists() -> None:
    sheets = sorted((packages("bpmn-js") / "dist/assets").glob("*-js.css"))
    sheet = re.sub(
        r"/\*.*?\*/", "", "".join(file.read_text("utf-8") for file in sheets), flags=re.DOTALL
    )
    kept = classes((DIST / manifest()["diagram.css"]).read_text("utf-8"))
    script = (DIST / manifest()["diagram.js"]).read_text("utf-8")
    words = set(re.findall(r"[\w-]+", script)) | {"djs-shape", "djs-connection", "djs-cursor-grab"}
    needed = [
        names
        for head in re.findall(r"([^{}]+)\{", sheet)
        for rule in head.split(",")
        if (names := classes(rule)) <= words
    ]
    assert {"djs-cursor-grab"} in needed
    assert sorted(set().union(*needed) - kept) == []


def test_only_editors_bring_a_font_and_only_in_one_format() -> None:
    fonts = [
        file.name
        for file in DIST.iterdir()
        if file.suffix in {".woff", ".woff2", ".ttf", ".eot", ".otf"}
    ]
    using = [
        name
        for name, file in manifest().items()
        if name.endswith(".css") and "@font-face" in (DIST / file).read_text("utf-8")
    ]
    assert (len(fonts), using) == (2, ["editor.css", "rule_editor.css"])


def test_every_script_of_ours_is_checked_for_types() -> None:
    scripts = sorted((WEB / "frontend" / "src").rglob("*.js"))
    assert len(scripts) > 20
    assert [
        script.name
        for script in scripts
        if not script.read_text("utf-8").startswith("// @ts-check\n")
    ] == []


def test_scripts_and_styles_load_nothing_from_other_hosts() -> None:
    loading = re.compile(r"""(?:url\(|@import\s|\bfrom|\bimport\(?)\s*["']?(?:https?:)?//""")
    assert [
        file.name
        for file in DIST.iterdir()
        if file.suffix in {".js", ".css"} and loading.search(file.read_text("utf-8"))
    ] == []


def test_the_licences_of_what_went_in_are_delivered_with_it() -> None:
    notices = (DIST / "licences.txt").read_text("utf-8")
    assert all(
        name in notices
        for name in (
            "htmx.org 2.",
            "bpmn-js 18.",
            "@bpmn-io/form-js-editor 1.23.",
            "diagram-js 15.",
            "@fkui/design 6.",
            "diagram-js-minimap 5.",
            "dmn-js-decision-table 17.",
        )
    )
    assert "bpmn.io" in notices
