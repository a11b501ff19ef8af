"""What is kept: earlier states of a draft's files, and how a release was published."""
