"""Groups of commands, whose modules are imported when a command runs.

A command needs half of the program, and its import takes some seconds on a small machine. What is
asked for in between (`--version`, a page that lists commands, the completion of a shell) needs
names and summaries alone, and these stand in a table and in `service.text`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from service.cli.language import terminal_language
from service.text import known, say


class LazyGroup(click.Group):
    """A group that knows its commands by name, and imports the module of one when it is asked for.

    Its words, and the summary of each command, are `cli.…` in `service.text`.
    """

    def __init__(
        self,
        name: str,
        lazy: Mapping[str, str],
        *groups: LazyGroup,
        **settings: Any,  # noqa: ANN401 - what click.Group takes
    ) -> None:
        """Make a group.

        Args:
            lazy: name of a command to its place, such as ``service.cli.backup.backup``.
            groups: groups below this one.
        """
        super().__init__(name, commands=groups, **settings)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, imported or not."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported when it is first asked for; None: there is none."""
        if cmd_name in self.lazy and cmd_name not in self.commands:
            self.add_command(_imported(self.lazy[cmd_name]), cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; a name that is none is compared with all names, imported or not."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as e:
            names = self.list_commands(ctx)
            raise click.NoSuchCommand(e.command_name, possibilities=names, ctx=ctx) from None

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page that lists the commands, in the language of the terminal."""
        lang = terminal_language()
        prefix = f"{say('cli.page.usage', lang)} "
        formatter.write_usage(ctx.command_path, self._own("usage", "usage.group", lang), prefix)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(self.about(lang))
        with formatter.section(say("cli.page.options", lang)):
            formatter.write_dl(self._options(ctx, lang))
        with formatter.section(say("cli.page.commands", lang)):
            formatter.write_dl([(n, self.summary(n, lang)) for n in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names that begin so, with their summaries; then what click knows of options."""
        lang = terminal_language()
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=self.summary(name, lang)) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def summary(self, name: str, lang: str) -> str:
        """One line about a command of this group."""
        return say(f"cli.{self.name}.{name}", lang)

    def about(self, lang: str) -> str:
        """What the page of this group begins with: its summary, unless it has a text of its own."""
        return self._own("about", f"tresteg.{self.name}", lang)

    def _own(self, kind: str, otherwise: str, lang: str) -> str:
        key = f"cli.{kind}.{self.name}"
        return say(key if known(key) else f"cli.{otherwise}", lang)

    def _options(self, ctx: click.Context, lang: str) -> list[tuple[str, str]]:
        shows_page = self.get_help_option(ctx)
        rows = []
        for option in self.get_params(ctx):
            if record := option.get_help_record(ctx):
                name = "help" if option is shows_page else option.name
                rows.append((record[0], say(f"cli.option.{name}", lang)))
        return rows


class FileOrVerb(LazyGroup):
    """A group whose first word is a command of its own, or else the file to restore."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """`restore FILE` is `restore from FILE`."""
        if args and args[0] not in self.list_commands(ctx):
            args = ["from", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """An option before the file belongs to the file too."""
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = ["from", *args]
        return super().parse_args(ctx, args)


def _imported(place: str) -> click.Command:
    """The command at a place. Ctrl-C meanwhile ends as it does in other programs, with 130."""
    module, _, name = place.rpartition(".")
    try:
        found: click.Command = getattr(import_module(module), name)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    return found
