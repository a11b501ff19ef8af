"""The context of a request: the program, the person, the language, the moment, what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import NoReturn, TypeVar, cast
from zoneinfo import ZoneInfo

from flask import current_app, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from service.access import WHOLE_PROGRAMME, Viewer
from service.application import unit_of_work
from service.application.container import Tresteg
from service.application.request_counts import RequestCounts
from service.application.unit_of_work import LocalWorker
from service.casework import restored_copy
from service.clock import ShiftedClock, wall_clock
from service.errors import (
    Busy,
    NotSignedIn,
    TokenRefused,
    TwoSignIns,
)
from service.people import page_mark, programs, sessions
from service.records.ids import is_ulid
from service.release.programme.vocabulary import Vocabulary
from service.security.records import LedgerEntry
from service.store.at_hand import AtHand, Read, Reader
from service.store.database import Database
from service.store.drivers.transaction_scope import NOTHING, TransactionScope
from service.store.drivers.worker_lease import WorkerLease
from service.store.installation import installation_values
from service.store.keyset import PageRequest
from service.store.transaction import Tx
from service.text import languages, say
from service.web.networks import network
from service.web.page_policy import PagePolicy

HIDDEN = frozenset({"csrf_token", "_once", page_mark.NAME, "rev", "fill_rev", "do", "back"})
"""Fields of a form that are no answers."""
EVERY = timedelta(seconds=30)
"""Shortest time between two signs of life of a session that are written."""
INTERFACE = "/v1/"
"""How every address of the interface for programs begins."""
BEARER = "bearer"
"""Scheme of `Authorization` with which a program shows its token (RFC 6750)."""
DEMO = "demo."
"""Prefix of the names of the demo's settings."""


Result = TypeVar("Result")


@dataclass
class Site:
    """The program as its pages have it."""

    program: Tresteg
    worker: LocalWorker | None = None
    """The worker of this process."""
    counts: RequestCounts = field(default_factory=RequestCounts)
    """Answered requests by route, status and duration."""
    confirmed: bool = False
    """Whether the database is known to be no restored copy that waits for an operator. Asked once:
    nobody restores under a site that runs."""

    @property
    def secure(self) -> bool:
        """Whether cookies go over https alone; a demo on this machine may do without."""
        return not (self.program.demo and self.program.settings.base_url.startswith("http:"))

    def cookie(self, name: str, insecure: str) -> str:
        """A cookie's name: one that no other site or subdomain can set, where that is possible."""
        return f"__Host-{name}" if self.secure else insecure


@dataclass
class RequestContext:
    """The context of one request; views get it from `current`."""

    site: Site
    now: datetime
    """The moment, by the program's clock. It is the same during a whole request."""
    wall: datetime
    """The moment by the wall clock, by which sessions live: the demo's clock can jump."""
    session: sessions.SignedInSession | None = None
    token: str = ""
    demo_settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of the demo, by name; nothing outside of a demo."""
    restored: bool = False
    """Whether this is a restored copy that waits for an operator."""
    matter: str = ""
    """The matter for which an auditor looks, on a page of audit."""
    stated: LedgerEntry | None = None
    """The entry of that matter, which is read once for a page."""
    bearer: bool = False
    """Whether the request bears a token of a program: then no cookie counts or is set, and no form
    token is asked for. A browser sends none by itself, so no other site can use it."""
    for_worker: list[Callable[[], object]] = field(default_factory=list)
    """Callbacks for when the answer is sent: hand a lease to the worker, or wake it."""

    @cached_property
    def lang(self) -> str:
        """The language of the answer."""
        return _language(self.session, self.site)

    @property
    def program(self) -> Tresteg:
        """The whole program."""
        return self.site.program

    @property
    def signed_in(self) -> sessions.SignedInSession:
        """Who is signed in, on a page that lets nobody else in.

        Raises:
            NotSignedIn: nobody is.
        """
        if self.session is None:
            raise NotSignedIn
        return self.session

    @cached_property
    def viewer(self) -> Viewer:
        """Rights and language of who asks; days and times in the zone of her office."""
        zone = self.signed_in.office.zone or self.program.settings.timezone
        return replace(self.signed_in.viewer, lang=self.lang, zone=zone)

    @property
    def viewer_in_own_zone(self) -> Viewer:
        """The viewer with days and times in the zone that she has chosen for herself."""
        return replace(self.viewer, zone=self.zone)

    @property
    def zone(self) -> str:
        """In which times are shown: the person's choice, else her office's."""
        if self.session is None:
            return self.program.settings.timezone
        return (
            self.session.settings.get("zone")
            or self.session.office.zone
            or self.program.settings.timezone
        )

    @property
    def limits(self) -> sessions.SessionLimits:
        """How long a session lives."""
        settings = self.program.settings
        return sessions.SessionLimits(
            timedelta(minutes=settings.session_idle_minutes),
            timedelta(hours=settings.session_max_hours),
        )

    def t(self, key: str, **facts: object) -> str:
        """One sentence in the reader's language."""
        return say(key, self.lang, **facts)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the current release, for what is about no case."""
        with self.transaction() as tx:
            return self.read_vocabulary(tx)

    def read_vocabulary(self, reader: Reader) -> Vocabulary:
        """Read these words for a page that is going to need them."""
        found = self.program.services.current_configuration(reader).vocabulary
        self.vocabulary = found
        return found

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages of the current release, in their order."""
        return self.vocabulary.stages

    def term(self, kind: str, id_: str) -> str:
        """A word of the current release; the id where it has none."""
        return self.vocabulary.word(kind, id_, self.lang) or id_

    @cached_property
    def database(self) -> Database:
        """The database as far as it is open to who asks: to a stranger no case is, to whose work is
        on all cases each, and to everybody else those of her office.
        """
        if self.session is None:
            return self.program.database.within(NOTHING)
        viewer = self.session.viewer
        whole = not viewer.roles.isdisjoint(WHOLE_PROGRAMME)
        scope = TransactionScope(viewer.office, self.now, whole, viewer.person)
        return self.program.database.within(scope)

    def transaction(self, *, write: bool = False) -> AbstractContextManager[Tx]:
        """A transaction for a page; what changes a case goes through `submit`."""
        return self._writing() if write else self.database.transaction(write=False)

    def read_and_log(self, work: Callable[[Tx], Result]) -> Result:
        """Read what a page shows, and write who reads it: a page is sent only after its line of
        the read log is committed.

        Args:
            work: reads and writes; may be run again when it lost a race.
        """
        return unit_of_work.read_and_log(self.database, self._for_matter(work))

    def write(self, work: Callable[[Tx], Result]) -> Result:
        """Change what belongs to no case, in one transaction.

        Args:
            work: reads and writes; may be run again when it lost a race.
        """
        return unit_of_work.write(self.database, self._for_matter(work))

    def _for_matter(self, work: Callable[[Tx], Result]) -> Callable[[Tx], Result]:
        """Work that records looks with the matter that was read for this request."""

        def done(tx: Tx) -> Result:
            if self.stated is not None:
                tx.changes.matter = self.stated
            return work(tx)

        return done

    @contextmanager
    def _writing(self) -> Iterator[Tx]:
        with self.database.transaction() as tx:
            tx.changes.lease = self.offer()
            yield tx
            unit_of_work.tell_worker(tx, self)

    def offer(self) -> WorkerLease | None:
        """A lease by which a transaction may lease what it makes for the worker of this process."""
        return self.site.worker.offer() if self.site.worker is not None else None

    def begin(self, lease: WorkerLease) -> None:
        """Hand it over when the answer has been sent: it would compete for this process."""
        if self.site.worker is not None:
            self.for_worker.append(partial(self.site.worker.begin, lease))

    def wake(self) -> None:
        """Wake the worker when the answer has been sent."""
        if self.site.worker is not None and self.site.worker.wake not in self.for_worker:
            self.for_worker.append(self.site.worker.wake)

    def answers(self, hidden: frozenset[str]) -> dict[str, list[str]]:
        """What was typed into the form, as the browser sent it.

        Args:
            hidden: fields of this form that are no answers, besides those of every form.
        """
        names = [name for name in request.form if name not in HIDDEN | hidden]
        return {name: request.form.getlist(name) for name in names}

    @property
    def key(self) -> str:
        """The key by which a form that is sent again is known.

        Raises:
            BadRequest: it has none.
        """
        found = request.form.get("_once", "")
        if not is_ulid(found):
            raise BadRequest("_once")
        return found

    @property
    def rev(self) -> int | None:
        """The revision that the page was made from."""
        return whole_number(request.form.get("rev"))

    @property
    def unsent_rev(self) -> int:
        """The revision of the unsent answers that the page was made from."""
        return whole_number(request.form.get("fill_rev")) or 0

    @property
    def clock_time(self) -> str:
        """The time of day in the person's zone, as 14:02."""
        return self.now.astimezone(ZoneInfo(self.zone)).strftime("%H:%M")

    @property
    def back(self) -> str:
        """Where to go back to, inside the site; "" when nothing was asked for."""
        with suppress(RequestEntityTooLarge):  # the page that says so asks too
            return local_path(request.values.get("back", ""))
        return ""


def current() -> RequestContext:
    """The context of this request."""
    return cast("RequestContext", g.request_context)


def begin_request(site: Site, opened: PagePolicy) -> None:
    """Find out who asks, in which language; note a sign of life."""
    clock = site.program.clock
    context = g.request_context = RequestContext(
        site, clock.now(), wall_clock(clock).now(), bearer=_bears_token()
    )
    if opened.alone:
        return
    token = _shown_token(context)
    if not token and not context.bearer and not site.program.demo:
        return
    reads = _reads_of_sign_in(context, token)
    with context.database.transaction(write=False) as tx:
        at_hand = tx.read(*reads, last=True)
        demo_settings = (
            installation_values.beginning_with(at_hand, DEMO) if site.program.demo else {}
        )
        program = _find_program(context, at_hand, token)
        session = program.session if program else _find_session(context, tx, at_hand, token)
        restored = not site.confirmed and restored_copy.is_held(at_hand)
        site.confirmed = not restored
    if isinstance(clock, ShiftedClock) and demo_settings.get("demo.clock"):
        clock.shift = timedelta(seconds=int(demo_settings["demo.clock"]))
    context = g.request_context = RequestContext(
        site,
        clock.now(),
        context.wall,
        session,
        token,
        demo_settings,
        restored,
        bearer=context.bearer,
    )
    if context.bearer:
        _note_program(context, program)
    elif session is not None and opened.awake:
        _note_life(context, session)


def _reads_of_sign_in(context: RequestContext, token: str) -> list[Read]:
    """What is read before it is known who asks, in one batch."""
    site = context.site
    reads = [] if site.confirmed else [*installation_values.reads_of(restored_copy.ASKED)]
    if site.program.demo:
        reads.append(installation_values.read_of_beginning(DEMO))
    if context.bearer:
        reads.append(programs.read_of_program(token))
    elif token:
        reads.append(sessions.read_of_session(token))
    return reads


def _shown_token(context: RequestContext) -> str:
    """The token of a session or of a program that the request shows; "" where it shows none.

    Raises:
        TwoSignIns: it shows both.
    """
    token = request.cookies.get(context.site.cookie("tresteg", "tresteg_demo"), "")
    if not context.bearer:
        return token
    if token:
        raise TwoSignIns
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def _bears_token() -> bool:
    """Whether the request bears a token of a program where one counts; no page takes one."""
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    return scheme.lower() == BEARER and request.path.startswith(INTERFACE)


def _find_program(
    context: RequestContext, at_hand: AtHand, token: str
) -> programs.FoundProgram | None:
    if not context.bearer:
        return None
    return programs.find_program(at_hand, context.program.services, token, now=context.wall)


def _find_session(
    context: RequestContext, tx: Tx, at_hand: AtHand, token: str
) -> sessions.SignedInSession | None:
    if context.bearer or not token:
        return None
    services, limits = context.program.services, context.limits
    return sessions.find_session(
        at_hand, services, token, limits=limits, now=context.wall, checked=tx.checked
    )


def _note_life(context: RequestContext, session: sessions.SignedInSession) -> None:
    if context.wall - (session.idle_until - context.limits.idle) < EVERY:
        return
    with suppress(Busy), context.database.transaction() as tx:
        sessions.extend_session(tx, token=context.token, now=context.wall)


def _note_program(context: RequestContext, program: programs.FoundProgram | None) -> None:
    """Note that a program used its token; refuse a token that is none."""
    if program is None:
        _refuse_token(context)
    elif program.is_use_to_be_noted(context.wall):
        with suppress(Busy), context.database.transaction() as tx:
            programs.note_use(tx, program, now=context.wall)


def _refuse_token(context: RequestContext) -> NoReturn:
    """Refuse a token that is none, or has ended, and write that it came.

    Raises:
        TokenRefused: always the same.   SlowDown: the network has sent too many.
    """
    record = partial(
        programs.record_wrong_token,
        services=context.program.services,
        token=context.token,
        network=network(),
        now=context.wall,
    )
    with suppress(Busy):
        context.write(record)
    raise TokenRefused


def _language(session: sessions.SignedInSession | None, site: Site) -> str:
    """The person's, that of the page that she was signed out from, the cookie's, the browser's,
    Swedish.
    """
    own = session.viewer.lang if session is not None else request.args.get("lang", "")
    known = own if own in languages() else chosen_language(site)
    return known or request.accept_languages.best_match(languages()) or languages()[0]


def chosen_language(site: Site) -> str:
    """The language that was chosen in this browser, "" when none was."""
    chosen = request.cookies.get(site.cookie("lang", "tresteg_lang"), "")
    return chosen if chosen in languages() else ""


def current_site() -> Site:
    """The site of the running application."""
    return cast("Site", current_app.extensions["tresteg"])


def local_path(path: str) -> str:
    """A path of this site, or "" when it leads elsewhere."""
    return (
        path
        if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
        else ""
    )


def page_request() -> PageRequest:
    """The page of a list that the address asks for."""
    return PageRequest(request.args.get("after", ""), request.args.get("before", ""))


def whole_number(text: str | None) -> int | None:
    """A whole number that a page sent, or None."""
    return (
        int(text)
        if text is not None and text.isascii() and text.isdigit() and len(text) < len("1000000000")
        else None
    )
