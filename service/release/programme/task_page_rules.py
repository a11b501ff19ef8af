"""What a page shows next to the form of a task, from `workflows/config/task_pages.toml`: answers of
the case, and a list of what must be in order.
"""

from __future__ import annotations

from msgspec import Struct, field

from service.release.programme.typed_tables import Text, Texts, Worded, Words, read_table

FILE = "task_pages.toml"


class PageCheck(Struct, frozen=True, kw_only=True):
    """An item of the checklist next to a form."""

    name: Worded
    done: Text
    """FEEL over answers and routing values; true when it is in order."""
    answers: tuple[str, ...] = ()
    """Keys of the answers that tell it; who may not see one of them does not see the result."""

    @property
    def words(self) -> Words:
        """Language to what it says."""
        return self.name.words


class TaskPageRule(Struct, frozen=True, kw_only=True):
    """The panel next to some forms: answers of the case, and a checklist."""

    forms: Texts
    name: Worded
    answers: tuple[str, ...] = ()
    checks: tuple[PageCheck, ...] = field(name="check", default=())
    newest: tuple[str, ...] = ()
    """Keys of which only the answer that was given last is shown."""
    first: bool = False
    """Whether the panel comes before the form on a narrow screen."""
    opens: bool = False
    """Whether who has claimed the task sees these answers whatever the visibility matrix says."""

    @property
    def words(self) -> Words:
        """Language to its heading."""
        return self.name.words


class _TaskPagesFile(Struct):
    page: tuple[TaskPageRule, ...] = ()


def read_task_pages(text: str) -> dict[str, TaskPageRule]:
    """Read `task_pages.toml`: id of a form to what stands next to it.

    Raises:
        WrongTable: a page lacks its forms or its name, a check its words or its condition.
    """
    return {form: page for page in read_table(text, _TaskPagesFile).page for form in page.forms}
