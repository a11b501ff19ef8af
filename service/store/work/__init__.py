"""Rows of what waits: tasks, jobs, letters, incidents, unsent answers."""
