"""User tasks: claims, the form session, unsent answers, previews, the inbox and the task page."""
