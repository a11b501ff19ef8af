"""A draft run by hand and by scenarios: the real engine and the real forms, with invented answers
and a clock of its own. Nothing is stored, no handler is called, no letter is written.

acts              acts of a trial, as text that its page carries
draft_trial       a trial: its acts done one after the other, and where it stands then
job_answers       answers of an automatic step: typed, or the samples of its handler
setting           what forms may read besides the draft, as JSON for the child process
trial_page        view model of the page: what is open now, the form that is filled in
ready_drafts      drafts made ready to run, remembered
scenario_file     file of a scenario, of drafts and of the demo's stories
scenario_times    moments of a scenario, and dates in its answers
scenarios         scenarios run on trials
scenario_results  results of scenarios, in ids and in words
scenario_checks   checks of a draft's scenarios, run once for the same content
coverage          coverage of a draft by its scenarios
"""
