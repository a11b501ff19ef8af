"""What keeps a child process to itself: namespaces, Landlock, limits; and the trial that finds out
which of them work on this machine.

Imported by `sandbox` and, for the trial, by `application`; imports the standard library alone in a
child.
"""
