"""A draft run by hand: the real engine and the real forms, with invented answers and a clock of its
own. Nothing is stored, no handler is called, no letter is written.

acts   what was done in a trial, as text that its page carries
run    the acts done again, one after the other
page   what the page shows: what is open now, the diagram, the ways not yet taken
"""
