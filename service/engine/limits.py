"""Limits of files, diagrams, turns, variables, timers, expressions and rules.

Each figure stands here once; the linter, the parser and the engine read it here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# files and diagrams, checked when a release is read
FILE: Final = 1024 * 1024
"""Bytes of one file of a release (X101)."""
NODES: Final = 250
"""Flow nodes of one process (D700)."""
RELEASE_NODES: Final = 2_000
"""Flow nodes of a release (D700)."""
NESTING: Final = 5
"""Sub-processes and called processes inside each other (D701)."""
FLOWS_OUT: Final = 30
"""Flows that leave one gateway (D702)."""
INSTANCES: Final = 100
"""Instances of one multi-instance activity (D703; `list` and `instances` when a case runs)."""
INSTANCE_NESTING: Final = 2
"""Multi-instance activities inside each other (D375)."""
MARKINGS: Final = 100_000
"""States that the soundness check visits in all scopes of a release (D806)."""

# one turn of one case, checked while it runs
STEPS: Final = 1_000
"""Element passes in a turn (`steps`)."""
TASKS: Final = 20_000
"""Task objects in a turn (`tasks`)."""
OPEN: Final = 500
"""Open tasks, jobs and timers of a case (`instances`)."""
STATE: Final = 1024 * 1024
"""Bytes of a case's state (`state_size`); 1 to 3 kB are expected."""
TIME_WEB: Final = 2
"""Seconds a turn may take in a request (`time`)."""
TIME_WORKER: Final = 10
"""Seconds a turn may take in the worker (`time`)."""

# routing values
VARIABLES: Final = 200
"""Variables of a case (D704, `BadVariables`)."""
TEXT: Final = 200
"""Characters of a text (`BadVariables`)."""
LIST: Final = 100
"""Items of a list (`BadVariables`)."""
DEPTH: Final = 10
"""Lists and contexts inside each other (`BadVariables`)."""
WHOLE: Final = 1 << 63
"""Whole numbers lie below it, and at least at its negative (`BadVariables`)."""

# timers
TIMER_LEAST: Final = timedelta(minutes=1)
"""D910; what FEEL gives is lifted to it, and so is a date that has passed when its timer opens
again without a person's act."""
TIMER_MOST_YEARS: Final = 10
"""D910."""
ROUNDS: Final = 1_000
"""Repetitions of a timer that counts them (D911); missed ones that are made up one by one."""
ENDLESS_LEAST: Final = timedelta(hours=1)
"""Shortest period of a timer that repeats without end (D911); what FEEL gives is lifted to it."""

# expressions
FEEL_LENGTH: Final = 500
"""Characters (D906)."""
FEEL_WORDS: Final = 200
"""Words and signs (D906)."""
FEEL_NODES: Final = 100
"""Nodes of the tree (D906)."""
FEEL_DEPTH: Final = 20
"""Brackets, calls and choices inside each other (D906)."""
FEEL_FUEL: Final = 10_000
"""Names looked up, items visited and functions called in one evaluation (`fuel`)."""
RULE_FUEL: Final = 100_000
"""The same for all cells of one asking of a rule and of the rules it asks (`fuel`)."""
FEEL_LIST: Final = 1_000
"""Items of a list met in an evaluation (`fuel`)."""
FEEL_TEXT: Final = 10_000
"""Characters of a text made in an evaluation (`fuel`)."""

FEEL_PATTERN: Final = 100
"""Characters of a pattern (D906)."""
FEEL_PATTERN_MEMORY: Final = 64 * 1024
"""Bytes that a compiled pattern may take (D901)."""

# rules
RULE_ROWS: Final = 1_000
"""Rows of a decision table (R101)."""
RULE_COLUMNS: Final = 40
"""Inputs and outputs of a decision table (R101)."""
RULES: Final = 50
"""Decisions of a release (R101)."""
RULE_DEPTH: Final = 5
"""Decisions that ask each other, one inside the other (R103)."""
RULE_REGIONS: Final = 100_000
"""Combinations of input regions that the search for gaps and overlaps visits (R202, R203)."""
