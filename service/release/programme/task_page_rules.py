"""What a page shows next to the form of a task, from `workflows/config/task_pages.toml`: answers of
the case, and a list of what must be in order.
"""

from __future__ import annotations

from msgspec import Struct, field

from service.release.programme.appeal_roads import DECISIONS
from service.release.programme.typed_tables import (
    Text,
    Texts,
    Worded,
    Words,
    read_table,
    require_one_of,
)

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


class PageAppeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the panel says how a decision is appealed."""

    decision: Text
    """Kind of decision, one of `appeal_roads.DECISIONS`."""
    answer: Text
    """Key of the answer that decides."""
    values: Texts
    """The answers with which it says so."""


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

    appeal: PageAppeal | None = None
    """The decision that it says how to appeal."""

    @property
    def words(self) -> Words:
        """Language to its heading."""
        return self.name.words


class _TaskPagesFile(Struct):
    page: tuple[TaskPageRule, ...] = ()


def read_task_pages(text: str) -> dict[str, TaskPageRule]:
    """Read `task_pages.toml`: id of a form to what stands next to it.

    Raises:
        WrongTable: a page lacks its forms or its name, a check its words or its condition; an
            appeal is about a decision that there is not.
    """
    pages = read_table(text, _TaskPagesFile).page
    for page in pages:
        if page.appeal is not None:
            require_one_of(page.appeal.decision, DECISIONS, f"page {page.forms[0]}", "appeal")
    return {form: page for page in pages for form in page.forms}
