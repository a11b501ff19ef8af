"""Services for which every release has some other configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.release.programme.process_configuration import ProcessConfiguration


@dataclass(frozen=True)
class ChangedServices(Services):
    """Services whose releases have these attributes, whatever their files say."""

    changed: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self, release: PreparedRelease) -> ProcessConfiguration:
        """The release's own, changed."""
        return replace(super().configuration(release), **self.changed)


def with_configuration(services: Services, **changed: Any) -> Services:
    """The same services, for which every release has these attributes of its configuration."""
    kept = {one.name: getattr(services, one.name) for one in fields(Services)}
    return ChangedServices(**kept, changed=changed)
