"""Migration: an open case on another definition, or back in an earlier state of its own.

findings                what is said of a migration: problems refuse it, notes tell what it changes
state_rows, new_frames  the rows of a state as the new definition can read them
refusals                why a case may not move, read off its rows
move, restore           the case on the new definition; the case as it was

`service.engine.migration_check` tries a move, and tells which deadlines it changes.
"""
