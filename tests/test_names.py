"""Names: one owner for each class, no word of the old private language."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ("service/binding.py", "service/web/api/v1/")
"""What handlers and programs are promised may use a name that another package uses too."""
GIVEN_UP = (
    *("House", "Told", "told", "Held", "Seat", "sit", "Stand", "stand_before", "Eyes", "Tripped"),
    *("shelf", "belt", "doorway", "walls", "Ground", "lay", "pen", "beside"),
)
"""Words of a private language; docs/words.md has the ones that took their places."""
ELSEWHERE = {
    "service/web/pages/demo.py": {"pen"},  # an icon
    "service/web/page_parts.py": {"pen"},  # an icon
    "service/casework/referrals/referral_answers.py": {
        "told"
    },  # begins keys of letters that are stored
}
"""Where such a word is the name of something else."""
ROW = re.compile(r"\| `([\w/.]+)`(?: `(\w+)`)? \|$", re.MULTILINE)
PATH = re.compile(r"`((?:service|workflows|forms|handlers|tests|docs)/[\w/.-]*)`")


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if not {"node_modules", "versions"} & set(path.parts))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PRODUCT = modules("service", "handlers")


def defined(path: Path) -> dict[str, ast.AST]:
    """Names that a module defines at its top, constants and aliases included."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


def test_each_class_name_has_one_owner() -> None:
    owners = defaultdict(list)
    for path in PRODUCT:
        if not name(path).startswith(CONTRACTS):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    owners[node.name].append(name(path))
    assert {class_: paths for class_, paths in owners.items() if len(paths) > 1} == {}


def test_words_that_were_given_up_stand_nowhere() -> None:
    word = re.compile(rf"(?<![\w-])({'|'.join(GIVEN_UP)})(?![\w-])")
    said = {name(path): set(word.findall(path.read_text("utf-8"))) for path in PRODUCT}
    left = {path: words - ELSEWHERE.get(path, set()) for path, words in said.items()}
    assert {path: words for path, words in left.items() if words} == {}


def test_every_package_says_what_stands_in_it() -> None:
    inits = [path for path in PRODUCT if path.name == "__init__.py"]
    assert [name(path) for path in inits if not path.read_text("utf-8").startswith('"""')] == []


def test_every_word_of_the_glossary_is_defined_there() -> None:
    rows = ROW.findall((ROOT / "docs/words.md").read_text("utf-8"))
    assert len(rows) > 40
    missing = [
        f"{path} {symbol}"
        for path, symbol in rows
        if not (ROOT / path).exists() or (symbol and symbol not in defined(ROOT / path))
    ]
    assert missing == []


def test_every_path_of_the_architecture_exists() -> None:
    paths = PATH.findall((ROOT / "docs/architecture.md").read_text("utf-8"))
    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_road_of_an_act_is_quoted_from_the_source() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    quoted = re.findall(r"```python\n# (service/\S+)\n(.*?)```", page, re.DOTALL)
    assert len(quoted) == 6
    for path, lines in quoted:
        source = [line.strip() for line in (ROOT / path).read_text("utf-8").splitlines()]
        wanted = [line.strip() for line in lines.strip().splitlines()]
        starts = range(len(source) - len(wanted) + 1)
        assert any(source[at : at + len(wanted)] == wanted for at in starts), lines


def test_a_blueprint_is_called_as_its_module() -> None:
    """Or as its package, when several modules share it: the first part of an endpoint leads to the
    file.
    """
    found = [
        (name(path), said)
        for path in modules("service/web")
        for said in re.findall(r'\bBlueprint\("(\w+)"', path.read_text("utf-8"))
    ]
    assert len(found) > 50
    assert [
        (path, said) for path, said in found if said not in Path(path).with_suffix("").parts
    ] == []
