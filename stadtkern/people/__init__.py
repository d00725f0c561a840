"""People: identities, organisations, memberships, roles and rights.

Words:   person, organisation, department, membership (a seconded member keeps the home organisation), role, reach
Tells:   people.person_erased        Offers: registry of actions, exports, erasers
Start reading at words.py, then rights.py.
"""
