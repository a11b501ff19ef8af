"""A programme with stages, stations and words of its own: lists, pages and the editor show them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.release.bundle import VOCABULARY, Bundle
from service.security.keyring import Keyring
from service.settings import Settings
from tests.support import diagrams as d
from tests.support import small
from tests.support.browser import without_tokens
from tests.support.directory import ROLE, THREE_OFFICES
from tests.support.world import START, World, open_world

STAGES = {"meet": "Möte", "check": "Prövning", "act": "Åtgärd", "leave": "Avslut"}
"""In the order of the programme, which is not that of their letters."""
STATIONS = {"door": "Vid dörren", "home": "Hemma"}


def terms(kind: str, words: dict[str, str]) -> str:
    return "".join(
        f'[[{kind}]]\nid = "{id_}"\nsv = "{word}"\nen = "{word} (en)"\n'
        for id_, word in words.items()
    )


WORDS = terms("stage", STAGES) + terms("station", STATIONS)


def programme(folder: Path) -> Path:
    """The shipped configuration, for a programme with other stages."""
    config = Path(shutil.copytree(Settings().workflows_dir, folder / "workflows")) / "config"
    shipped = (config / "vocabulary.toml").read_text("utf-8")
    rest = shipped[shipped.index("[[purpose]]") :]
    (config / "vocabulary.toml").write_text(WORDS + rest, "utf-8")
    letters = "".join(f'{stage} = "FFFF"\n' for stage in (*STAGES, "x"))
    tables = "".join(f"[{role}]\n{letters}" for role in (ROLE, "owner"))
    (config / "visibility.toml").write_text(tables, "utf-8")
    for name, old, new in (
        ("grants.toml", "stage = 2", 'stage = "check"'),
        ("programme.toml", 'process = "return_case"', 'process = "p"'),
        ("parties.toml", 'process = "return_case"', 'process = "p"'),
    ):
        text = (config / name).read_text("utf-8")
        (config / name).write_text(text.replace(old, new), "utf-8")
    return config


def frame(stage: str, number: int, station: str = "") -> str:
    """A drawn stage with one task; `station` begins with it."""
    extra = d.props(station=station) if station else ""
    inside = d.start(f"s{number}") + small.person(f"t{number}", extra=extra) + d.end(f"e{number}")
    way = f"s{number}>t{number} t{number}>e{number}"
    return d.sub(
        f"f{number}", inside, way, d.ext(d.props(stage=stage)), name=f"Del {number} – Ram {number}"
    )


def release(config: Path) -> Bundle:
    """Four stages; the third is drawn without a frame, as a property of its task."""
    body = (
        small.begin(id_=START)
        + frame("meet", 1, "door")
        + frame("check", 2)
        + small.person("t3", extra=d.props(stage="act", station="home"))
        + frame("leave", 4)
        + d.end()
    )
    way = f"{START}>f1 f1>f2 f2>t3 t3>f4 f4>e"
    bundle = small.bundle(d.diagram(body, way))
    return bundle.with_file(VOCABULARY, (config / "vocabulary.toml").read_bytes())


@pytest.fixture
def world(database_url: str, tmp_path: Path, keyring: Keyring) -> Iterator[World]:
    config = programme(tmp_path)
    settings = Settings(
        database_url=database_url, mail_url="print:", workflows_dir=str(config.parent)
    )
    made = open_world(settings, keyring, release(config), directory=THREE_OFFICES)
    yield made
    made.database.close()


def seen(page: str) -> str:
    """A page without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_inbox_case_and_office_count_four_stages(world: World) -> None:
    case = world.start(element=START).case_id
    for task in ("t1", "t2"):
        world.do(case, task)
    sara = world.browser("sara")
    inbox = sara.get("/inbox?stage=act").text
    assert re.findall(r'<option value="(\w+)"[^>]*>\s*([1-9])\s*<', inbox) == [
        *zip(STAGES, "1234", strict=True)
    ]
    assert re.search(r'data-label="Stage">3<', inbox)
    assert "t3" not in without_tokens(sara.get("/inbox?stage=check").text)
    page = seen(sara.get(f"/cases/{case}").text)
    assert re.findall(r"(?:Ram \d|Åtgärd \(en\))", page)[:4] == [
        *("Ram 1", "Ram 2", "Åtgärd (en)", "Ram 4")
    ]
    (key,) = (task.key for task in world.tasks(case))
    assert "Stage 3 of 4: Åtgärd (en)" in seen(sara.get(f"/tasks/{key}").text)
    office = seen(sara.get("/office").text)
    assert all(f"{n} {word} (en)" in office for n, word in enumerate(STAGES.values(), 1))
    assert (world.case(case).stage, world.case(case).station) == ("act", "home")
    assert world.faults() == []


def test_a_case_goes_on_in_the_order_of_the_programme(world: World) -> None:
    case = world.start(element=START).case_id
    stages = [world.case(case).stage]
    for task in ("t1", "t2", "t3"):
        world.do(case, task)
        stages.append(world.case(case).stage)
    assert stages == list(STAGES)


def test_the_editor_offers_the_words_of_the_programme(world: World) -> None:
    maja = world.browser("maja")
    maja.get("/processes")
    draft = maja.post("/drafts", {"process": "p"}).headers["Location"].split("/")[2]
    page = maja.get(f"/drafts/{draft}/diagram/0.bpmn").text
    for n, (stage, word) in enumerate(STAGES.items(), 1):
        assert re.search(rf'"{stage}", "{n} ', page), word
    assert all(f'"{id_}", "{word[:3]}' in page for id_, word in STATIONS.items())


def test_a_release_from_before_shows_what_its_diagrams_name(world: World) -> None:
    """Its stages are in the order of their letters, and have the words of the installation."""
    services = world.program.services
    with world.database.transaction(write=False) as tx:
        now = services.current(tx)
    files = {name: data for name, data in now.bundle.files.items() if name != VOCABULARY}
    before = services.prepared.build(Bundle(files))
    (definition,) = before.definitions.values()
    assert definition.stages == ("act", "check", "leave", "meet")
    assert services.word("stage", "act", "sv", before) == "Åtgärd"
    assert services.word("stage", "gone", "sv", before) == "gone"
    world.publish(Bundle(files))
    case = world.start(element=START).case_id
    page = seen(world.browser("sara").get(f"/cases/{case}").text)
    assert "Ram 1" in page
    assert "Åtgärd (en)" in page
    assert world.faults() == []
