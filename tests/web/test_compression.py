"""What is sent compressed, to whom, and that what stays as it is does."""

from __future__ import annotations

import gzip
import json
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from flask import Response
from werkzeug.test import TestResponse

from service.web import assets
from service.web.compression import LEAST, compress
from tests.support.machine import lacking, node
from tests.support.waiting import PROGRAM
from tests.support.world import World
from tests.web.story import Story

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
OURS = {**GZIP, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def script() -> str:
    """Address of a large built file."""
    if not (assets.BUILT / "manifest.json").exists():
        lacking("the browser bundle is not built: python3 dev.py build")
    return f"/static/{assets.manifest()['diagram.js']}"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_a_page_is_compressed_and_reads_the_same(world: World) -> None:
    client = world.browser("sara").client
    answer = client.get("/help", headers=OURS)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.content_length == len(answer.data) < len(gzip.decompress(answer.data)) / 2
    assert b"</html>" in gzip.decompress(answer.data)
    plain = client.get("/help")
    assert "Content-Encoding" not in plain.headers
    assert plain.text.splitlines()[0] == gzip.decompress(answer.data).decode().splitlines()[0]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_who_asks_from_another_site_learns_no_length(world: World, site: str) -> None:
    answer = world.browser("sara").client.get("/help", headers={**GZIP, "Sec-Fetch-Site": site})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("accepts", ["", "br", "gzip;q=0", "identity"])
def test_a_reader_of_no_gzip_gets_the_page_plain(world: World, accepts: str) -> None:
    answer = world.browser("sara").client.get("/help", headers={"Accept-Encoding": accepts})
    assert "Content-Encoding" not in answer.headers
    assert "</html>" in answer.text


def test_answers_for_programs_are_compressed_and_keep_their_tag(
    story: Story, shipped_world: World
) -> None:
    """The tag is the revision that the next change names, whatever the bytes."""
    client, address = shipped_world.browser("sara").client, f"/v1/cases/{story.case}"
    plain, small = client.get(address), client.get(address, headers=GZIP)
    assert small.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(small.data)) == plain.get_json()
    assert small.headers["ETag"] == plain.headers["ETag"]


def test_head_says_what_get_would(world: World, script: str) -> None:
    client = world.browser("sara").client
    answer = client.head("/help", headers=OURS)
    assert answer.data == b""
    assert answer.headers["Content-Encoding"] == "gzip"
    asked, got = client.head(script, headers=GZIP), client.get(script, headers=GZIP)
    assert asked.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.data))


def sent(response: Response, world: World) -> Response:
    with world.app.test_request_context(headers=OURS):
        return compress(response)


LONG = "word " * LEAST


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(Response("short", mimetype="text/html"), id="short"),
        pytest.param(Response(LONG, mimetype="application/zip"), id="archive"),
        pytest.param(Response(LONG, mimetype="image/png"), id="picture"),
        pytest.param(Response(iter([LONG]), mimetype="text/html"), id="in parts"),
        pytest.param(
            Response(LONG, mimetype="text/csv", headers={"Content-Disposition": "attachment"}),
            id="download",
        ),
        pytest.param(
            Response(LONG, 206, mimetype="text/html", headers={"Content-Range": "bytes 0-1/2"}),
            id="range",
        ),
        pytest.param(
            Response(LONG, mimetype="text/html", headers={"Content-Encoding": "br"}), id="done"
        ),
        pytest.param(Response(status=304), id="unchanged"),
        pytest.param(Response(status=204), id="empty"),
    ],
)
def test_other_answers_stay_as_they_are(response: Response, world: World) -> None:
    before = dict(response.headers)
    assert dict(sent(response, world).headers) == before


def test_one_answer_twice_has_no_one_length(world: World) -> None:
    lengths = {len(sent(Response(LONG, mimetype="text/html"), world).data) for _ in range(40)}
    assert len(lengths) > 10


def fetched(world: World, address: str, accepts: str, **more: str) -> TestResponse:
    headers = {"Accept-Encoding": accepts, **more}
    return world.app.test_client().get(address, headers=headers, buffered=True)


def test_a_built_file_comes_as_small_as_the_browser_reads(world: World, script: str) -> None:
    plain, zipped = fetched(world, script, ""), fetched(world, script, "gzip")
    small = fetched(world, script, "gzip, deflate, br")
    assert [a.headers.get("Content-Encoding") for a in (plain, zipped, small)] == [
        None,
        "gzip",
        "br",
    ]
    assert len(small.data) < len(zipped.data) < len(plain.data) / 2
    assert gzip.decompress(zipped.data) == plain.data
    for answer in (plain, zipped, small):
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "immutable" in answer.headers["Cache-Control"]
    tags = [answer.headers["ETag"] for answer in (plain, zipped, small)]
    assert len(set(tags)) == 3
    again = fetched(world, script, "gzip, deflate, br", **{"If-None-Match": tags[2]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_built_file_is_a_part_of_what_is_sent(world: World, script: str) -> None:
    whole = fetched(world, script, "gzip").data
    part = fetched(world, script, "gzip", Range="bytes=10-19")
    assert (part.status_code, part.data) == (206, whole[10:20])


def test_compressed_files_have_no_address_of_their_own(world: World, script: str) -> None:
    for ending in assets.COMPRESSED.values():
        assert fetched(world, script + ending, "").status_code == 404


def test_every_compressed_file_is_what_its_name_says(script: str) -> None:
    del script
    made = [file for file in assets.BUILT.iterdir() if file.suffix in (".gz", ".br")]
    whole = {file.name for file in assets.BUILT.iterdir()} - {file.name for file in made}
    assert len(made) > 30
    assert {file.stem for file in made} <= whole, "nothing is left of an earlier build"
    for file, content in _unpacked(made).items():
        assert content == file.with_name(file.stem).read_bytes(), file.name


def _unpacked(files: Sequence[Path]) -> dict[Path, bytes]:
    """What is in the files; Python has no brotli, so that those of brotli are opened by Node."""
    found = {file: gzip.decompress(file.read_bytes()) for file in files if file.suffix == ".gz"}
    small = [file for file in files if file.suffix == ".br"]
    code = """for (const file of process.argv.slice(1)) process.stdout.write(require("zlib")
      .brotliDecompressSync(require("fs").readFileSync(file)).toString("base64") + "\\n")"""
    command: list[str | Path] = [node(), "-e", code, *small]
    done = subprocess.run(command, capture_output=True, check=True, timeout=PROGRAM)
    return found | dict(zip(small, map(b64decode, done.stdout.split()), strict=True))
