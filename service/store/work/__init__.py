"""Rows of waiting work: tasks, jobs, letters, incidents, unsent answers."""
