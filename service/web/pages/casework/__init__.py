"""The pages of those who work in cases: cases, tasks, inbox, referrals, their office."""
