"""The interface for programs, and its reference."""
