"""Migration of open cases to another release of the process: one at a time, by a plan, and back."""
