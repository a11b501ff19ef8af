"""Commands that move a case: start, complete, message, timer, handler answer.

Imported by `tasks` and above, and by the doors; imports `referrals` and below.
"""
