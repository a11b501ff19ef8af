"""One case: load it, move it one turn, and what a viewer may see of it."""
