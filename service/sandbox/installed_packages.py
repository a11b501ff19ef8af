"""What installed packages bring, by the entry points that they name: modules of handlers, and
channels, which are ways to a provider besides mail.

A child gets them from its parent. What reads the metadata of packages is large, and whatever a
child has loaded is copied for each of its tasks.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache, reduce
from typing import Any, Final, TypeAlias

from service.binding import Delivery, DeliveryRefused
from service.errors import BadSettings
from service.sandbox.handler_messages import delivery_from_json

HANDLERS: Final = "tresteg.handlers"
"""The entry point group in which an installed package names its modules of handlers."""
CHANNELS: Final = "tresteg.channels"
"""The entry point group in which an installed package names its functions; the name of the entry
point is the kind of channel that `channels.toml` writes before a colon.
"""
Channel: TypeAlias = Callable[[Delivery], object]


@dataclass(frozen=True, slots=True)
class PackageEntry:
    """One entry point: its group, its name, `module` or `module:function`, and whose it is."""

    group: str
    name: str
    value: str
    package: str = "?"

    def load(self) -> Any:  # noqa: ANN401 - whatever the package names
        """Load what it names."""
        module, _, names = self.value.partition("[")[0].partition(":")
        found = importlib.import_module(module.strip())
        return reduce(getattr, filter(None, names.strip().split(".")), found)


_given: Final[list[Sequence[PackageEntry]]] = []
"""What the parent said, once it has."""


def named(group: str) -> Sequence[PackageEntry]:
    """The entry points of one group."""
    return [one for one in (_given[-1] if _given else _installed()) if one.group == group]


def as_word() -> str:
    """All of them as one word, for a child."""
    return json.dumps([astuple(one) for one in _installed()])


def hear(word: str) -> None:
    """Know them by the word of the parent alone."""
    _given.append([PackageEntry(*one) for one in json.loads(word)])


def _installed() -> Iterator[PackageEntry]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - a child does without it

    for group in (HANDLERS, CHANNELS):
        for one in entry_points(group=group):
            package = one.dist.name if one.dist is not None else "?"
            yield PackageEntry(group, one.name, one.value, package)


@cache
def channels() -> Mapping[str, Channel]:
    """Every channel of installed packages, by its kind.

    Raises:
        BadSettings: one cannot be loaded, or two have the same name.
    """
    found: dict[str, Channel] = {}
    for entry in named(CHANNELS):
        try:
            function = entry.load()
        except (Exception, SystemExit) as e:
            raise BadSettings(
                f"the package {entry.package} names the channel {entry.name}, which cannot be "
                f"loaded: {type(e).__name__}; mend or uninstall it"
            ) from e
        if entry.name in found:
            raise BadSettings(f"two packages bring a channel {entry.name}; uninstall one of them")
        found[entry.name] = function
    return found


def deliver(said: dict[str, Any]) -> str:
    """The child's answer to one message, as JSON: empty when it was delivered."""
    channel = channels().get(said["deliver"])
    if channel is None:
        return json.dumps({"refused": f"there is no channel {said['deliver']}", "permanent": True})
    try:
        channel(delivery_from_json(said))
    except DeliveryRefused as e:
        return json.dumps({"refused": "refused", "permanent": e.permanent})
    except Exception as e:  # noqa: BLE001 - whatever a channel does, the child answers; values stay here, so only the type is passed on
        return json.dumps({"refused": type(e).__name__, "permanent": False})
    return json.dumps({})
