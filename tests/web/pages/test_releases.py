"""The process owner's pages: drafts, findings, publishing, files; and who may read them."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from service.audit import verify
from service.release.bundle import unpack
from service.store.casefile import cases
from service.store.installation import ledger_entries, releases
from service.web.request_context import local_path
from tests.support.browser import Browser
from tests.support.dry_runs import dry_run
from tests.support.world import World, shipped

CASE = "return_case.bpmn"
FILE = f"workflows/{CASE}"
FIRST = "Task_OfferReturnInformation"


def begun(world: World, browser: Browser) -> str:
    """A draft, begun by its owner; gives its id."""
    browser.get("/processes")
    answer = browser.post("/drafts", {"process": world.program.services.programme.process})
    assert answer.status_code == 303
    return answer.headers["Location"].split("/")[2]


def put(browser: Browser, draft: str, content: bytes, rev: int = 1, file: str = CASE) -> Any:
    browser.get(f"/drafts/{draft}/diagram/{CASE}")
    headers = {
        **browser.headers,
        "X-CSRF-Token": browser.hidden()["csrf_token"],
        "If-Match": f'"r{rev}"',
        "Accept": "application/json",
    }
    return browser.client.put(f"/drafts/{draft}/diagram/{file}", data=content, headers=headers)


def publish(world: World, browser: Browser, draft: str, rev: int, **sent: Any) -> Any:
    """Publish a draft by its page, after a colleague has approved it there; gives the answer."""
    address = f"/drafts/{draft}/publish"
    browser.get(address)
    asked = browser.post(address, {"do": "ask", "rev": str(rev), "why": "More time", **sent})
    if asked.status_code != 303:
        return asked
    approve(world, address)
    browser.get(address)
    return browser.post(address, {"do": "publish", "rev": str(rev), "why": "More time", **sent})


def approve(world: World, address: str) -> None:
    """A reviewer approves what waits on a page."""
    reviewer = world.browser("nils")
    page = reviewer.get(address)
    action = re.search(r'action="([^"]*/(?:review/[^"]*|current))"', page.text)
    request = re.search(r'name="request" value="([^"]+)"', page.text)
    assert action
    assert request
    sent = {"do": "approve", "request": request[1]}
    assert reviewer.post(action[1], sent).status_code == 303


def text() -> str:
    return shipped().text(FILE)


def later() -> bytes:
    """The main diagram with another due date for the first task."""
    return text().replace('dueDate="P5D"', 'dueDate="P7D"', 1).encode()


def test_the_owner_sees_the_release_in_force_and_begins_a_draft(shipped_world: World) -> None:
    shipped_world.start_case()
    browser = shipped_world.browser("maja")
    page = browser.get("/processes")
    assert "Return in three steps" in page.text
    assert f"v1 · {shipped().digest[:12]}" in page.text
    draft = begun(shipped_world, browser)
    assert begun(shipped_world, browser) == draft, "the open draft is opened again"
    address = browser.get(f"/drafts/{draft}").headers["Location"]
    assert f'"xml": "/releases/{draft}/diagram/{CASE}"' in browser.get(address).text


def test_a_draft_is_saved_on_the_revision_it_was_made_from(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    told = put(browser, draft, later())
    assert (told.status_code, told.json["rev"]) == (200, 2)
    assert put(browser, draft, later()).status_code == 409, "the page is older than the draft"
    with shipped_world.program.database.transaction(write=False) as tx:
        kept = releases.get_draft(tx, draft)
    assert kept is not None
    assert unpack(kept.files).files[FILE] == later()


def test_an_unreadable_diagram_is_refused_and_the_last_one_stays(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    for content in (
        b"",
        b"no diagram",
        b"<!DOCTYPE x><x/>",
        b"PK\x03\x04",
        b"<x>" + b"a" * 2**20 + b"</x>",
    ):
        assert put(browser, draft, content).status_code == 422
    assert put(browser, draft, later(), file="other.bpmn").status_code == 404
    assert put(browser, draft, later(), file="..%2F..%2Fetc.bpmn").status_code == 404
    assert put(browser, draft, later()).json["rev"] == 2


def test_the_linter_reads_the_screen_and_saves_nothing(
    shipped_world: World,
) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    browser.get(f"/drafts/{draft}/diagram/{CASE}")
    headers = {
        **browser.headers,
        "X-CSRF-Token": browser.hidden()["csrf_token"],
        "Accept": "application/json",
    }
    broken = text().replace('dueDate="P5D"', 'dueDate="=nobodyKnows"', 1).encode()
    told: Any = browser.client.post(
        f"/drafts/{draft}/lint/{CASE}", data=broken, headers=headers
    ).json
    told = told["findings"]
    assert (told[0]["severity"], told[0]["element"], told[0]["file"]) == ("E", FIRST, CASE)
    assert "nobodyKnows" in told[0]["text"]
    with shipped_world.program.database.transaction(write=False) as tx:
        kept = releases.get_draft(tx, draft)
    assert kept is not None
    assert kept.rev == 1


def test_publishing_names_changes_and_old_cases_stay_as_they_are(shipped_world: World) -> None:
    old = shipped_world.start_case()
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    page = browser.get(f"/drafts/{draft}/publish")
    assert "was 5 days, is now 7 days" in page.text
    assert publish(shipped_world, browser, draft, 2).status_code == 422, "nobody has tried it"
    dry_run(shipped_world.program, draft, shipped_world.loaded_viewer("maja"))
    answer = publish(shipped_world, browser, draft, 2)
    assert answer.status_code == 303
    assert "v2 is published" in browser.get(answer.headers["Location"]).text
    new = shipped_world.start_case()
    with shipped_world.program.database.transaction(write=False) as tx:
        found = {id_: cases.get(tx, id_) for id_ in (old.case_id, new.case_id)}
        told = [
            (line.kind, line.actor)
            for line in ledger_entries.of_stream(
                tx, f"release/{shipped_world.program.services.programme.process}"
            )
        ]
        titles = releases.of_process(tx, shipped_world.program.services.programme.process)
    assert [title.note for title in titles] == ["More time", ""]
    assert found[old.case_id].release_id == shipped().digest  # type: ignore[union-attr]  # there is such a case
    assert found[new.case_id].release_id == titles[0].id  # type: ignore[union-attr]  # and such a one
    tried = ["dry_run_begun", "dry_run_ended"]
    assert [kind for kind, _ in told[-5:]] == ["draft_open", "draft_saved", *tried, "published"]
    assert {actor for _, actor in told[-5:]} == {"p_maja"}
    page = browser.get("/processes")
    assert "v1: 1" in page.text
    assert "More time" in page.text


def test_errors_stop_publishing_whatever_the_form_says(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    put(browser, draft, text().replace('dueDate="P5D"', 'dueDate="=nobodyKnows"', 1).encode())
    page = browser.get(f"/drafts/{draft}/publish")
    assert "nobodyKnows" in page.text
    assert 'value="publish"' not in page.text
    assert (
        browser.post(f"/drafts/{draft}/publish", {"do": "publish", "rev": "2"}).status_code == 422
    )
    assert len(working_releases(shipped_world)) == 1


def test_a_warning_must_be_ticked_by_name(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    unnamed = re.sub(
        r'(<bpmn:userTask id="(?:Task_OfferReturnInformation|Task_SubmitReferral)" name=)"[^"]*"',
        r'\1""',
        text(),
    )
    told = put(browser, draft, unnamed.encode()).json["findings"]
    warnings = [one["value"] for one in told if one["severity"] == "W"]
    assert len(warnings) == 2
    assert not [one for one in told if one["severity"] == "E"]
    browser.get(f"/drafts/{draft}/publish")
    refused = browser.post(
        f"/drafts/{draft}/publish", {"do": "publish", "rev": "2", "seen": warnings[1:]}
    )
    assert refused.status_code == 422
    assert "Tick each warning" in refused.text
    assert publish(shipped_world, browser, draft, 2, seen=warnings).status_code == 303
    with shipped_world.program.database.transaction(write=False) as tx:
        line = ledger_entries.latest(
            tx, f"release/{shipped_world.program.services.programme.process}", limit=1
        )[0]
    assert all(one in line.body for one in warnings)


def test_the_same_content_is_not_published_twice(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    page = browser.get(f"/drafts/{draft}/publish")
    assert "same content as v1" in page.text
    assert (
        browser.post(f"/drafts/{draft}/publish", {"do": "publish", "rev": "1"}).status_code == 403
    )


def test_a_draft_that_changed_meanwhile_is_not_published(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    browser.get(f"/drafts/{draft}/publish")
    assert (
        browser.post(f"/drafts/{draft}/publish", {"do": "publish", "rev": "1"}).status_code == 409
    )
    assert len(working_releases(shipped_world)) == 1


def test_a_draft_is_thrown_away_and_says_so(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    browser.get(f"/drafts/{draft}/publish")
    answer = browser.post(f"/drafts/{draft}/discard", {})
    assert "The draft was thrown away" in browser.get(answer.headers["Location"]).text
    assert browser.get(f"/drafts/{draft}/diagram/{CASE}").status_code == 404
    assert "Somebody has published or thrown away" in browser.get(f"/drafts/{draft}/publish").text


def test_a_diagram_is_translated_while_it_is_served_only(
    shipped_world: World,
) -> None:
    browser = shipped_world.browser("sara")
    address = f"/releases/{shipped().digest}/diagram/{CASE}"
    english, plain = (
        browser.get(f"{address}?lang=en").get_data(as_text=True),
        browser.get(address).get_data(),
    )
    assert 'name="Return in three steps"' in english
    assert 'name="Referring partner"' in english
    assert plain == shipped().files[FILE]
    assert browser.get(f"{address}?lang=xx").get_data() == plain


def test_what_is_not_for_everybody_is_not_there(shipped_world: World) -> None:
    draft = begun(shipped_world, shipped_world.browser("maja"))
    for name in ("sara", "greta", "omar"):
        browser = shipped_world.browser(name)
        for path in (
            "/processes",
            f"/drafts/{draft}/diagram/{CASE}",
            f"/drafts/{draft}/publish",
            f"/releases/{draft}/diagram/{CASE}",
        ):
            assert browser.get(path).status_code == 404, (name, path)
    digest = shipped().digest
    assert (
        shipped_world.browser("sara")
        .get(f"/releases/{digest}/files/workflows/deadlines.dmn")
        .status_code
        == 404
    )
    assert (
        shipped_world.browser("greta")
        .get(f"/releases/{digest}/files/workflows/deadlines.dmn")
        .status_code
        == 200
    )
    assert Browser(shipped_world.app.test_client()).get(
        f"/releases/{digest}/diagram/{CASE}"
    ).status_code in (303, 401)


def test_addresses_that_name_nothing_are_wrong_addresses(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    unknown, known = f"/releases/{'0' * 64}", f"/releases/{shipped().digest}"
    for path in (
        "/releases/x/diagram/a.bpmn",
        f"{unknown}/diagram/{CASE}",
        f"{known}/diagram/no.bpmn",
        "/releases/x/all",
        "/drafts/x",
    ):
        answer = browser.get(path)
        answer = (
            browser.get(local_path(answer.headers["Location"]))
            if answer.status_code == 302
            else answer
        )
        assert answer.status_code == 404, path


def test_files_come_as_files(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    answer = browser.get(f"/releases/{shipped().digest}/files/workflows/deadlines.dmn")
    assert answer.headers["Content-Disposition"] == "attachment; filename=deadlines.dmn"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (
        answer.get_data()
        == (Path(shipped_world.program.settings.workflows_dir) / "deadlines.dmn").read_bytes()
    )
    assert (
        unpack(browser.get(f"/releases/{shipped().digest}/all").get_data()).digest
        == shipped().digest
    )
    assert (
        "Diagram: Return in three steps"
        in browser.get(f"/releases/{shipped().digest}/view/{CASE}").text
    )


def working_releases(world: World) -> list[releases.ReleaseTitle]:
    with world.program.database.transaction(write=False) as tx:
        return releases.of_process(tx, world.program.services.programme.process)


def bring(browser: Browser, draft: str, rev: int, *files: tuple[str, bytes]) -> Any:
    """Bring files into a draft by its page."""
    browser.get(f"/drafts/{draft}/files")
    sent = [(io.BytesIO(content), name) for name, content in files]
    return browser.post(f"/drafts/{draft}/files", {"rev": str(rev), "files": sent})


def kept(world: World, draft: str) -> releases.Draft:
    with world.program.database.transaction(write=False) as tx:
        row = releases.get_draft(tx, draft)
    assert row is not None
    return row


def test_files_are_brought_together_and_each_is_told_its_fate(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    form = shipped().files["forms/reflection.form"].replace(b'"reflection"', b'"other"', 1)
    page = bring(
        browser,
        draft,
        1,
        (CASE, later()),
        ("other.form", form),
        ("broken.dmn", b"<no"),
        ("notes.txt", b"x"),
    )
    assert page.status_code == 200
    for line in (f"Takes the place of {FILE}.", "New file: forms/other.form.", "cannot be read"):
        assert line in page.text
    assert "has no place in a release" in page.text
    row = kept(shipped_world, draft)
    assert (row.rev, unpack(row.files).files[FILE]) == (2, later())
    assert "workflows/broken.dmn" not in unpack(row.files).files
    choices = browser.get(f"/drafts/{draft}/diagram/{CASE}").text
    assert '["other", ' in choices, "the panel offers the new form"
    assert bring(browser, draft, 1, (CASE, text().encode())).status_code == 409
    assert bring(browser, draft, 2).status_code == 422


def test_a_file_is_taken_out_and_put_back(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft, name = begun(shipped_world, browser), "forms/reflection.form"
    address = f"/drafts/{draft}/files"
    browser.get(address)
    out = {"name": name, "rev": "1", "do": "out"}
    assert browser.post(f"{address}/out", out).status_code == 303
    assert name not in unpack(kept(shipped_world, draft).files).files
    assert "taken out" in browser.get(address).text
    assert browser.post(f"{address}/out", {**out, "rev": "2", "do": "back"}).status_code == 303
    assert unpack(kept(shipped_world, draft).files).digest == shipped().digest
    browser.get(address)
    assert browser.post(f"{address}/out", {**out, "rev": "3", "name": "x"}).status_code == 404
    reader = shipped_world.browser("greta")
    reader.get("/")
    assert reader.post(f"{address}/out", out).status_code in (403, 404)


def test_throwing_a_draft_away_can_be_undone(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    page = browser.get(f"/drafts/{draft}/publish")
    assert "Throw the draft away?" in page.text
    browser.post(f"/drafts/{draft}/discard", {})
    assert "You can take it back until" in browser.get("/processes").text
    answer = browser.post(f"/drafts/{draft}/reopen", {})
    assert answer.headers["Location"] == f"/drafts/{draft}/diagram/{CASE}"
    assert unpack(kept(shipped_world, draft).files).files[FILE] == later()
    browser.get("/processes")
    assert browser.post(f"/drafts/{draft}/reopen", {}).status_code == 404


def test_an_earlier_release_is_made_current_again(shipped_world: World) -> None:
    browser, first = shipped_world.browser("maja"), shipped().digest
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    publish(shipped_world, browser, draft, 2)
    shown = f"/releases/{first}/view/{CASE}"
    assert "Make it current again" in browser.get(shown).text
    address = f"/releases/{first}/current"
    assert browser.post(address, {"do": "ask", "why": ""}).status_code == 422
    assert browser.post(address, {"do": "current"}).status_code == 422, "nobody has approved it"
    ask = {"do": "ask", "why": "The due date was wrong"}
    assert browser.post(address, ask).status_code == 303
    approve(shipped_world, shown)
    browser.get(shown)
    answer = browser.post(address, {"do": "current"})
    assert "v1 · " in browser.get(answer.headers["Location"]).text
    case = shipped_world.start_case()
    with shipped_world.program.database.transaction(write=False) as tx:
        row = cases.get(tx, case.case_id)
    assert row is not None
    assert row.release_id == first
    assert "withdrawn" in browser.get("/processes").text
    browser.get(shown)
    assert browser.post(address, {"do": "ask", "why": "Once more"}).status_code == 422
    with shipped_world.program.database.transaction(write=False) as tx:
        services, now = shipped_world.program.services, shipped_world.clock.now()
        assert verify.verify_all(tx, services, now=now).faults == ()


def test_a_draft_from_an_earlier_release_needs_that_none_is_open(shipped_world: World) -> None:
    browser, first = shipped_world.browser("maja"), shipped().digest
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    publish(shipped_world, browser, draft, 2)
    begun(shipped_world, browser)
    browser.get(f"/releases/{first}/view/{CASE}")
    refused = browser.post(f"/releases/{first}/draft", {})
    assert refused.status_code == 422
    assert "A draft is open already" in refused.text


def test_who_was_slower_reads_who_saved_the_draft(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    told = put(browser, draft, later())
    assert told.status_code == 409
    assert re.search(r"Maja.* saved the draft 20\d\d-", told.json["detail"])


def test_who_worked_on_a_draft_does_not_approve_it(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    address = f"/drafts/{draft}/publish"
    page = browser.get(address)
    assert 'value="publish"' not in page.text
    assert browser.post(address, {"do": "publish", "rev": "2", "why": "x"}).status_code == 422
    assert browser.post(address, {"do": "ask", "rev": "2", "why": "More time"}).status_code == 303
    page = browser.get(address)
    assert "Waits for a reviewer until" in page.text
    assert 'value="approve"' not in page.text
    listed = shipped_world.browser("nils").get("/approvals")
    assert f'href="{address}"' in listed.text


def test_a_draft_that_changed_needs_another_review(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    put(browser, draft, later())
    address = f"/drafts/{draft}/publish"
    browser.get(address)
    browser.post(address, {"do": "ask", "rev": "2", "why": "More time"})
    approve(shipped_world, address)
    put(browser, draft, later().replace(b"P7D", b"P8D"), 2)
    page = browser.get(address)
    assert "The draft has changed since" in page.text
    assert browser.post(address, {"do": "publish", "rev": "3", "why": "x"}).status_code == 422
