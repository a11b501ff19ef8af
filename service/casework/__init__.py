"""Cases at work: what people, programs, timers and handlers do to a case, what is kept of it and
what its pages show. `commands` are the acts that move one, `cases` one turn and who sees it.
"""
