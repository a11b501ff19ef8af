"""Releases as the program uses them: files, digest, the prepared form, durations of steps."""
