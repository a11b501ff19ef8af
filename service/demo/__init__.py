"""The demo: invented offices, people and cases, a clock that can be moved, and a guided tour."""
