"""What is kept of a case, and what is erased: the retention plan at work."""
