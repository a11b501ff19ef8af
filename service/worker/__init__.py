"""The worker: due timers, handler calls and letters.

Imported by `cli` and `demo`; imports `application`, `sandbox` and below.
"""
