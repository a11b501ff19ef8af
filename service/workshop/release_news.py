"""News of a release for one person since she last read about releases: its note, and which of her
steps have changed.

The release that she has read of is one of her settings. It is set when she first signs in: somebody
new has nothing to learn anew. A release that was made current again is news like one that was
published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from service.access import Viewer
from service.engine import Element
from service.errors import NotFound
from service.people.own_account import save_preferences
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.store.at_hand import AtHand, Read, Reader
from service.store.installation import people, releases
from service.store.transaction import Tx
from service.workshop.comparison.diff import diff_bundles
from service.workshop.comparison.release_changes import MOVED

FOR_PEOPLE = frozenset({"userTask", "manualTask"})
MOST = 64
"""Pairs of releases and languages that are kept compared."""
READ = "release_read"
"""Setting: id of the release whose news the person has read."""
STEP = "release_of_"
"""Beginning of settings, one a step: id of the release with which the person last did the step
after a change."""


@dataclass(frozen=True, slots=True)
class ChangedStep:
    """A step for people that changed, or is new."""

    element: str
    name: str
    roles: tuple[str, ...]
    changes: tuple[str, ...]
    """What changed, as sentences."""


@dataclass(frozen=True, slots=True)
class ReleaseNote:
    """Note of a release, as it was published with it."""

    name: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class ReleaseNews:
    """News that a person has not read yet.

    Attributes:
        id: of the release in force.
        name: "v4".
        back: whether an older release than the one that she has read of is in force again.
        notes: of the releases since, newest first.
        steps: those of her roles that changed.
    """

    id: str
    name: str
    back: bool
    notes: tuple[ReleaseNote, ...]
    steps: tuple[ChangedStep, ...]


def begin_reading(tx: Tx, services: Services, person_id: str) -> None:
    """Take the release in force as known to a person who has read of none yet."""
    row = people.get(tx, person_id)
    live = releases.live(tx, services.programme.process)
    if row is None or live is None or READ in row.person.settings:
        return
    settings = {**row.person.settings, READ: live.id}
    people.set_choices(tx, person_id, language=row.person.language, settings=settings)


def reads_of_news(
    tx: Tx, at_hand: AtHand, services: Services, settings: Mapping[str, str]
) -> list[Read]:
    """What `release_news` reads besides the release in force; the release that the person has read
    of is made ready.
    """
    live = _unread(at_hand, services, settings)
    if live is None:
        return []
    services.prepare(tx, at_hand, (settings[READ],))
    return [releases.read_of_process(live.process)]


def _unread(
    reader: Reader, services: Services, settings: Mapping[str, str]
) -> releases.ReleaseTitle | None:
    """The release in force, if the person has read of another one."""
    live, read = releases.live(reader, services.programme.process), settings.get(READ, "")
    return live if live is not None and read and read != live.id else None


def release_news(
    reader: Reader, services: Services, viewer: Viewer, settings: Mapping[str, str]
) -> ReleaseNews | None:
    """News of the steps of a person's roles since she last read; None when none of them changed."""
    live = _unread(reader, services, settings)
    if live is None:
        return None
    before = _release(reader, services, settings[READ])
    after = services.release(reader, live.id)
    if before is None:
        return None
    found = changed_steps(services, before, after, viewer.lang)
    steps = tuple(step for step in found.values() if viewer.lane_roles & set(step.roles))
    if not steps:
        return None
    notes = tuple(
        ReleaseNote(f"v{title.number}", title.published_at, title.note)
        for title in releases.of_process(reader, live.process)
        if before.number < title.number <= after.number and title.note
    )
    back = after.number < before.number
    return ReleaseNews(live.id, f"v{live.number}", back, notes, steps)


def load_step_news(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    settings: Mapping[str, str],
    *,
    release: PreparedRelease,
    element: str,
) -> ChangedStep | None:
    """News of a step of a case since the person last did it; None when it did not change.

    Args:
        release: the one that the case is on.
    """
    known = settings.get(STEP + element, "") or settings.get(READ, "")
    if not known or known == release.id:
        return None
    before = _release(reader, services, known)
    if before is None or before.number > release.number:
        return None
    return changed_steps(services, before, release, viewer.lang).get(element)


def mark_news_read(
    tx: Tx,
    services: Services,
    by: Viewer,
    _now: datetime,
    *,
    release_id: str,
    settings: Mapping[str, str],
) -> None:
    """Note in the settings of a person that she has read what a release brought.

    The steps that changed still say so on their next task.

    Raises:
        NotFound: there is no such release.
    """
    after = _release(tx, services, release_id)
    if after is None:
        raise NotFound
    noted = {READ: after.id}
    before = _release(tx, services, settings.get(READ, ""))
    if before is not None and before.number < after.number:
        for element, step in changed_steps(services, before, after, by.lang).items():
            if by.lane_roles & set(step.roles) and STEP + element not in settings:
                noted[STEP + element] = before.id
    save_preferences(tx, by=by, language=by.lang, settings=noted)


def mark_step_known(
    tx: Tx, services: Services, viewer: Viewer, *, element: str, release_id: str
) -> None:
    """Note with which release a person has done a step after it changed.

    An element that the release does not have is passed over.
    """
    release = _release(tx, services, release_id)
    if release is None or not any(element in d.elements for d in release.definitions.values()):
        return
    settings = {STEP + element: release_id}
    save_preferences(tx, by=viewer, language=viewer.lang, settings=settings)


def changed_steps(
    services: Services, before: PreparedRelease, after: PreparedRelease, lang: str
) -> Mapping[str, ChangedStep]:
    """The steps for people of the newer release that changed, by element.

    A step changed when the step itself or its form did. A rule or a gateway that decides otherwise
    changes no step.

    Args:
        lang: of names and sentences.
    """
    return _compare(_Pair((before.id, after.id, lang), services, before, after))


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two releases and a language; releases never change, so their ids are all that is compared."""

    key: tuple[str, str, str]
    services: Services = field(compare=False)
    before: PreparedRelease = field(compare=False)
    after: PreparedRelease = field(compare=False)


@lru_cache(maxsize=MOST)
def _compare(pair: _Pair) -> Mapping[str, ChangedStep]:
    """Comparing reads every file of both: a fraction of a second."""
    _, _, lang = pair.key
    topics = pair.services.topics
    sentences: dict[str, list[str]] = {}
    for change in diff_bundles(pair.before.bundle, pair.after.bundle, topics, lang):
        if change.sign == MOVED:
            continue  # a step that is drawn elsewhere is done as before
        for element in _concerned(pair.after, change.file, change.element):
            sentences.setdefault(element.id, []).append(change.text)
    elements = _steps(pair.after)
    return {
        id_: ChangedStep(id_, element_name(elements[id_], lang), elements[id_].roles, tuple(texts))
        for id_, texts in sentences.items()
    }


def _steps(release: PreparedRelease) -> dict[str, Element]:
    return {
        element.id: element
        for definition in release.definitions.values()
        for element in definition.elements.values()
        if element.kind in FOR_PEOPLE
    }


def _concerned(release: PreparedRelease, file: str, place: str) -> list[Element]:
    """The steps for people that a difference in a file concerns."""
    steps = _steps(release)
    if file.endswith(".form"):
        form = file.removeprefix("forms/").removesuffix(".form")
        return [element for element in steps.values() if element.form == form]
    return [steps[place]] if place in steps else []


def _release(reader: Reader, services: Services, id_: str) -> PreparedRelease | None:
    try:
        return services.release(reader, id_)
    except NotFound:
        return None
