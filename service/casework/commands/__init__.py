"""Commands that move a case: start, complete, message, timer, handler answer.

Each is a frozen value with the function that performs it: load, require, check, turn, consequences.
"""
