"""A draft run by hand and by scenarios: the real engine and the real forms, with invented answers
and a clock of its own. Nothing is stored, no handler is called, no letter is written.

acts              acts of a trial, as text that its page carries
trial_state       state of a trial, and what its forms may read
run               a trial run again from its acts, one after the other
job_answers       answers of an automatic step: typed, or the samples of its handler
setting           what forms may read besides the draft, as JSON for the child process
page              view model of the page: what is open now, the form that is filled in
ready_drafts      drafts made ready to run, remembered
scenario_file     file of a scenario, of drafts and of the demo's stories
scenario_times    moments of a scenario, and dates in its answers
usual_answers     usual answers of forms, written into a story
scenarios         scenarios run on trials
scenario_results  results of scenarios, without words
failure_words     failures of scenarios in words
scenario_checks   checks of a draft's scenarios, run once for the same content
coverage          coverage of a draft by its scenarios
"""
