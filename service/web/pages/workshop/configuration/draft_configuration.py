"""The configuration of a draft: every kind with its state, and a file of it as text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.release.bundle import CONFIG, RELEASED, ROLES, TYPES, VOCABULARY
from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.process_configuration import (
    CORRECTIONS,
    GRANTS,
    PARTIES,
    PROCESS_FILES,
    REFERRALS,
    REMINDERS,
    VISIBILITY,
)
from service.release.programme.retention_rules import FILE as RETENTION
from service.release.programme.task_page_rules import FILE as TASK_PAGES
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import (
    DraftConfiguration,
    load,
    page,
    save,
    sent,
)
from service.workshop.configuration.confirmations import with_confirmations
from service.workshop.configuration.entries import (
    Entry,
    file_name,
    key_name,
    part_name,
    read_entries,
    said,
)
from service.workshop.configuration.typed import Edit
from service.workshop.uploads import state_of

bp = Blueprint("draft_configuration", __name__)
PAPERS, CALENDARS = "workflows/papers/", "workflows/calendars/"
CONSENTS, INFORMATION = f"{CONFIG}consents/", f"{CONFIG}information/"
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "roles": ("draft_roles.show", (ROLES,)),
    "visibility": ("draft_visibility.show", (CONFIG + VISIBILITY,)),
    "grants": ("", (CONFIG + GRANTS,)),
    "parties": ("", (CONFIG + PARTIES,)),
    "reminders": ("draft_reminders.show", (CONFIG + REMINDERS,)),
    "consents": ("draft_texts.index", (CONSENTS, INFORMATION)),
    "vocabulary": ("draft_words.show", (VOCABULARY,)),
    "calendars": ("draft_calendars.index", (CALENDARS,)),
    "papers": ("draft_papers.show", (PAPERS,)),
    "referrals": ("", (CONFIG + REFERRALS,)),
    "grounds": ("", (CONFIG + GROUNDS,)),
    "appeals": ("", (CONFIG + APPEALS,)),
    "corrections": ("", (CONFIG + CORRECTIONS,)),
    "task_pages": ("", (CONFIG + TASK_PAGES,)),
    "retention": ("", (CONFIG + RETENTION,)),
    "process": ("", (CONFIG + PROCESS,)),
    "types": ("", (TYPES,)),
}
"""Kind to its page, "" for that of its file, and to its files or their folders."""
TEXT = "text"


@dataclass(frozen=True, slots=True)
class KindEntry:
    """A kind of configuration in the list."""

    id: str
    link: str
    state: str
    """Against the release that the draft was begun from: `same`, `changed` or `new`; `installed`
    where the installation's file counts."""
    errors: int
    warnings: int


@bp.get("/drafts/<draft>/configuration")
@page_policy("plain", act="read_process")
def index(draft: str) -> ResponseReturnValue:
    """Every kind of configuration of a draft."""
    loaded = load(draft)
    kinds = [_entry(loaded, kind) for kind in KINDS]
    return page(
        loaded, "processes/configuration/index.html", now={}, faults={}, files=(), kinds=kinds
    )


@bp.get("/drafts/<draft>/configuration/files/<name>")
@page_policy("plain", act="read_process")
def show(draft: str, name: str) -> ResponseReturnValue:
    """A file of the configuration: its rows in words, and the file as text."""
    return _draw(load(draft), name, {})


@bp.post("/drafts/<draft>/configuration/files/<name>")
@page_policy("plain", act="edit_process")
def change(draft: str, name: str) -> ResponseReturnValue:
    """Save a file as it was typed, or take the installation's file into the draft."""
    loaded = load(draft)
    form = sent()
    file = _file(name)
    text = loaded.text(name).replace("\r\n", "\n")
    asked = form.get("do", [""])[-1]
    typed = text if asked == "own" else form.get(TEXT, [""])[-1].replace("\r\n", "\n")
    edit = Edit({file: typed.encode()}, {})
    if asked != "own" and typed == text:
        edit = Edit({}, {})
    if asked != "own" and form.get("digest", [""])[-1] != _digest(text):
        edit = Edit({}, {"": "fault_others_file"})
    then = url_for(".show", draft=draft, name=name)
    return save(loaded, edit, then, lambda faults: _draw(load(draft), name, faults))


def _file(name: str) -> str:
    """The name in the release of a file of the configuration.

    Raises:
        NotFound: it is none.
    """
    if CONFIG + name not in RELEASED:
        raise NotFound
    return CONFIG + name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(loaded: DraftConfiguration, kind: str) -> KindEntry:
    endpoint, files = KINDS[kind]
    name = files[0].removeprefix(CONFIG)
    link = (
        url_for(endpoint, draft=loaded.row.id)
        if endpoint
        else url_for(".show", draft=loaded.row.id, name=name)
    )
    found = [one for one in loaded.findings if one.file.startswith(files)]
    return KindEntry(
        kind,
        link,
        _state(loaded, files),
        sum(one.severity == "E" for one in found),
        sum(one.severity == "W" for one in found),
    )


def _state(loaded: DraftConfiguration, files: tuple[str, ...]) -> str:
    mine = {name for name in loaded.bundle.files if name.startswith(files)}
    if not mine and files[0].endswith(".toml"):
        return "installed"
    states = {state_of(loaded.before, name, loaded.bundle.files[name]) for name in mine}
    gone = any(n.startswith(files) and n not in mine for n in loaded.before.files)
    if states == {"new"} and not gone:
        return "new"
    return "changed" if gone or states - {"same"} else "same"


def _draw(loaded: DraftConfiguration, name: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    file = _file(name)
    text = loaded.text(name)
    words, kind = loaded.words, name.removesuffix(".toml")
    kept = sent().get(TEXT, [text])[-1] if faults else text
    shown = name in PROCESS_FILES and not KINDS[kind][0]
    entries = _by_part(loaded, name) if shown else []
    roads = _by_part(loaded, APPEALS) if name == GROUNDS else []
    return page(
        loaded,
        "processes/configuration/file.html",
        now={},
        faults=faults,
        files=(file,),
        name=name,
        title=file_name(name, words),
        kind=kind,
        own_page=url_for(KINDS[kind][0], draft=loaded.row.id) if KINDS[kind][0] else "",
        entries=entries,
        roads=[entry for _, rows in roads for entry in rows],
        roads_file=APPEALS,
        key_name=lambda key: key_name(key, words),
        said=said,
        text=kept,
        digest=_digest(text),
    )


def _by_part(loaded: DraftConfiguration, name: str) -> list[tuple[str, list[Entry]]]:
    """The rows of a file by the list that they belong to, each with its heading; none where the
    file cannot be read.
    """
    words, text = loaded.words, loaded.text(name)
    try:
        found = with_confirmations(name, text, read_entries(name, text, words), words)
    except ValueError:
        return []
    return [
        (
            words.word(f"part_{part}", part_name(name, part, words)) if part else "",
            [one for one in found.values() if one.part == part],
        )
        for part in dict.fromkeys(one.part for one in found.values())
    ]
