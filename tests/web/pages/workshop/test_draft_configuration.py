"""The configuration of a draft: each kind is read in words and changed on its page, and nothing of
somebody else's is overwritten.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from service.access import CLASSES
from service.release.bundle import CONFIG, ROLES, VOCABULARY, unpack
from service.release.consent_texts import INFORMATION, read_consent_texts
from service.store.installation import releases
from service.workshop.configuration import visibility
from tests.support.world import World, shipped
from tests.web.pages.test_releases import begun

pytestmark = pytest.mark.slow
GRANTS, MATRIX = f"{CONFIG}grants.toml", f"{CONFIG}visibility.toml"
PAGES = (
    *("", "/roles", "/visibility", "/visibility?stage=x", "/reminders", "/texts", "/calendars"),
    *("/words", "/words?kind=message", "/papers", "/texts/REFER", "/calendars/sweden"),
    *("/texts/RETURN?kind=information", "/files/grants.toml", "/files/parties.toml"),
    *("/files/referrals.toml", "/files/corrections.toml", "/files/task_pages.toml"),
    "/files/retention.toml",
    *("/files/process.toml", "/files/types.toml", "/languages"),
)
ALONE = ("", "/texts", "/calendars", "/papers", "/languages")
"""Pages on which nothing is typed."""
READ = ("", "/roles", "/visibility", "/texts/REFER", "/calendars/sweden", "/files/grants.toml")


class Pages:
    """The pages of a draft's configuration for its owner."""

    def __init__(self, world: World) -> None:
        self.world, self.browser = world, world.browser("maja")
        self.draft = begun(world, self.browser)
        self.here = f"/drafts/{self.draft}/configuration"

    def send(self, page: str, **typed: Any) -> Any:
        """Send a form of a page; names with a full stop have two underscores here."""
        self.browser.get(self.here + page)
        named = {name.replace("__", "."): value for name, value in typed.items()}
        return self.browser.post(self.here + page, {"rev": "1", **named})

    def text(self, file: str) -> str:
        """A file of the draft as it is kept."""
        with self.world.program.database.transaction(write=False) as tx:
            row = releases.get_draft(tx, self.draft)
        assert row is not None
        return unpack(row.files).text(file)


@pytest.fixture
def pages(shipped_world: World) -> Pages:
    return Pages(shipped_world)


@pytest.mark.parametrize("who", ["maja", "nils"])
def test_every_kind_is_read_by_owner_and_reviewer(pages: Pages, who: str) -> None:
    browser = pages.world.browser(who)
    for page in PAGES if who == "maja" else READ:
        found = browser.get(pages.here + page)
        assert found.status_code == 200, page
        assert ("Save in the draft" in found.text) == (who == "maja" and page not in ALONE), page


def test_others_read_nothing_and_reviewers_change_nothing(pages: Pages) -> None:
    assert pages.world.browser("sara").get(pages.here).status_code in (403, 404)
    reviewer = pages.world.browser("nils")
    reviewer.get(f"{pages.here}/roles")
    assert reviewer.post(f"{pages.here}/roles", {"do": "save"}).status_code in (403, 404)


def test_a_cell_is_changed_and_comments_stay(pages: Pages) -> None:
    before = pages.text(MATRIX)
    sent = {"CaseApprover.C3": "F", "was.CaseApprover.C3": "-", "stage": "1", "do": "save"}
    assert pages.send("/visibility", **sent).status_code == 303
    after = pages.text(MATRIX)
    assert after == before.replace('1 = "FFF-"\n2 = "F---"', '1 = "FFFF"\n2 = "F---"')
    compared = pages.browser.get(f"/drafts/{pages.draft}/compare").text
    assert (
        "Case approver will also see safety (C3) in the stage Information and support" in compared
    )


def test_nothing_of_another_owner_is_overwritten(pages: Pages) -> None:
    sent = {"stage": "1", "do": "save"}
    first = {"IomLocal.C3": "F", "was.IomLocal.C3": "-"}
    assert pages.send("/visibility", **sent, **first).status_code == 303
    other = {"CaseApprover.C3": "S", "was.CaseApprover.C3": "-"}
    assert pages.send("/visibility", **sent, **other).status_code == 303, "made from revision 1"
    letters = visibility.read_letters(pages.text(MATRIX))
    assert (letters["IomLocal"]["1"], letters["CaseApprover"]["1"]) == ("FFFF", "FFFS")
    again = {"IomLocal.C3": "S", "was.IomLocal.C3": "-"}
    refused = pages.send("/visibility", **sent, **again)
    assert refused.status_code == 422
    assert "has changed the same value" in refused.text
    assert visibility.read_letters(pages.text(MATRIX))["IomLocal"]["1"] == "FFFF"
    assert pages.send("/visibility", **sent).status_code == 422, "nothing was changed"


def test_a_narrowing_is_added_and_taken_out(pages: Pages) -> None:
    sent: dict[str, Any] = {"new.role": "IomMedical", "new.how": "never", "new.groups": ["route"]}
    sent |= {"new.stages": ["2", "x"], "new.classes": ["C1", "C2"], "do": "add", "stage": "2"}
    before = pages.text(MATRIX)
    assert pages.send("/visibility", **{**sent, "new.groups": []}).status_code == 422
    assert pages.send("/visibility", **sent).status_code == 303
    *_, row = visibility.read_narrowings(pages.text(MATRIX))
    assert (row.role, row.how, row.groups, row.stages) == (
        *("IomMedical", "never", ("route",)),
        ("2", "x"),
    )
    assert pages.send("/visibility", out=row.key, stage="2").status_code == 303
    assert pages.text(MATRIX).strip() == before.strip()
    assert pages.send("/visibility", out=row.key, stage="2").status_code == 422


def test_a_role_is_renamed_with_its_lanes_and_a_new_one_added(pages: Pages) -> None:
    sent = {"IomLocal.sv": "Kontoret hemma", "was.IomLocal.sv": "Lokalt IOM-kontor", "do": "save"}
    assert pages.send("/roles", **sent).status_code == 303
    assert 'sv = "Kontoret hemma"' in pages.text(ROLES)
    diagram = pages.text("workflows/return_case.bpmn")
    assert 'name="Kontoret hemma"' in diagram
    assert 'name="Lokalt IOM-kontor"' not in diagram
    new = {"new.id": "SchoolNurse", "new.sv": "Skolsköterska", "new.en": "School nurse"}
    assert pages.send("/roles", do="add", **{**new, "new.id": "1"}).status_code == 422
    assert pages.send("/roles", do="add", **new).status_code == 303
    assert "School nurse" in pages.browser.get(f"{pages.here}/roles").text
    assert pages.send("/roles", do="add", **new).status_code == 422


def test_reminders_are_numbers_in_their_limits(pages: Pages) -> None:
    late = {"overdue.working_days": "3, 0", "was.overdue.working_days": "0, 2"}
    assert pages.send("/reminders", **late).status_code == 303
    assert "working_days = [0, 3]" in pages.text(f"{CONFIG}reminders.toml")
    for name, value in (("quiet.from", "24"), ("before_due.working_days", "soon")):
        refused = pages.send("/reminders", **{name: value, f"was.{name}": ""})
        assert refused.status_code == 422
        assert f'value="{value}"' in refused.text, "what was typed is kept"


def test_words_are_changed_and_added_but_never_their_ids(pages: Pages) -> None:
    said = {"withdraw.for.sv": "Hon vill sluta.", "was.withdraw.for.sv": "x", "kind": "message"}
    refused = pages.send("/words", do="save", **said)
    assert refused.status_code == 422, "somebody else has changed it"
    current = pages.text(VOCABULARY)
    sent = {"child.sv": "Barn", "was.child.sv": "Barnet", "kind": "group"}
    assert pages.send("/words", do="save", **sent).status_code == 303
    assert pages.text(VOCABULARY) == current.replace('sv = "Barnet"', 'sv = "Barn"')
    new = {"new.id": "school", "new.sv": "Skola", "new.en": "School", "kind": "group"}
    assert pages.send("/words", do="add", **new).status_code == 303
    assert pages.send("/words", do="add", **new).status_code == 422


def test_other_words_of_a_consent_need_another_version(pages: Pages) -> None:
    page, file = "/texts/REFER", f"{CONFIG}consents/REFER.en.md"
    title = pages.text(file).splitlines()[0].removeprefix("# ")
    sent = {"en.title": "Another title", "was.en.title": title, "do": "save"}
    refused = pages.send(page, **sent)
    assert refused.status_code == 422
    assert "give it a new version" in refused.text
    whole = {**sent, "en.version": "2026-3", "was.en.version": "2026-2"}
    whole |= {"months": "12", "was.months": "0"}
    assert pages.send(page, **whole).status_code == 303
    assert pages.text(file).startswith("# Another title\nversion: 2026-3\n\n")
    assert "REFER = 12" in pages.text(f"{CONFIG}process.toml")
    assert pages.send(page, do="language", **{"new.lang": "bg"}).status_code == 303
    assert pages.text(f"{CONFIG}consents/REFER.bg.md") == pages.text(
        f"{CONFIG}consents/REFER.sv.md"
    )
    assert pages.browser.get(f"{pages.here}/texts/NONE").status_code == 404


def test_a_purpose_without_text_is_named_and_gets_one(pages: Pages) -> None:
    new = {"new.id": "SCHOOL", "new.sv": "skolgång", "new.en": "school", "kind": "purpose"}
    assert pages.send("/words", do="add", **new).status_code == 303
    assert "no text" in pages.browser.get(f"{pages.here}/texts").text
    text = {"new.title": "Skolgång", "new.version": "1", "new.body": "Du får gå i skola."}
    assert pages.send("/texts/SCHOOL", do="add", **text).status_code == 303
    assert pages.text(f"{CONFIG}consents/SCHOOL.sv.md").endswith("Du får gå i skola.\n")


def test_a_day_off_is_added_and_one_taken_out(pages: Pages) -> None:
    file = "workflows/calendars/sweden.json"
    days = json.loads(pages.text(file))["off"]
    sent: dict[str, Any] = {"off": days[1:], "was.off": days, "new.day": "2026-06-22"}
    assert pages.send("/calendars/sweden", **{**sent, "new.day": "snart"}).status_code == 422
    assert pages.send("/calendars/sweden", **sent).status_code == 303
    assert set(json.loads(pages.text(file))["off"]) == {*days[1:], "2026-06-22"}


def test_a_file_is_changed_as_text_and_told_what_is_wrong(pages: Pages) -> None:
    page = "/files/grants.toml"
    text = pages.text(GRANTS)
    digest = hidden(pages, page, "digest")
    wrong = text.replace('consent = ["REFER"]', 'consent = ["NOBODY"]', 1)
    sent = {"text": wrong, "digest": digest, "do": "save"}
    assert pages.send(page, **sent).status_code == 303
    shown = pages.browser.get(pages.here + page).text
    assert "names the consent NOBODY" in shown
    assert "line " in shown
    stale = pages.send(page, **{**sent, "text": text})
    assert stale.status_code == 422
    assert "has changed the file" in stale.text
    broken = {"text": "[[grant", "digest": hidden(pages, page, "digest"), "do": "save"}
    assert pages.send(page, **broken).status_code == 303, "a draft may be half done"
    assert "cannot be read" in pages.browser.get(pages.here + page).text
    assert pages.browser.get(f"{pages.here}/files/programme.toml").status_code == 404


def hidden(pages: Pages, page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', pages.browser.get(pages.here + page).text)
    assert found is not None
    return found[1]


def test_a_draft_without_the_file_takes_the_installations(pages: Pages) -> None:
    out = f"/drafts/{pages.draft}/files/out"
    pages.browser.get(f"/drafts/{pages.draft}/files")
    assert pages.browser.post(out, {"name": MATRIX, "rev": "1"}).status_code == 303
    page = pages.browser.get(f"{pages.here}/visibility").text
    assert "The release has no file of its own" in page
    assert "of the installation" in pages.browser.get(pages.here).text
    compared = pages.browser.get(f"/drafts/{pages.draft}/compare").text
    assert "no longer belongs to the release" in compared
    assert pages.send("/files/visibility.toml", do="own").status_code == 303
    assert len(visibility.read_letters(pages.text(MATRIX))["owner"]["1"]) == len(CLASSES)


def test_a_file_that_cannot_be_read_breaks_no_page(pages: Pages) -> None:
    bring = f"/drafts/{pages.draft}/files"
    names = ("visibility", "roles", "vocabulary", "reminders", "process", "parties")
    pages.browser.get(bring)
    for rev, name in enumerate(names, 1):
        page = f"/files/{name}.toml"
        sent = {"text": "= broken", "digest": hidden(pages, page, "digest"), "do": "save"}
        assert pages.send(page, **sent, rev=str(rev)).status_code == 303
    for page in PAGES:
        assert pages.browser.get(pages.here + page).status_code == 200, page
    cell = {"CaseApprover.C3": "F", "was.CaseApprover.C3": "-", "stage": "x", "do": "save"}
    assert pages.send("/visibility", **cell).status_code == 422


def test_a_translators_file_goes_out_of_a_draft_and_comes_back(pages: Pages) -> None:
    page = f"{pages.here}/languages"
    listed = pages.browser.get(page).text
    assert "Bulgarian (bg)" in listed
    assert "information.RETURN" in listed
    assert "example: nobody has signed it" in listed
    out = pages.browser.get(f"{page}/bg")
    assert out.headers["Content-Disposition"] == "attachment; filename=bg.po"
    assert pages.browser.get(f"{page}/sv").status_code == 404
    told = read_consent_texts(shipped(), INFORMATION).texts["RETURN"]["bg"].title
    new = out.data.replace(f'msgstr "{told}"'.encode(), b'msgstr "Novo"')
    wrong = new.replace(b'msgid "Kod"', b'msgid "Koden"', 1)
    refused = bring(pages, "bg", wrong)
    assert refused.status_code == 422
    assert "word.code: the Swedish text is another one now: Kod" in refused.text
    assert bring(pages, "bg", b"").status_code == 422
    assert bring(pages, "bg", new).status_code == 303
    assert pages.text(f"{CONFIG}information/RETURN.bg.md").startswith("# Novo\nversion: 2026-2\n")


def bring(pages: Pages, lang: str, content: bytes) -> Any:
    """Send a translator's file."""
    pages.browser.get(f"{pages.here}/languages")
    form = {"rev": "1", "lang": lang, "file": (io.BytesIO(content), f"{lang}.po")}
    return pages.browser.post(f"{pages.here}/languages", form)


def test_a_text_is_signed_on_its_page_and_publishing_says_what_is_not(pages: Pages) -> None:
    page, who = "/texts/RETURN?kind=information", "Nadia Exempel, translator, 2026-12-01"
    sent = {"bg.signed": who, "was.bg.signed": "", "do": "save"}
    wrong = pages.send(page, **{**sent, "bg.signed": "Nadia"})
    assert wrong.status_code == 422
    assert "Write name, role and day" in wrong.text
    before = pages.browser.get(f"/drafts/{pages.draft}/publish").text
    assert "Texts for the person" in before
    assert "In bg nobody has signed information.RETURN." in before
    assert pages.send(page, **sent).status_code == 303
    assert f"signed: {who} [" in pages.text(f"{CONFIG}information/RETURN.bg.md")
    after = pages.browser.get(f"/drafts/{pages.draft}/publish").text
    assert "In bg nobody has signed" not in after
    assert "In sv nobody has signed" in after
