"""T6, outside the database: no canary in a log, title, address, header or letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from service.casework.letters import letter_mail
from service.casework.pages.case_page import TABS
from service.mail import MailServer, message_of
from service.store.work import letters
from service.text import languages, section
from tests.trust.canaries import MARK, hits
from tests.trust.staged_world import StagedWorld, logged

pytestmark = pytest.mark.slow
AUDIT = (
    "/audit",
    "/audit?kind=complete",
    "/audit?show=entries&kind=complete",
    "/audit?show=entries&mark=ended",
    "/audit/help",
    "/audit/matter",
    "/audit/reads",
    "/audit/reads?as=csv",
    "/audit/streams",
    "/audit/streams/system",
    "/audit/streams/release",
)
AUDIT_OF_CASE = (
    "/audit/cases/{case}/replay",
    "/audit/cases/{case}/data",
    "/audit/cases/{case}/reads",
    "/audit/cases/{case}/reads?as=csv",
    "/audit/cases/{case}/reads/extract",
    "/audit/cases/{case}/reads/extract?as=text",
)
READERS = ("sara", "omar", "aino", "iva", "maja", "greta")
OF_EVERYBODY = (
    "/inbox",
    "/inbox?box=mine",
    "/cases",
    "/cases/new",
    "/find",
    "/office",
    "/settings",
    "/help",
    *AUDIT,
    "/processes",
    "/migrations",
    "/demo",
    "/demo/letterbox",
)
TITLE, ADDRESS = (
    re.compile(r"<title>(.*?)</title>", re.DOTALL),
    re.compile(r'(?:href|action|src|hx-get|hx-post|data-[a-z-]+)="([^"]*)"'),
)
TOKEN, ONCE = (
    re.compile(r'name="csrf_token" value="([^"]+)"'),
    re.compile(r'name="_once" value="([0-9A-Z]{26})"'),
)
STRANGER = "01J00000000000000000000000"


def asked(staged: StagedWorld, name: str) -> Iterator[TestResponse]:
    """Pages that a person can ask for: her own, and every case with all its tabs, tasks, papers and
    replay.
    """
    client = staged.client(name)
    for page in OF_EVERYBODY:
        yield client.get(page)
    for stage in staged.cases:
        things = staged.things(stage)
        for case in things["case"]:
            yield from (client.get(f"/cases/{case}?tab={tab}") for tab in TABS)
            yield from (
                client.get(page)
                for page in (
                    f"/cases/{case}/print",
                    f"/cases/{case}/messages/withdraw",
                    *(page.format(case=case) for page in AUDIT_OF_CASE),
                    f"/go/{case}",
                )
            )
        for task in things["task"]:
            yield client.get(f"/tasks/{task}")
            yield client.get(f"/tasks/{task}/print")
    yield client.get(f"/cases/{STRANGER}")


def typed(staged: StagedWorld) -> Iterator[TestResponse]:
    """What comes back when a canary is typed where it is refused, kept as unsent, searched for, or
    asked for as an address.
    """
    client = staged.client("iva")
    (task,) = staged.things("3")["task"]
    page = client.get(f"/tasks/{task}").text
    token, once = TOKEN.search(page), ONCE.search(page)
    assert token is not None
    assert once is not None
    sent = {
        "csrf_token": token[1],
        "_once": once[1],
        "noteToOffice": MARK,
        "activities.0.provider": MARK,
        "q": MARK,
        "back": f"/{MARK}",
    }
    from_here = {"Sec-Fetch-Site": "same-origin"}
    for path in (
        f"/tasks/{task}",
        f"/tasks/{task}/unsent",
        f"/tasks/{task}/preview",
        "/find",
        f"/cases/{staged.cases['3']}/notes",
    ):
        yield client.post(path, data=sent, headers=from_here)
    yield client.get(f"/tasks/{MARK}")
    yield client.get(f"/cases/{MARK}")
    yield client.post("/sign-in", data={**sent, "user": MARK, "password": MARK}, headers=from_here)


def test_no_title_address_or_location_holds_a_canary(staged: StagedWorld) -> None:
    shown = 0
    for name in READERS:
        for answer in asked(staged, name):
            outside = [
                *TITLE.findall(answer.text),
                *ADDRESS.findall(answer.text),
                answer.headers.get("Location", ""),
            ]
            assert [text for text in outside if hits(text.encode())] == [], (
                name,
                answer.request.path,
            )
            shown += len(hits(answer.data))
    assert shown > 10, "the pages themselves show canaries to those who may see them"


def test_an_auditor_is_sent_no_canary_at_all(staged: StagedWorld) -> None:
    """She reads every process fact and nothing of the classes C1 to C3, wherever she goes; she has
    stated a matter, so that her searches answer.
    """
    client = staged.client("greta")
    token = TOKEN.search(client.get("/audit/matter").text)
    assert token is not None
    sent = {"csrf_token": token[1], "matter": "12/2026"}
    stated = client.post("/audit/matter", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert stated.status_code == 303
    answers = [*asked(staged, "greta")]
    answers += [client.get(page) for page in AUDIT]
    sealed = [word for word, canary in staged.canaries.items() if canary.klass != "C0"]
    assert len(sealed) > 100
    for answer in answers:
        assert [word for word in sealed if word in answer.text] == [], answer.request.path
    assert any("replay?at=" in answer.text for answer in answers), "a search found something"


def test_what_is_typed_comes_back_in_no_address(staged: StagedWorld) -> None:
    for answer in typed(staged):
        said = [*TITLE.findall(answer.text), answer.headers.get("Location", "")]
        assert [text for text in said if MARK in text] == [], answer.request.path


def test_no_log_holds_a_canary_even_at_its_most_talkative(staged: StagedWorld) -> None:
    with logged() as heard:
        for name in ("aino", "iva"):
            assert all(answer.status_code for answer in asked(staged, name))
        assert [answer.status_code for answer in typed(staged) if answer.status_code >= 500] == []
    for text in (staged.log, heard.getvalue()):
        assert len(text) > 100, "something is logged"
        assert hits(text.encode()) == []


def test_no_subject_and_no_message_id_holds_a_canary(staged: StagedWorld) -> None:
    with staged.program.database.transaction(write=False) as tx:
        written = letters.latest(tx, limit=1_000)
        posts = [
            letter_mail.prepare_mail(
                tx, staged.program.services, letter=letter, who="w", now=staged.program.clock.now()
            )
            for letter in written
            if not letter.needs_consent
        ]
    messages = [message_of(post, MailServer("print")) for post in posts if post is not None]
    assert len(messages) > 3
    for message in messages:
        assert hits(message.as_bytes()) == []
    assert len({message["Message-ID"] for message in messages}) == len(messages)
    subjects = {message["Subject"] for message in messages}
    assert subjects <= {
        text
        for lang in languages()
        for key, text in section("mail", lang).items()
        if key.startswith("subject") and "{" not in text
    }, "the same words for everybody"
