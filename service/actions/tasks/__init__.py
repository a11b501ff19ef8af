"""User tasks: claim, form session, unsent answers, preview, and the task page.

Imported by `pages` and the doors; imports `commands` and below.
"""
