"""The monthly log review: looks at cases that stand out, judged by auditors.

It is a process of the product, drawn in `log_review_<version>.bpmn`: no release has it, so that who
draws the process of the programme cannot draw away the review of those who look. Its history is the
stream `log-review/<month>` of the ledger, and its state is the fold of that.
"""
