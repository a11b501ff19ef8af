"""The worker: due timers, calls of handlers, and letters.

`loop` decides what is due and when to look again; `jobs`, `timers` and `letters` do one piece of
work each; `state` is what they share. Imported by `cli` and `demo`; imports `application`,
`sandbox` and below.
"""
