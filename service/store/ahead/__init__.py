"""Prefetch: reads of one kind of work, asked together; one module for each kind."""
