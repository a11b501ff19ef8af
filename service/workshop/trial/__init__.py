"""A draft run by hand and by scenarios: the real engine and the real forms, with invented answers
and a clock of its own. Nothing is stored, no handler is called, no letter is written.

acts              what was done in a trial, as text that its page carries
trial_state       where a trial stands, and what its forms know
run               the acts done again, one after the other
job_answers       what is typed for the answers of an automatic step, or its handler's samples
setting           what forms know besides the draft, as JSON for the child process
page              what the page shows: what is open now, the form that is filled in
ready_drafts      drafts made ready to run, remembered
scenario_file     the file of a scenario, of drafts and of the demo's stories
scenario_times    its moments, and dates in its answers
usual_answers     usual answers of forms, written into a story
scenarios         scenarios run on trials
scenario_results  what came of them, without words
failure_words     the same in words
scenario_checks   whether those of a draft pass, run once for the same content
coverage          how much of a draft they visit together
"""
