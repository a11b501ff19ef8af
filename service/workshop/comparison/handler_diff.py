"""Changed handlers, whose code differs between the two sides, by the steps that call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.engine import Model
from service.workshop.comparison.release_changes import CODE, ChangeTexts, Place, ReleaseChange


def diff_handlers(
    before: Mapping[str, str], after: Mapping[str, str], model: Model, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield one sentence for each step of the newer side whose handler's code changed.

    Digests of different kinds cannot be compared (`releases.handler_digests`), and say nothing.

    Args:
        before, after: topic to the digest of its handler.
    """
    changed = {
        topic
        for topic, digest in after.items()
        if topic in before and _kind(before[topic]) == _kind(digest) and before[topic] != digest
    }
    for process in model.processes.values():
        for _, node in process.scope.walk():
            if node.topic in changed:
                place = Place(node.id, f"workflows/{process.file}")
                facts = {"x": texts.node_name(node), "topic": node.topic}
                yield texts.change(CODE, "handler", place, **facts)


def _kind(digest: str) -> str:
    return digest.rpartition(":")[0]
