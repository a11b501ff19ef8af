"""The part of a definition that execution reads, as a protocol: `definition` builds it, and may
import this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from service.engine.dmn.model import Decision
    from service.engine.feel.types import Type
    from service.engine.spiff.base import ProcessSpec
    from service.engine.timing.calendars import Calendar
    from service.engine.types import Element


class RunnableDefinition(Protocol):
    """One process of one release and all it calls, as far as running a case needs it."""

    @property
    def digest(self) -> str: ...
    @property
    def spec(self) -> ProcessSpec: ...
    @property
    def scopes(self) -> Mapping[str, ProcessSpec]: ...
    @property
    def elements(self) -> Mapping[str, Element]: ...
    @property
    def types(self) -> Mapping[str, Type]: ...
    @property
    def decisions(self) -> Mapping[str, Decision]: ...
    @property
    def calendars(self) -> Mapping[str, Calendar]: ...
    @property
    def calendar(self) -> Calendar: ...
    @property
    def plain_start(self) -> str: ...
