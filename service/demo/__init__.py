"""The demo: invented offices and people, their cases, a clock that can be moved, and a guided tour.

Imported by `cli` and the demo's pages; imports `application`, `worker` and below.
"""
