"""The worker: due timers, calls of handlers, and letters.

`loop` decides what is due and when to look again; `jobs` and `letters` do one piece of work each;
`batches` goes through many cases in small portions; `state` is what they share.
"""
