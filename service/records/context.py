"""Services that commands and queries need besides the transaction: keys, releases, the programme,
declarations of handlers. `service.app` makes them once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from service.access import Viewer, can_act
from service.binding import Declaration
from service.engine import TIME_WEB
from service.errors import Finding, NotAllowed, NotFound
from service.records.case_keys import CaseKeys, own_name
from service.release.appeal_words import NOTHING_SAID, AppealWords, appeal_words
from service.release.bundle import Bundle
from service.release.ground_words import ground_text
from service.release.language_words import ReleaseLanguages
from service.release.prepared import PreparedRelease, PreparedReleases
from service.release.programme.configuration import Programme
from service.release.programme.process_configuration import ProcessConfiguration
from service.release.step_durations import StepDurations
from service.security.erasure_list import ErasureList
from service.security.records import WrappedKey
from service.security.vault import OwnerKey, Vault
from service.store.at_hand import AtHand, Read, Reader, worked_out
from service.store.changes import Writer
from service.store.installation import keys, releases
from service.store.transaction import Tx
from service.store.work.batches import Batch, CaseOutcome

PREPARED: Final = "releases"
"""Key in `AtHand.kept` of releases that were made ready for its rows."""


class BatchEnds(Exception):
    """The rest of a batch has no use, because what it is about has changed; its cases stay as they
    are. `reason` is kept with the batch.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class BatchWork:
    """What a kind of batch does in one case, and when it is over.

    `handle` raises `BatchEnds` where the rest has no use; any other fault becomes the verdict
    `failed` of its case, and what the transaction wrote is rolled back. `finish` runs in the
    transaction that ends the batch, by itself or by hand, and writes its ledger entry.
    """

    handle: Callable[[Tx, Services, Batch, str, datetime], CaseOutcome]
    finish: Callable[[Tx, Services, Batch, datetime], None]
    act: str
    """What somebody must be allowed to do, who stops such a batch."""
    writes: bool = False
    """Whether `handle` changes the case; what only reads holds up nobody who writes."""
    begins: str = ""
    """Kind of the ledger entry that is written when such a batch begins, by the same person at the
    same moment. Without it nobody works on the batch. Empty: there is none, since it only reads."""


@dataclass(frozen=True)
class Services:
    """Keys, releases, programme and handlers' declarations, shared by all threads."""

    vault: Vault
    prepared: PreparedReleases
    programme: Programme
    topics: Mapping[str, Declaration]
    judge: Callable[[Bundle, str], Sequence[Finding]]
    """Lints a bundle that somebody is drawing, in a child process; the second argument is the file
    that is being edited."""
    play: Callable[[Bundle, Any], Sequence[Any]] = field(
        default=lambda _bundle, _setting: (), compare=False
    )
    """Runs the scenarios of a draft in a child process, with what its forms may know
    (`trial.setting.TrialSetting`); gives their results (`trial.scenarios.ScenarioResult`)."""
    directories: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]] = field(
        default_factory=dict
    )
    """Language to name of a directory to (code, label) pairs: countries, languages, municipalities,
    fundings."""
    usual: StepDurations = field(default_factory=StepDurations, compare=False)
    """Median durations of steps."""
    min_cell: int = 11
    """Numbers of cases below this are hidden in tables that are counted from sealed answers."""
    zone: str = "Europe/Stockholm"
    """Time zone whose days and years count where no office has its own."""
    tries: int = 5
    """Tries of a job before it becomes an incident."""
    base_url: str = "http://127.0.0.1:5000"
    """Address of the site, for links in letters."""
    seconds: float = TIME_WEB
    """Longest wall time of one turn; a worker, whom nobody waits for, takes `TIME_WORKER`."""
    preview_seconds: float = 0.3
    """Longest wall time of a turn that a page only looks ahead at; sending never waits for it."""
    batches: Mapping[str, BatchWork] = field(default_factory=dict, compare=False)
    """Kind of a batch to what it does in one case."""
    erasures: Path | None = None
    """File of the list of erasures outside the database; None where none is kept."""

    @property
    def erasure_list(self) -> ErasureList | None:
        """The list of erasures outside the database; None where none is kept."""
        file = self.erasures
        return None if file is None else ErasureList(file, self.vault.row_mac)

    def open(self, key: WrappedKey) -> OwnerKey:
        """An owner's key, from its stored row.

        Raises:
            CannotOpen: its epoch is gone, or the row was changed.
        """
        return self.vault.open_key(key)

    def key(self, reader: Reader, owner: str) -> OwnerKey | None:
        """An owner's key, or None when it was erased or never made."""
        stored = keys.get(reader, owner)
        return None if stored is None else self.open(stored)

    def new_key(self, writer: Writer, owner: str, *, stream: str) -> OwnerKey:
        """Make and keep a key for an owner, bound by an entry of a stream."""
        made = self.vault.new_key(owner)
        keys.add(writer, made, stream=stream)
        return self.vault.open_key(made)

    def case_keys(self, reader: Reader, case_id: str) -> CaseKeys:
        """The keys of a case that are there (`keys.read_of_case`)."""
        return CaseKeys(self.vault, case_id, keys.of_case(reader, case_id))

    def new_case_keys(self, writer: Writer, case_id: str) -> CaseKeys:
        """Make and keep the own key of a new case, bound by its next entry."""
        made = self.vault.new_key(own_name(case_id), case_id=case_id, office_id="", klass="")
        keys.add(writer, made, stream=f"case/{case_id}")
        return CaseKeys(self.vault, case_id, [made])

    def release(self, reader: Reader, id_: str) -> PreparedRelease:
        """A release, ready to run.

        Raises:
            NotFound: there is none of that id.
        """
        known = self.prepared.ready(id_)
        if known is None:
            made = worked_out(reader).get(PREPARED, {})
            known = made[id_] if id_ in made else self._read_release(reader, id_)
        if known is None:
            raise NotFound
        return known

    def _read_release(self, reader: Reader, id_: str) -> PreparedRelease | None:
        row = releases.get(reader, id_)
        if row is None:
            return None
        return self.prepared.put(id_, row.files, number=row.number, process=row.process)

    def prepare(self, tx: Reader, at_hand: AtHand, ids: Iterable[str]) -> None:
        """Have releases ready for what is decided from rows at hand.

        Args:
            tx: asks for those that this process has not ready; nothing when it has.
        """
        ready = {id_: self.prepared.ready(id_) or self._read_release(tx, id_) for id_ in ids}
        at_hand.kept[PREPARED] = {**at_hand.kept.get(PREPARED, {}), **ready}

    def prepare_current(self, tx: Reader, at_hand: AtHand) -> None:
        """Have the current release ready, where there is one (`read_of_current`); as `prepare`."""
        row = releases.live(at_hand, self.programme.process)
        self.prepare(tx, at_hand, () if row is None else (row.id,))

    @property
    def read_of_current(self) -> Read:
        """What `current` and `current_configuration` read."""
        return releases.read_of_live(self.programme.process)

    def configuration(self, release: PreparedRelease) -> ProcessConfiguration:
        """Configuration of a release: its own files, and the installation's for files that it does
        not have.
        """
        return release.configuration_over(self.programme.configuration)

    def configuration_of(self, reader: Reader, release_id: str) -> ProcessConfiguration:
        """Configuration of a release, by its id; as `configuration`.

        Raises:
            NotFound: there is no such release.
        """
        return self.configuration(self.release(reader, release_id))

    def current_configuration(self, reader: Reader) -> ProcessConfiguration:
        """The configuration of the current release, for what is about no case; the installation's
        when nothing was published yet.
        """
        row = releases.live(reader, self.programme.process)
        if row is None:
            return self.programme.configuration
        return self.configuration(self.release(reader, row.id))

    def word(self, kind: str, id_: str, lang: str, release: PreparedRelease | None = None) -> str:
        """A word of the programme: the release's own, else the installation's, else the id."""
        own = release.vocabulary.word(kind, id_, lang) if release is not None else ""
        return own or self.programme.configuration.vocabulary.word(kind, id_, lang) or id_

    def ground(self, id_: str, lang: str, release: PreparedRelease) -> str:
        """A ground in law in words: the release's, else the installation's, else the id."""
        own, installed = self.configuration(release), self.programme.configuration
        found = (ground_text(one.grounds, id_, lang) for one in (own, installed))
        return next(filter(None, found), id_)

    def appeal(
        self,
        decision: str,
        kind: str,
        lang: str,
        release: PreparedRelease | None,
        on: date,
        *,
        office: str = "",
    ) -> AppealWords:
        """How a decision is appealed: the release's text, else the installation's, and that a
        lawyer is to confirm it until one has; no text where nothing says so.

        Args:
            decision: `request`, `document` or `support`, of `appeal_roads.DECISIONS`.
            kind: kind of the office that decided.
            lang: any language; English where there is no text in it.
            release: None where none is published yet.
            on: the day on which it was decided.
            office: name of the office that hands the text over.
        """
        installed = self.programme.configuration
        own = self.configuration(release) if release is not None else installed
        languages = release.languages if release is not None else ReleaseLanguages({})
        for one in (own, installed):
            road = one.appeals.of(decision, kind, on=on)
            if road is not None:
                return appeal_words(one.appeals, road, languages, lang, office)
        return NOTHING_SAID

    def has_no_release(self, reader: Reader) -> bool:
        """Whether nothing was published yet."""
        return releases.live(reader, self.programme.process) is None

    def current(self, reader: Reader) -> PreparedRelease:
        """The release that new cases begin on.

        Raises:
            NotFound: none is published yet.
        """
        row = releases.live(reader, self.programme.process)
        if row is None:
            raise NotFound
        return self.release(reader, row.id)


@dataclass(frozen=True, slots=True)
class Actor:
    """Actor of an entry or a fact, as history names it: ids only.

    The clock and handlers have no office.
    """

    id: str
    office: str = ""


CLOCK = Actor("clock")
WORKER = Actor("worker")
"""Actor of what a handler does; the fact names the topic by its element."""


def actor(viewer: Viewer) -> Actor:
    """A person as an actor."""
    return Actor(viewer.person, viewer.office)


def release_stream(services: Services) -> str:
    """Name the ledger stream of the process's releases."""
    return f"release/{services.programme.process}"


def require_act(viewer: Viewer, act: str) -> None:
    """Require an act of the process owner's pages.

    Raises:
        NotAllowed: the viewer's roles do not include it.
    """
    if not can_act(viewer, act):
        raise NotAllowed(why="house_role")
