"""Moving open cases from the command line."""
