"""Commands that hand out histories, and what others need to watch them."""
