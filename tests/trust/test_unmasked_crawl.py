"""T4: an auditor follows every link of the site. She reads no answer about a person; while two
people have unmasked classes of one case, she reads those of that case, on its own pages.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.access import OWN_OFFICE
from service.casework.approvals import requests
from service.people import accounts
from tests.support.audits import unmask
from tests.trust.canaries import MARK
from tests.trust.staged_world import StagedWorld, logged

STAGE = "2"
"""Stage of the case that is unmasked."""
LINK = re.compile(r'href="(/[^"#]*)')
SEEN = re.compile(MARK + r"\d{4}", re.IGNORECASE)
TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
PARTS = 1
"""Followed pages that differ in what they ask for alone, such as the lines of one replay."""
ELSEWHERE = ("/static/", "/v1/", "/demo")

pytestmark = pytest.mark.slow


@dataclass
class Crawl:
    """Everything that an auditor got: address to the canaries in it."""

    staged: StagedWorld
    client: FlaskClient
    found: dict[str, set[str]] = field(default_factory=dict)
    pages: int = 0
    titles: str = ""

    def follow(self) -> None:
        """Follow every link from the first page, and from the pages of every case."""
        cases = [f"/audit/cases/{case}/" for case in self.staged.cases.values()]
        ends = ("replay", "data", "form", "fields", "reads", "reads/extract", "proof", "unmask")
        waiting = deque(["/audit", "/cases", *(case + end for case in cases for end in ends)])
        seen, alike = set(waiting), Counter[tuple[str, tuple[str, ...]]]()
        while waiting:
            for link in self.open(address := waiting.popleft()):
                parts = urlsplit(link)
                kind = parts.path, tuple(sorted(name for name, _ in parse_qsl(parts.query)))
                if link in seen or link.startswith(ELSEWHERE) or alike[kind] >= PARTS:
                    continue
                assert not SEEN.search(link), address
                seen.add(link)
                alike[kind] += 1
                waiting.append(link)

    def open(self, address: str) -> Iterator[str]:
        """Open a page; gives its links."""
        answer = self.client.get(address)
        assert answer.status_code < 500, address
        self.pages += answer.status_code == 200
        text = self.note(address, answer)
        self.titles += "".join(TITLE.findall(text))
        yield from (unescape(link) for link in LINK.findall(text))

    def hand_out(self) -> None:
        """Take everything along that can be taken along of all cases, and of the unmasked one."""
        proof = f"/audit/cases/{self.staged.cases[STAGE]}/proof"
        for kind in ("csv", "json", "xes"):
            self.post("/audit/export", {"what": kind, "reason": "x", "option": ["rare"]})
        self.post(proof, {"reason": "x", "with": ["reads", "answers"]})

    def post(self, address: str, fields: dict[str, object]) -> None:
        page = self.client.get("/settings").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        ours = {"Sec-Fetch-Site": "same-origin"}
        data = {"csrf_token": token[1], **fields}
        self.note(address, self.client.post(address, data=data, headers=ours))

    def note(self, address: str, answer: TestResponse) -> str:
        """Note which canaries an answer holds; gives its text."""
        content = answer.get_data()
        if answer.mimetype == "application/zip":
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                content = b"\n".join(packed.read(name) for name in packed.namelist())
        text = content.decode("utf-8", "replace")
        words = {word.lower() for word in SEEN.findall(text)}
        self.found[address] = self.found.get(address, set()) | words
        return text

    def secrets(self) -> dict[str, set[str]]:
        """Address to the canaries there that are no process facts."""
        klass = {word: one.klass for word, one in self.staged.canaries.items()}
        kept = {
            address: {word for word in words if klass[word] != "C0"}
            for address, words in self.found.items()
        }
        return {address: words for address, words in kept.items() if words}


def crawl(staged: StagedWorld) -> Crawl:
    """Everything that the auditor can get now, in words or in files."""
    made = Crawl(staged, staged.client("greta"))
    made.follow()
    made.hand_out()
    assert made.pages > 60, made.pages
    assert not SEEN.search(made.titles)
    return made


def test_an_auditor_reads_nothing_but_what_two_people_unmasked(staged: StagedWorld) -> None:
    assert crawl(staged).secrets() == {}
    program, case = staged.program, staged.cases[STAGE]
    now = program.clock.now()
    staged.client("greta")  # states the matter
    with program.database.transaction() as tx:
        greta = accounts.load_viewer(tx, staged.people["greta"])
        disa = accounts.load_viewer(tx, staged.people["disa"])
    assert greta is not None
    assert disa is not None
    id_ = unmask(program, greta, disa, now, case, "C2")
    try:
        # a session of its own states a matter of its own; what is open stays so
        with logged() as heard:
            opened = crawl(staged).secrets()
        assert not SEEN.search(heard.getvalue())
        assert opened
        pages = [f"/audit/cases/{case}/{end}" for end in ("replay", "data", "form", "fields")]
        assert {urlsplit(address).path for address in opened} <= {*pages}
        words = {word for found in opened.values() for word in found}
        known = [staged.canaries[word] for word in words]
        assert {one.klass for one in known} == {"C2"}
        assert OWN_OFFICE not in {one.group for one in known}
    finally:
        with program.database.transaction() as tx:
            requests.end(tx, program.services, by=greta, now=now, id_=id_)
    again = Crawl(staged, staged.client("greta"))
    for page in pages:
        list(again.open(page))
    assert again.secrets() == {}
