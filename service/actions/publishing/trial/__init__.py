"""A draft run by hand: the real engine and the real forms, with invented answers and a clock of its
own. Nothing is stored, no handler is called, no letter is written.

acts          what was done in a trial, as text that its page carries
run           the acts done again, one after the other
job_answers   what is typed for the answers of an automatic step
scenarios     trials that were saved with the end that they must come to
coverage      how much of a draft its scenarios visit together
ready_drafts  drafts made ready to run, and results of their scenarios, remembered
page          what the page shows: what is open now, the form that is filled in
"""
