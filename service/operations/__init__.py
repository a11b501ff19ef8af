"""Operation of an installation: backup, restore, upgrade, health, sequencer, reminders,
housekeeping.
"""
