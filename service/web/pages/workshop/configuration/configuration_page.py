"""Loading, drawing and saving, the same for every page of a draft's configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from flask import render_template, request
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.engine import Survey, survey
from service.errors import BadDiagram, Finding, Stale, TrestegError
from service.release.bundle import CONFIG, Bundle, unpack
from service.release.prepared import PreparedRelease, ReadFiles, files_of
from service.store.installation import releases as rows
from service.web.pages.workshop.draft_head import draft_head
from service.web.pages.workshop.draft_saving import person_name
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import drafts
from service.workshop.configuration import typed
from service.workshop.configuration.typed import Edit, Value, Values
from service.workshop.configuration.words import ConfigurationWords, read_words
from service.workshop.editor import FindingText, finding_texts
from service.workshop.file_states import base_bundle

INDEX = "processes/configuration/index.html"


@dataclass(frozen=True)
class DraftConfiguration:
    """A draft as the pages of its configuration see it."""

    row: rows.Draft
    by: str
    """Who saved it last."""
    live: PreparedRelease
    before: Bundle
    """The release that it was begun from."""

    @cached_property
    def bundle(self) -> Bundle:
        """Its files."""
        return unpack(self.row.files)

    @cached_property
    def read(self) -> ReadFiles:
        """Its files as the linter has them."""
        return files_of(self.bundle, current().program.services.topics)

    @cached_property
    def drawn(self) -> Survey:
        """Its diagrams."""
        return survey(self.read[0])

    @cached_property
    def words(self) -> ConfigurationWords:
        """What people call what the files name."""
        context = current()
        installed = context.program.services.programme.texts
        return read_words(self.bundle, self.drawn, self.read[1], context.lang, installed)

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """What is wrong with the draft."""
        return current().program.services.judge(self.bundle, "")

    def text(self, name: str) -> str:
        """A file of the configuration; the installation's where the draft has none."""
        installed = current().program.services.programme.texts.get(name, "")
        return typed.text_of(self.bundle, CONFIG + name, installed)

    def own(self, name: str) -> bool:
        """Whether the draft has a file of the configuration itself."""
        return CONFIG + name in self.bundle.files

    def findings_in(self, *files: str) -> list[tuple[FindingText, int]]:
        """The findings of some files, by name or folder, each with its line; 0 for none."""
        found = [one for one in self.findings if one.file.startswith(files)]
        lines = {drafts.finding_key(one): one.line for one in found}
        return [(text, lines[text.value]) for text in finding_texts(found, current().lang)]


def load(draft: str) -> DraftConfiguration:
    """Load an open draft.

    Raises:
        NotFound: there is none of that id.   NotAllowed: the viewer may not read processes.
    """
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
        live = context.program.services.current(tx)
        return DraftConfiguration(row, person_name(tx, row.by), live, base_bundle(tx, row))


def sent() -> dict[str, list[str]]:
    """The fields of the form: name to all its values; empty for a GET."""
    return {name: list(values) for name, values in request.form.lists()}


def save(
    loaded: DraftConfiguration,
    edit: Edit,
    then: str,
    draw: Callable[[Mapping[str, str]], ResponseReturnValue],
) -> ResponseReturnValue:
    """Save what a form changed, or draw its page again with what is wrong.

    Args:
        draw: draws the page with faults: name of a value, or "" for the whole, to a sentence's key.
    """
    if edit.faults:
        return draw(edit.faults)
    if not edit.changed:
        return draw({"": "fault_nothing"})
    found = drafts.check_draft(current().program.services, loaded.row, edit.changed)
    command = partial(
        drafts.save_files,
        draft_id=loaded.row.id,
        rev=loaded.row.rev,
        changed=edit.changed,
        found=found,
    )
    return submit(command, then=then, refused=lambda e: _refused(e, draw))


def _refused(
    e: TrestegError, draw: Callable[[Mapping[str, str]], ResponseReturnValue]
) -> ResponseReturnValue | None:
    if isinstance(e, Stale):
        return draw({"": "fault_saved_now"})
    return draw({"": "fault_unreadable"}) if isinstance(e, BadDiagram) else None


def page(
    loaded: DraftConfiguration,
    template: str,
    *,
    now: Values,
    faults: Mapping[str, str],
    files: Sequence[str],
    **facts: object,
) -> ResponseReturnValue:
    """Draw a page of the configuration.

    Args:
        now: every value that the page can change, as the draft has it.
        files: names of the files that it is about, or their folder.
    """
    context = current()
    values: dict[str, Value] = typed.shown(sent(), now) if faults else dict(now)
    drawn = render_template(
        template,
        draft=draft_head(loaded.row, loaded.live),
        words=loaded.words,
        values=values,
        now=now,
        sent={name: found[-1] for name, found in sent().items()} if faults else {},
        ticked=sent() if faults else {},
        faults={
            name: context.t(f"configuration.{key}", who=loaded.by) for name, key in faults.items()
        },
        findings=loaded.findings_in(*files),
        files=[file for file in files if file in loaded.bundle.files],
        own=all(f in loaded.bundle.files for f in files[:1] if f.endswith(".toml")),
        can_edit=can_act(context.viewer, "edit_process"),
        index=template == INDEX,
        **facts,
    )
    return drawn, 422 if faults else 200
