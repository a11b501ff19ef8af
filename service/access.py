"""Access control: who may see and do what.

One pure function for sight (`can_see`), one for acts (`can_act`). They decide on values that the
caller hands in and read no database. For a stored case, `casework.cases.case_visibility` loads
these values and asks here; it decides nothing of its own.

Sight is the narrower of two things: the matrix (role x stage x class,
`workflows/config/visibility.toml`) and the grants that opened the case to that role in the
viewer's office.
Default: no. What may not be seen does not exist for the viewer (404, never 403).
Before all of it: a case may be barred to an office, a person or a role (conflict of interest). For
them it does not exist, whatever they are, an auditor or a data-protection officer too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.security.records import PROGRAM

CLASSES = ("C0", "C1", "C2", "C3")
RECORDS_OFFICER: Final = "records-officer"
"""Product role of who answers for the records of her office. It counts for those alone, and opens
no case by itself."""
PRODUCT_ROLES = frozenset(
    {"owner", "reviewer", "data-protection", "auditor", "operator", "desk", RECORDS_OFFICER}
)
BEGINNERS: Final = frozenset({"desk"})
"""Product roles that begin cases, where a start names them, and do nothing else."""
EVERY_CASE = frozenset({"owner", "reviewer", "data-protection", "auditor"})
"""Product roles that know every case, by its process facts (C0) alone, without a grant; an auditor
more where two persons have unmasked it (`Sight.unmasked`)."""
WHOLE_PROGRAMME = EVERY_CASE | {"operator"}
"""Product roles whose work is on all cases: what the database gives them is not narrowed to those
of their office. What they see of a case is asked as of everybody."""
AUDITOR = "auditor"
NOTHING, HEADLINE, OWN, FULL = "-", "S", "O", "F"
BROKEN: Final = "B"
"""Mode of what is seen because somebody said that there is danger to life: not in the matrix."""
GLASS: Final = "break_glass"
"""What decided then: the kind of approval that opens before the second person has decided."""
LOCKED: Final = "locked"
"""What decided where the plan of retention has locked a record."""
OWN_OFFICE = "own-office"
"""Group of fields that nobody but the office that wrote them may see, whatever the matrix says."""
ENDED, OF_TASK, OF_HOLDER = "x", "G0", "G0H"
"""What the matrix has for the stage of an ended case; the rules of the grant of an open task, and
of what it opens to the one person who has claimed it."""
_WIDTH = {NOTHING: 0, HEADLINE: 1, OWN: 2, FULL: 3}


def is_near(at: datetime, now: datetime) -> bool:
    """Whether a deadline is less than a day away, or passed less than a day ago.

    Its hour then counts, and is shown.
    """
    return abs(at - now) < timedelta(days=1)


def is_wider(mode: str, than: str) -> bool:
    """Whether one letter of the matrix shows more than another."""
    return _WIDTH[mode] > _WIDTH[than]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Rights and language of who asks: the person, for which office, in which roles.

    Checks of rights alone, as for an office that receives a referral, read neither language nor
    zone.
    """

    person: str
    office: str
    roles: frozenset[str]
    lang: str = "sv"
    zone: str = "UTC"
    """Time zone in which days and times are written to her."""
    barred: frozenset[str] = frozenset()
    """Cases that do not exist for her, as far as they were read with her sign-in: lists leave them
    out. Of one case `Sight.bars` says it."""

    @property
    def lane_roles(self) -> frozenset[str]:
        """Roles that lanes name; the others come with the product."""
        return self.roles - PRODUCT_ROLES - {PROGRAM}

    @property
    def is_program(self) -> bool:
        """Whether a program asks, with a token of its own, and no human."""
        return PROGRAM in self.roles

    def day(self, at: datetime) -> str:
        """The date of a moment in the viewer's zone, as YYYY-MM-DD."""
        return at.astimezone(ZoneInfo(self.zone)).date().isoformat()

    def deadline(self, at: datetime, now: datetime) -> str:
        """A deadline in the viewer's zone: YYYY-MM-DD, with HH:MM where it is less than a day away
        or passed less than a day ago.
        """
        form = "%Y-%m-%d %H:%M" if is_near(at, now) else "%Y-%m-%d"
        return at.astimezone(ZoneInfo(self.zone)).strftime(form)


@dataclass(frozen=True, slots=True)
class Grant:
    """One opening of a case to those who hold one role in an office.

    `groups` and `fields` narrow it; None means no narrowing.
    """

    rule: str
    office: str
    role: str
    classes: frozenset[str]
    groups: frozenset[str] | None = None
    fields: frozenset[str] | None = None
    own_only: bool = False
    headline: frozenset[str] = frozenset()
    """Classes of which the grant opens the headline fields alone."""
    holder: str = ""
    """The one person whom it opens the case to, whatever the matrix says: who has claimed the task
    that it comes of. Empty: everybody with the role, within the matrix."""
    agreed: bool = True
    """Whether every consent that it rests on is live; without one it opens process facts alone."""

    def opens(self, resource: Resource, office: str) -> bool:
        """Does this grant reach the field?"""
        if resource.klass not in self.classes or (
            resource.klass in self.headline and not resource.headline
        ):
            return False
        if self.own_only and resource.office != office and resource.klass != "C0":
            return False
        if self.fields is not None and resource.klass != "C0" and resource.key not in self.fields:
            return False
        return self.groups is None or resource.klass == "C0" or resource.group in self.groups


@dataclass(frozen=True, slots=True)
class Bars:
    """For whom a case does not exist: offices, persons, and everybody who holds a role."""

    offices: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def meet(self, viewer: Viewer) -> bool:
        """Whether the viewer is one of them."""
        return (
            viewer.office in self.offices
            or viewer.person in self.persons
            or not self.roles.isdisjoint(viewer.roles)
        )


NOBODY = Bars()


@dataclass(frozen=True, slots=True)
class Sight:
    """A case as access control must know it: its stage, its parties and its live grants.

    `stage` is one of the programme, or `x` when the case has ended; `parties` is role to office.
    """

    case: str
    stage: str
    parties: Mapping[str, str]
    grants: tuple[Grant, ...]
    managers: frozenset[str] = frozenset()
    """Persons who claimed a task of a managing role in this case: its case managers."""
    named: frozenset[str] | None = None
    """Persons who are named for the case of a protected identity; None for every other case."""
    open_tasks: Mapping[str, str] = field(default_factory=dict)
    """Key of each open task to who has claimed it, "" for nobody: what is attached to its form is
    not sent yet."""
    unmasked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Person to the classes that a second person has opened to her in this case for a time: to an
    auditor whole, to somebody of an office as far as `before_end` shows them to her."""
    before_end: Sight | None = None
    """An ended case as it was known on its last day, while something of it is open again."""
    broken: Mapping[str, Grant] = field(default_factory=dict)
    """Person to what she has opened to herself in this case for a time, in danger to life."""
    barred: Bars = NOBODY
    """For whom the case does not exist."""
    is_path: bool = False
    """Whether everything that anybody wrote in it is erased, so that only its path is left."""
    is_gone: bool = False
    """Whether its path is erased too."""
    locked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Office to the classes of what it wrote in an ended case that the plan of retention has
    locked; "" for what no office wrote."""
    unlocked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Person to the classes of her own office's locked records that a second person has opened to
    her for a time."""
    holding: frozenset[str] = frozenset()
    """Offices whose order that nothing of the case is erased lasts: what is locked is open to their
    people, and to those of the office whose records they are."""

    def bars(self, viewer: Viewer) -> bool:
        """Whether the case does not exist for the viewer, whatever she is and whatever opens it.

        The path of an erased case exists for auditors alone, and once it is erased for nobody.
        """
        erased = self.is_gone or (self.is_path and AUDITOR not in viewer.roles)
        return erased or self.case in viewer.barred or self.barred.meet(viewer)

    def names(self, viewer: Viewer) -> bool:
        """Whether the viewer may know more of the case than its process facts: the identity is not
        protected, or she is named. An office as such, without a person, is not asked.
        """
        return self.named is None or not viewer.person or viewer.person in self.named

    def closes(self, viewer: Viewer, resource: Resource) -> bool:
        """Whether a record is locked, and neither a hold nor a second person has opened it to the
        viewer. A value of which nobody says who wrote it counts as everybody's; process facts of
        the case itself are never locked.
        """
        writers = [resource.office] if resource.office or not resource.key else [*self.locked]
        asked = bool(resource.key or resource.office)
        return asked and any(self._closes(viewer, one, resource.klass) for one in writers)

    def _closes(self, viewer: Viewer, office: str, klass: str) -> bool:
        """Whether what an office wrote of a class is closed to the viewer."""
        if klass not in self.locked.get(office, ()) or viewer.office in self.holding:
            return False
        if not office or viewer.office != office:
            return True
        return not self.holding and klass not in self.unlocked.get(viewer.person, ())

    def closed_offices(self, viewer: Viewer, klass: str) -> frozenset[str]:
        """The offices whose records of a class are closed to the viewer."""
        return frozenset(one for one in self.locked if self._closes(viewer, one, klass))

    def grants_of(self, viewer: Viewer) -> tuple[Grant, ...]:
        """The grants that opened the case to a role of the viewer in her office, or to her."""
        return tuple(
            grant
            for grant in self.grants
            if grant.office == viewer.office
            and grant.role in viewer.roles
            and grant.holder in ("", viewer.person)
        )


@dataclass(frozen=True, slots=True)
class Resource:
    """One field: class, group, and the office that wrote it.

    With an empty key: the process facts of the case.
    """

    klass: str = "C0"
    key: str = ""
    group: str = ""
    office: str = ""
    headline: bool = False


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """The answer to one question of access.

    `mode` is what gave it (F full, S headline, O own, B broken glass), `rule` what decided, for
    explanations.
    """

    ok: bool
    mode: str = NOTHING
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A row of the matrix that narrows what a role sees of a class in some stages.

    It sees some groups `only`, or `never`.
    """

    role: str
    stages: frozenset[str]
    classes: frozenset[str]
    only: frozenset[str] | None
    never: frozenset[str]
    except_managers: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """The visibility matrix.

    `letters` is role -> stage -> four letters, in the order C0 C1 C2 C3.
    """

    letters: Mapping[str, Mapping[str, str]]
    narrowings: tuple[Narrowing, ...] = field(default=())

    def shows(self, role: str, stage: str, klass: str) -> bool:
        """Whether one role sees anything of a class in a stage."""
        letters = self.letters.get(role, {}).get(stage, "----")
        return letters[CLASSES.index(klass)] != NOTHING

    def mode(self, role: str, stage: str, resource: Resource, *, manager: bool) -> str:
        """What one role sees of one field in one stage."""
        letters = self.letters.get(role, {}).get(stage, "----")
        mode = letters[CLASSES.index(resource.klass)]
        for row in self.narrowings:
            if row.role != role or stage not in row.stages or resource.klass not in row.classes:
                continue
            if row.only is not None and resource.group not in row.only:
                return NOTHING
            if resource.group in row.never and not (row.except_managers and manager):
                return NOTHING
        return mode


def read_matrix(text: str, stages: Collection[str]) -> Matrix:
    """Read `visibility.toml`.

    Args:
        stages: those of the programme.
    Raises:
        ValueError: a stage or class that does not exist, or not four letters; it names the row.
    """
    data = tomllib.loads(text)
    rows = data.pop("narrow", [])
    letters = {}
    known = (*stages, ENDED)
    for role, by_stage in data.items():
        for stage, four in by_stage.items():
            if stage not in known or len(four) != len(CLASSES) or set(four) - set(_WIDTH):
                raise ValueError(
                    f"visibility.toml: [{role}] {stage} = {four!r} needs a stage out of "
                    f"{', '.join(known)} and four of the letters F S O -"
                )
        letters[role] = dict(by_stage)
    return Matrix(letters, tuple(_narrowing(row, known) for row in rows))


def _narrowing(row: Mapping[str, object], known: Collection[str]) -> Narrowing:
    classes = row["class"]
    wanted = frozenset([classes] if isinstance(classes, str) else _texts(classes))
    if wanted - set(CLASSES):
        raise ValueError(
            f"visibility.toml: a narrowing of {row['role']} names a class that does not exist: "
            f"{sorted(wanted)}"
        )
    stages = frozenset(_texts(row["stage"]))
    if unknown := stages - set(known):
        raise ValueError(
            f"visibility.toml: a narrowing of {row['role']} names a stage that does not exist: "
            f"{sorted(unknown)}"
        )
    return Narrowing(
        role=str(row["role"]),
        stages=stages,
        classes=wanted,
        only=frozenset(_texts(row["only"])) if "only" in row else None,
        never=frozenset(_texts(row.get("never", []))),
        except_managers=bool(row.get("except_managers", False)),
    )


def _texts(values: object) -> Iterable[str]:
    return [str(v) for v in values] if isinstance(values, list) else [str(values)]


def can_see(matrix: Matrix, viewer: Viewer, sight: Sight, resource: Resource) -> AccessDecision:
    """May the viewer see this field of this case, and how?

    The widest of the viewer's roles counts, each cut by the grants that name it. A grant of an open
    task (rule G0) reaches exactly the fields of its form; the matrix still cuts it. What stands
    next to the form of a task may be opened to the one person who has claimed it (rule G0H), past
    the matrix. Of a protected identity nobody sees more than process facts but those who are named
    for the case. What the plan of retention has locked in an ended case is seen by nobody but under
    a hold, or where a second person has opened it. For whom a case is barred nothing of it exists,
    process facts neither, in none of her roles. Who has broken the glass sees what that opens, past
    the matrix and without a grant, but none of these rules.
    """
    if sight.bars(viewer):
        return AccessDecision(ok=False, rule="barred")
    if resource.group == OWN_OFFICE and resource.office != viewer.office:
        return AccessDecision(ok=False, rule=OWN_OFFICE)
    if resource.klass != "C0" and not sight.names(viewer):
        return AccessDecision(ok=False, rule="named")
    best = AccessDecision(ok=False)
    for role in sorted(viewer.roles):
        verdict = _by_role(matrix, viewer, sight, resource, role)
        if _WIDTH[verdict.mode] > _WIDTH[best.mode]:
            best = verdict
    if not best.ok and sight.closes(viewer, resource):
        return AccessDecision(ok=False, rule=LOCKED)
    glass = sight.broken.get(viewer.person)
    if not best.ok and glass is not None and glass.opens(resource, viewer.office):
        return AccessDecision(ok=True, mode=BROKEN, rule=GLASS)
    return best


def _by_role(
    matrix: Matrix, viewer: Viewer, sight: Sight, resource: Resource, role: str
) -> AccessDecision:
    mode = matrix.mode(role, sight.stage, resource, manager=viewer.person in sight.managers)
    unmasked = resource.klass in sight.unmasked.get(viewer.person, ())
    if role == AUDITOR and unmasked:
        return AccessDecision(ok=True, mode=FULL, rule="unmasked")
    locked = sight.closes(viewer, resource)
    if role in EVERY_CASE:
        open_class = resource.klass == "C0" and not locked
        seen = mode if open_class else NOTHING
        return AccessDecision(ok=open_class and mode == FULL, mode=seen, rule=role)
    if role in PRODUCT_ROLES or sight.parties.get(role) != viewer.office:
        return AccessDecision(ok=False)
    by_grants = _by_grants(viewer, sight, resource, role, mode)
    verdict = AccessDecision(ok=False) if locked else by_grants
    if verdict.ok or not unmasked or sight.before_end is None:
        return verdict
    before = _by_role(matrix, viewer, sight.before_end, resource, role)
    return replace(before, rule="unmasked") if before.ok else verdict


def _by_grants(
    viewer: Viewer, sight: Sight, resource: Resource, role: str, mode: str
) -> AccessDecision:
    """What the grants that name a role show of a field, within what the matrix has for it."""
    grants = (g for g in sight.grants_of(viewer) if g.role == role)
    opening = [g for g in grants if g.opens(resource, viewer.office)]
    if not opening:
        return AccessDecision(ok=False)
    held = next((g for g in opening if g.holder), None)
    if held is not None:
        return AccessDecision(ok=True, mode=FULL, rule=held.rule)
    grant = opening[0]
    own = mode == OWN and resource.office == viewer.office
    headline = mode == HEADLINE and (resource.headline or not resource.key)
    if mode == FULL or own or headline:
        return AccessDecision(ok=True, mode=mode, rule=grant.rule)
    return AccessDecision(ok=False)


def holds(viewer: Viewer, roles: Iterable[str], sight: Sight | None = None) -> bool:
    """Does the viewer hold one of these lane roles; or, to begin a case, a role that begins cases?

    Args:
        sight: of a case in which her office must hold that role.
    """
    if sight is not None and sight.bars(viewer):
        return False
    named = set(roles)
    mine = viewer.lane_roles & named
    if sight is None:
        return bool(mine or viewer.roles & BEGINNERS & named)
    return any(sight.parties.get(role) == viewer.office for role in mine)


ACTS: Mapping[str, frozenset[str]] = {
    "edit_process": frozenset({"owner"}),
    "read_process": frozenset({"owner", "reviewer", "data-protection"}),
    "publish": frozenset({"owner"}),
    "audit": frozenset({AUDITOR}),
    "operate": frozenset({"operator"}),
    "hold": frozenset({"data-protection", RECORDS_OFFICER}),
    "see_retention": frozenset({"data-protection"}),
    "review_glass": frozenset({"data-protection"}),
    "keep_records": frozenset({RECORDS_OFFICER}),
    "begin": BEGINNERS,
}
"""Acts that need a role of the product, and the roles that give it."""


def can_act(viewer: Viewer, act: str) -> bool:
    """May the viewer do an act that needs a role of the product? Unknown acts are refused."""
    return bool(viewer.roles & ACTS.get(act, frozenset()))
