"""Reports (Bürger-Echo): citizens tell the city what is broken, what they wish, what they like; the city answers.

Words:   report, kind, category, step, owner, hand-over, support ("me too"), reason of a "no"
Tells:   reports.filed, reports.moved, reports.handed_over, reports.answered, reports.published, reports.hidden ...
Hears:   media.image_ready, people.person_erased
Offers:  subject "report", search, map layers, home cards, near me, indicators, dataset, retention rules
Start reading at words.py, then domain/filing.py and domain/workflow.py.
"""
