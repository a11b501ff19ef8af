"""What a person asks for about what is kept of her (a copy, a correction, an erasure, a
restriction, an objection), and how an office answers.
"""
