"""User tasks: claims, the form session, unsent answers, previews, the inbox and the task page.

Imported by `history`, `operations`, `pages` and the entry points (web, command line, worker,
demo); imports `commands` and below.
"""
