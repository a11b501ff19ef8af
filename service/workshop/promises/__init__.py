"""Promises of a draft: read with their verdicts, built of four forms, written into the diagram."""
