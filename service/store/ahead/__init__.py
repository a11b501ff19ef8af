"""What is going to be read, asked together: each module names the reads of one kind of work."""
