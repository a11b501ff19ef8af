"""Open cases go on with another release of the process: one at a time, by a plan, and back.

Imports `history` and below; imported by `pages` and above.
"""
