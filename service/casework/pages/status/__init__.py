"""Status of a case: who has its tasks, what it waits for, the steps that follow.

The overview of a case says it, and so does the inbox after a form was sent.
"""
