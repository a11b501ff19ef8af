"""Commands for the directory: offices, who works in them, and what they may do."""

from __future__ import annotations

import sys

import click

from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.cli.acting import acting, who_acts
from service.cli.beginning import reading_program, reading_transaction, working_program
from service.cli.ending import COULD_NOT, explain_errors
from service.errors import MailRefused
from service.mail import send
from service.people import directory, invitation_mail, invitations, letter_choices
from service.people.directory_checks import check_known
from service.people.office_contacts import set_office_contact
from service.records.context import Actor
from service.store.installation import absences, offices
from service.store.installation.offices import Office
from service.store.transaction import Tx
from service.text import languages

LANGUAGE = click.option(
    "--language", type=click.Choice(languages()), default="sv", show_default=True
)
ROLES = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help="A role that the person holds; may be given several times.",
)
MAIL = click.option(
    "--mail",
    default="",
    metavar="ADDRESS",
    help="Send the invitation to this address at once, and print it only if that fails.",
)


@click.command("add")
@click.argument("id_", metavar="ID")
@click.option("--name", required=True, help="The name that people see.")
@click.option(
    "--kind",
    required=True,
    help="Kind of office, as vocabulary.toml calls it; decides which roles its people may hold.",
)
@click.option("--address", default="", help="Mail address for its letters.")
@click.option(
    "--country",
    "countries",
    multiple=True,
    help="Code of a country that it covers, such as BG; may be given several times.",
)
@click.option(
    "--municipality",
    "municipalities",
    multiple=True,
    help="Code of a municipality that it covers, such as 0180; may be given several times.",
)
@click.option(
    "--calendar",
    default="",
    help="Calendar of its working days; without it, that of programme.toml.",
)
@click.option(
    "--zone", default="", help="Time zone, such as Europe/Helsinki; without it, TRESTEG_TIMEZONE."
)
@LANGUAGE
@acting
@explain_errors
def office_add(
    id_: str,
    name: str,
    kind: str,
    address: str,
    countries: tuple[str, ...],
    municipalities: tuple[str, ...],
    calendar: str,
    zone: str,
    language: str,
) -> None:
    """Put an office into the directory as ID, such as office-north.

    Ids that programme.toml names must be there.
    """
    made = working_program()
    row = Office(
        id=id_,
        name=name,
        kind=kind,
        countries=list(countries),
        municipalities=list(municipalities),
        calendar=calendar or made.services.programme.calendar,
        zone=zone or made.settings.timezone,
        language=language,
    )
    with made.database.transaction() as tx:
        by = who_acts(tx, made)
        known = calendars(tx, made)
        now = made.clock.now()
        directory.open_office(
            tx, made.services, office=row, address=address, calendars=known, by=by, now=now
        )
    if not address:
        click.echo(
            f"No letter can leave for {id_} before `tresteg office address {id_} …` says where to.",
            err=True,
        )


@click.command("address")
@click.argument("id_", metavar="ID")
@click.argument("address")
@acting
@explain_errors
def office_address(id_: str, address: str) -> None:
    """Say where the letters of an office go.

    Letters that gave up for want of an address can be tried again then.
    """
    made = working_program()
    with made.database.transaction() as tx:
        directory.set_address(
            tx,
            made.services,
            office=id_,
            address=address,
            by=who_acts(tx, made),
            now=made.clock.now(),
        )


@click.command("contact")
@click.argument("id_", metavar="ID")
@click.option("--post", help="Postal address.")
@click.option("--visit", help="Visiting address.")
@click.option("--telephone", help="Telephone that is answered.")
@click.option("--hours", help="When it is answered, such as weekdays 9-15.")
@click.option("--mail", help="Mail address for others; where its letters go is `office address`.")
@acting
@explain_errors
def office_contact(id_: str, **parts: str | None) -> None:
    """Say how an office is reached.

    Stands on every case in which it takes part. What is not named stays as it is; an empty text
    takes it away.
    """
    made = working_program()
    changes = {p: text for p, text in parts.items() if text is not None}
    with made.database.transaction() as tx:
        by = who_acts(tx, made)
        now = made.clock.now()
        set_office_contact(tx, office=id_, changes=changes, by=by, now=now)


@click.command("list")
@explain_errors
def office_list() -> None:
    """Every office: id, kind, how many people, roles held, name.

    What cases would miss goes to standard error.
    """
    made = reading_program()
    with reading_transaction(made) as tx:
        for row in directory.list_offices(tx):
            office, roles = row.office, ",".join(row.roles) or "-"
            end = f" (closed {office.closed_at:%Y-%m-%d})" if office.closed_at is not None else ""
            click.echo(f"{office.id} {office.kind} {row.people} {roles} {office.name}{end}")
        for gap in directory.directory_gaps(tx, made.services):
            click.echo(gap, err=True)


@click.command("absences")
@click.argument("id_", metavar="ID")
@explain_errors
def office_absences(id_: str) -> None:
    """Absences of the people of the office ID, by their ids.

    One a line: person, first day, last day, deputy, who entered it.
    """
    made = reading_program()
    with reading_transaction(made) as tx:
        check_known("office", [id_], offices.everyone(tx))
        for row in absences.of_office(tx, id_):
            days = f"{row.first_day.isoformat()} {row.last_day.isoformat()}"
            click.echo(f"{row.person_id} {days} {row.deputy_id} {row.by}")


@click.command("add")
@click.argument("sign_in")
@click.option("--name", required=True, help="The name that colleagues see.")
@click.option("--office", required=True, help="Id of the office.")
@ROLES
@LANGUAGE
@MAIL
@acting
@explain_errors
def person_add(
    sign_in: str, name: str, office: str, roles: tuple[str, ...], language: str, mail: str
) -> None:
    """Let a person sign in as SIGN_IN, and make an invitation for her.

    Its address goes to standard output: hand it over on paper, or let --mail send it. It is good
    for 24 hours and for one use. Nothing keeps the letter, or where it went.
    """
    made = working_program()
    if mail:
        invitation_mail.require_way(made.mail, mail)
    with made.database.transaction() as tx:
        by, now = who_acts(tx, made), made.clock.now()
        directory.add_person(
            tx,
            made.services,
            sign_in=sign_in,
            name=name,
            office=office,
            roles=roles,
            language=language,
            by=by,
            now=now,
        )
        token = invitations.invite(tx, made.services, sign_in=sign_in, by=by, now=now)
    hand_over(made, token, sign_in=sign_in, language=language, to=mail, by=by)


@click.command("invite")
@click.argument("sign_in")
@MAIL
@acting
@explain_errors
def person_invite(sign_in: str, mail: str) -> None:
    """Make a new invitation for who has lost what she signed in with, or has never come in.

    As `person add` makes one. When she uses it, all that she signed in with before ends.
    """
    made = working_program()
    if mail:
        invitation_mail.require_way(made.mail, mail)
    with made.database.transaction() as tx:
        by, now = who_acts(tx, made), made.clock.now()
        token = invitations.invite(tx, made.services, sign_in=sign_in, by=by, now=now)
        language = directory.find_person(tx, made.services, sign_in).person.language
    hand_over(made, token, sign_in=sign_in, language=language, to=mail, by=by)


@click.command("roles")
@click.argument("sign_in")
@ROLES
@acting
@explain_errors
def person_roles(sign_in: str, roles: tuple[str, ...]) -> None:
    """Let a person hold exactly the roles that are named.

    Her sign-ins end; tasks of a role that she loses go back to the office.
    """
    made = working_program()
    with made.database.transaction() as tx:
        directory.set_roles(
            tx,
            made.services,
            sign_in=sign_in,
            roles=roles,
            by=who_acts(tx, made),
            now=made.clock.now(),
        )


@click.command("close")
@click.argument("sign_in")
@acting
@explain_errors
def person_close(sign_in: str) -> None:
    """Let a person sign in no more.

    Her sign-ins end and her tasks go back to the office; what she did stays hers. Where nobody is
    left who has chosen to get letters, the office's mailbox gets all of them at once.
    """
    made = working_program()
    with made.database.transaction() as tx:
        office = directory.find_person(tx, made.services, sign_in).person.office_id
        directory.close_person(
            tx, made.services, sign_in=sign_in, by=who_acts(tx, made), now=made.clock.now()
        )
        read = letter_choices.has_reader(tx, office)
    if not read:
        click.echo(
            f"Nobody of {office} has chosen to get letters now: its mailbox gets all at once.",
            err=True,
        )


def hand_over(
    made: Tresteg, token: str, *, sign_in: str, language: str, to: str, by: Actor
) -> None:
    """Print the address of an invitation, or send it; what cannot be sent is printed after all.

    Args:
        to: mail address; "" to print.
    """
    link, now = invitation_address(made, token), made.clock.now()
    if not to:
        click.echo(link)
        return
    letter = invitation_mail.invitation_mail(link, to=to, language=language, now=now)
    try:
        send(letter, made.mail)
    except MailRefused as e:
        perhaps = " It may have arrived all the same." if e.facts["unknown"] else ""
        click.echo(
            f"The invitation was made, but not sent: {e}.{perhaps} Hand over its address yourself:",
            err=True,
        )
        click.echo(link)
        sys.exit(COULD_NOT)
    with made.database.transaction() as tx:
        invitation_mail.record_mailed(tx, made.services, by=by, now=now, sign_in=sign_in)
    click.echo("The mail server has taken the invitation.", err=True)


def invitation_address(made: Tresteg, token: str) -> str:
    """The address of an invitation. The token stands behind the number sign, which browsers send to
    no server, so it is in no log.
    """
    return f"{made.settings.base_url.rstrip('/')}/welcome#{token}"


def calendars(tx: Tx, made: Tresteg) -> set[str]:
    """Calendars of the release that cases begin on; without one, of the shipped files."""
    bundle = (
        shipped_bundle(made.settings)
        if made.services.has_no_release(tx)
        else made.services.current(tx).bundle
    )
    return {name.removesuffix(".json") for name in bundle.under("workflows/calendars", ".json")}
