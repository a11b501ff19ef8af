"""The words of the programme stand in its files: nothing of `service/` but the demo has a list of
them, and nothing at all names a role, a purpose or an office.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from service.access import ENDED
from service.release.programme.vocabulary import KINDS, read_vocabulary
from tests.support.tree import ROOT, files, name, nodes

CONFIG = ROOT / "workflows" / "config"
ENDINGS = (".py", ".js", ".mjs", ".html", ".css", ".toml")
FEW = 3
"""So many ids of one kind in one literal are a list of the programme's; all of them where a kind
has fewer. One or two are everyday words: a plan, a name."""
NOT_READ = ("service/demo/", "service/web/frontend/test/")
"""The demo plays this programme; and tests of scripts are no part of the product."""
BRACKETS = re.compile(r"[\[({]([^\[\](){}]*)[\])}]")
QUOTED = re.compile(r"[\"'`]([\w-]+)[\"'`]")


def table(file: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / file).read_text("utf-8"))


@cache
def lists() -> Mapping[str, frozenset[str]]:
    """Kind of word to all ids of the kind."""
    words = read_vocabulary((CONFIG / "vocabulary.toml").read_text("utf-8"))
    own, referrals, demo = table("programme.toml"), table("referrals.toml"), table("demo.toml")
    named = {value for key, value in own.items() if key.endswith("_office")}
    found = {
        **{kind: words.ids(kind) for kind in KINDS},
        "role": [id_ for id_, row in table("roles.toml").items() if not row.get("house")],
        "office": [*named, *(row["id"] for row in demo["office"])],
        "funding": [row["id"] for row in own["funding"]],
        "money": table("process.toml")["money_kinds"],
        "currency": own["currency"],
        "referral": [row["id"] for row in referrals["purpose"]],
        "refusal": [row["id"] for row in referrals["refusal"]],
        "country": table("countries.toml"),
        "channel": table("channels.toml"),
    }
    return {kind: frozenset(ids) for kind, ids in found.items()}


UNMISTAKABLE = re.compile(r"[A-Z]+_[A-Z_]+|[A-Z]{5,}|(?:[A-Z][a-z]+){2,}|[a-z]+-[a-z-]+")
"""An id that is no word of any language: a purpose, a kind of office, a role, an office."""
HOUSE = {"OTHER"}


def telling() -> frozenset[str]:
    kinds = ("purpose", "office_kind", "role", "office", "group", "funding")
    ids = {id_ for kind in kinds for id_ in lists()[kind]}
    return frozenset(id_ for id_ in ids - HOUSE if UNMISTAKABLE.fullmatch(id_))


def sources() -> list[Path]:
    every = files("service", endings=ENDINGS)
    return [file for file in every if not name(file).startswith(NOT_READ)]


def literals(file: Path) -> Iterator[tuple[int, Collection[str]]]:
    """The texts that stand together in one literal or section, with the line."""
    if file.suffix == ".py":
        for node in nodes(file):
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                yield node.lineno, _texts(node.elts)
            elif isinstance(node, ast.Dict):
                yield node.lineno, _texts(node.keys)
    elif file.suffix == ".toml":
        yield from _sections(tomllib.loads(file.read_text("utf-8")))
    else:
        text = file.read_text("utf-8")
        for found in BRACKETS.finditer(text):
            keys = re.findall(r"(?:^|[,{\s])([\w-]+)\s*:", found[1])
            yield text.count("\n", 0, found.start()) + 1, {*QUOTED.findall(found[1]), *keys}


def _texts(parts: Collection[ast.AST | None]) -> set[str]:
    values = (part.value for part in parts if isinstance(part, ast.Constant))
    return {value for value in values if isinstance(value, str)}


def _sections(found: Mapping[str, Any]) -> Iterator[tuple[int, Collection[str]]]:
    yield 0, found.keys()
    for inner in found.values():
        if isinstance(inner, Mapping):
            yield from _sections(inner)


def lists_in(file: Path) -> Iterator[str]:
    for line, texts in literals(file):
        for kind, ids in lists().items():
            both = ids & {*texts, *(text.replace("_", "-") for text in texts)}
            counted = all(id_.isdigit() for id_ in ids)  # numbers stand for much else
            if set(texts) - {"", ENDED} == ids if counted else len(both) >= min(FEW, len(ids)):
                yield f"{name(file)}:{line} lists {kind}: {', '.join(sorted(both))}"


def stages_in(file: Path) -> Iterator[str]:
    """Where a stage is compared with one of the programme's, or begins as one."""
    for node in nodes(file):
        if not isinstance(node, ast.BoolOp | ast.Compare | ast.keyword):
            continue
        parts = list(ast.walk(node))
        names = {getattr(part, key, None) or "" for part in parts for key in ("id", "attr", "arg")}
        values = {part.value for part in parts if isinstance(part, ast.Constant)}
        if values & lists()["stage"] and any("stage" in named for named in names):
            yield f"{name(file)}:{node.lineno}"


def test_no_word_of_the_programme_is_listed_in_the_service() -> None:
    assert [found for file in sources() for found in lists_in(file)] == []


def test_no_stage_is_known_to_the_code() -> None:
    modules = [file for file in sources() if file.suffix == ".py"]
    assert [found for file in modules for found in stages_in(file)] == []


def test_no_role_purpose_or_office_is_named_in_the_service() -> None:
    words = telling()
    assert len(words) > 30
    every = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(words))})(?![\w-])")
    named = {name(file): set(every.findall(file.read_text("utf-8"))) for file in sources()}
    assert {file: found for file, found in named.items() if found} == {}
