"""How the letters of an office reach its people: at once, once a day, or none, as each chooses.

Who has no mail address of her own reads the office's mailbox, which gets letters as often as the
most eager of its readers wants them. An office that nobody reads for gets everything at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import NOBODY as NONE_BARRED
from service.access import Bars, Viewer
from service.errors import NotFound, UnusableWord
from service.people.directory_checks import check_mail_address
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.installation import people
from service.store.transaction import Tx

AT_ONCE, DAILY, NONE = "at_once", "daily", "none"
CHOICES: Final = (AT_ONCE, DAILY, NONE)
CHOICE: Final = people.LETTERS
"""The setting of a person that holds her choice."""
LEFT_DAILY: Final = f"{people.LETTERS}_left_daily"
"""The setting that says when she last chose away from `DAILY`: what was gathered until then still
reaches her."""
LONGEST: Final = 200
NOBODY: Final[Mapping[str, Collection[str]]] = {}


@dataclass(frozen=True, slots=True)
class LetterChoice:
    """Choice of a person: how often she gets letters, and her own mail address; empty for the
    office's.
    """

    how: str
    address: str


@dataclass(frozen=True, slots=True)
class LetterReaders:
    """Mail addresses of an office by how often they get letters that can wait.

    The office's own mailbox is named by its address.
    """

    mailbox: str
    at_once: tuple[str, ...]
    daily: tuple[str, ...]
    everybody: tuple[str, ...]
    """Receivers of letters that never wait: the mailbox, and everybody's own address."""
    left_daily: tuple[tuple[str, datetime], ...] = ()
    """(address, moment) of readers who got the gathered letters until that moment."""

    def of_gathered(self, made_at: Sequence[datetime]) -> tuple[str, ...]:
        """Receivers of a gathered letter about letters that were made at these moments; the mailbox
        when there is nobody else, so that nothing is lost.
        """
        first = min(made_at)
        until = (address for address, at in self.left_daily if at >= first)
        return tuple(dict.fromkeys((*self.daily, *until))) or (self.mailbox,)


def load_choice(reader: Reader, services: Services, *, by: Viewer) -> LetterChoice:
    """What the person has chosen.

    Raises:
        NotFound: there is no such person.
    """
    row = people.get(reader, by.person)
    if row is None:
        raise NotFound
    return LetterChoice(_how(row, _usually(services, reader)), own_address(services, row))


def choose_letters(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, how: str, address: str, mailbox: str
) -> None:
    """Keep how often a person gets letters, and where.

    Args:
        address: her own mail address; empty for the office's mailbox.
        mailbox: the address of her office.
    Raises:
        UnusableWord: `facts["why"]` is `last_reader`, when nobody else of the office would get
            letters; `no_address`, `other_domain`, when the address is none, or not of the
            office's domain; `no_choice`.
        NotFound: there is no such person.
    """
    people.lock_office(tx, by.office)
    row = people.get(tx, by.person)
    if row is None:
        raise NotFound
    if how not in CHOICES:
        raise UnusableWord("there is no such choice", why="no_choice")
    if how == NONE and not has_reader(tx, by.office, without=by.person):
        raise UnusableWord("the office would have no reader", why="last_reader")
    _check_address(address, mailbox)
    before = LetterChoice(_how(row, _usually(services, tx)), own_address(services, row))
    if before == LetterChoice(how, address):
        return
    settings = {**row.person.settings, CHOICE: how}
    if before.how == DAILY != how:
        settings[LEFT_DAILY] = now.isoformat()
    people.set_choices(tx, by.person, language=row.person.language, settings=settings)
    if before.address != address:
        people.set_email(tx, row.person, _sealed(services, row, address))
    body = {"person": by.person, "letters": how}
    append_entry(tx, f"office/{by.office}", "letters_chosen", by=actor(by), now=now, body=body)


def has_reader(reader: Reader, office: str, *, without: str = "") -> bool:
    """Whether an active person of an office, other than one, gets its letters."""
    rows = people.of_office(reader, office)
    return any(_how(row, DAILY) != NONE for row in rows if row.person.id != without)


def named_readers(deputies: Mapping[str, Collection[str]]) -> set[str]:
    """Whose choices count besides those of people who chose: deputies, and for whom they stand."""
    return set(deputies).union(*deputies.values())


def load_readers(
    reader: Reader,
    services: Services,
    office: str,
    mailbox: str,
    deputies: Mapping[str, Collection[str]] = NOBODY,
    barred: Bars = NONE_BARRED,
) -> LetterReaders:
    """Load the readers of an office's letters, by how often they get them.

    Args:
        deputies: person to the absent colleagues whom she stands in for: she gets letters as often
            as the most eager of them wants them.
        barred: for whom the case of the letter does not exist: nobody of them gets it.
    """
    found = people.letter_readers(reader, office, named_readers(deputies))
    rows = [row for row in found if not _is_barred(barred, row)]
    usually = _usually(services, reader)
    chosen = {row.person.id: _how(row, usually) for row in rows}

    def how(person: str) -> str:
        eager = [chosen.get(one, NONE) for one in (person, *deputies.get(person, ()))]
        return min(eager, key=CHOICES.index)

    known = [(how(row.person.id), own_address(services, row) or mailbox, row) for row in rows]
    at_once = _addresses(known, AT_ONCE)
    daily = tuple(one for one in _addresses(known, DAILY) if one not in at_once)
    left = tuple(
        (address, datetime.fromisoformat(row.person.settings[LEFT_DAILY]))
        for _, address, row in known
        if row.person.settings.get(LEFT_DAILY)
    )
    everybody = tuple(dict.fromkeys((mailbox, *(address for _, address, _ in known))))
    if not at_once and not daily:
        at_once = (mailbox,)
    return LetterReaders(mailbox, at_once, daily, everybody, left)


def _is_barred(barred: Bars, row: people.PersonWithKey) -> bool:
    return barred.meet(Viewer(row.person.id, row.person.office_id, row.roles))


def load_addresses(
    reader: Reader, services: Services, office: str, role: str, mailbox: str
) -> tuple[str, ...]:
    """Load the addresses of a letter to the holders of a role in an office: their own, or the
    office's. Who wants no letters gets none, unless nobody else would.
    """
    rows = people.with_role(reader, office, role)
    wanted = [row for row in rows if _how(row, DAILY) != NONE]
    found = (own_address(services, row) or mailbox for row in wanted)
    return tuple(dict.fromkeys(found)) or (mailbox,)


def _addresses(known: Iterable[tuple[str, str, people.PersonWithKey]], how: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for chosen, address, _ in known if chosen == how))


def _usually(services: Services, reader: Reader) -> str:
    """What holds for a person until she has chosen."""
    return services.current_configuration(reader).reminders.usually


def _how(row: people.PersonWithKey, usually: str) -> str:
    """A person's choice, or what holds until she has chosen."""
    chosen = row.person.settings.get(CHOICE, usually)
    return chosen if chosen in CHOICES else usually


def own_address(services: Services, row: people.PersonWithKey) -> str:
    """The mail address that a person has for herself; "" where she reads the office's mailbox."""
    if row.person.email is None or row.key is None:
        return ""
    where = {"table": "person", "column": "email", "row": row.person.id}
    return services.open(row.key).open("contact", row.person.email, **where).decode()


def _sealed(services: Services, row: people.PersonWithKey, address: str) -> bytes | None:
    if not address or row.key is None:
        return None
    where = {"table": "person", "column": "email", "row": row.person.id}
    return services.open(row.key).seal("contact", address.encode(), **where)


def _check_address(address: str, mailbox: str) -> None:
    """Refuse what is no mail address of the office's own domain: letters leave to nobody else."""
    if not address:
        return
    try:
        check_mail_address(address)
    except UnusableWord as e:
        raise UnusableWord("that is no mail address", why="no_address") from e
    if len(address) > LONGEST or not address.isascii() or not address.isprintable():
        raise UnusableWord("that is no mail address", why="no_address")
    if _domain(address) != _domain(mailbox):
        raise UnusableWord("the address is not of the office's domain", why="other_domain")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()
