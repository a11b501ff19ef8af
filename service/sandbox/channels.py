"""Channels of installed packages: ways to a provider besides mail, run in the handlers' child.

A package names a function under the entry point group `tresteg.channels`; the name of the entry
point is the kind of channel that `channels.toml` writes before a colon.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, TypeAlias

from service.binding import Delivery, DeliveryRefused
from service.errors import BadSettings
from service.sandbox.handler_messages import delivery_from_json

GROUP = "tresteg.channels"
"""The entry point group in which an installed package names its channels."""
Channel: TypeAlias = Callable[[Delivery], object]


@cache
def installed() -> Mapping[str, Channel]:
    """Every channel of installed packages, by its kind.

    Raises:
        BadSettings: one cannot be loaded, or two have the same name.
    """
    found: dict[str, Channel] = {}
    for entry in entry_points(group=GROUP):
        package = entry.dist.name if entry.dist is not None else "?"
        try:
            function = entry.load()
        except (Exception, SystemExit) as e:
            raise BadSettings(
                f"the package {package} names the channel {entry.name}, which cannot be loaded: "
                f"{type(e).__name__}; mend or uninstall it"
            ) from e
        if entry.name in found:
            raise BadSettings(f"two packages bring a channel {entry.name}; uninstall one of them")
        found[entry.name] = function
    return found


def deliver(said: dict[str, Any]) -> str:
    """The child's answer to one message, as JSON: empty when it was delivered."""
    channel = installed().get(said["deliver"])
    if channel is None:
        return json.dumps({"refused": f"there is no channel {said['deliver']}", "permanent": True})
    try:
        channel(delivery_from_json(said))
    except DeliveryRefused as e:
        return json.dumps({"refused": "refused", "permanent": e.permanent})
    except Exception as e:  # noqa: BLE001 - whatever a channel does, the child answers; values stay here, so only the type is passed on
        return json.dumps({"refused": type(e).__name__, "permanent": False})
    return json.dumps({})
