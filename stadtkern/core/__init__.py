"""Core: the ground every module stands on. It knows no module.

Words:   event, follower, part, problem, job, audit entry, retention rule, city pack
Start reading at events.py, then parts.py, then problems.py.
"""
