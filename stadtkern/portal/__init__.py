"""Portal: the citizen's shell of the whole house. Home, search, the map of everything, near me, how one
likes to read, the pages the law asks for, and what makes the site work without a network.

Words:   home card, near me, display choice, statement
Hears:   nothing; it asks the registries of core.parts when a page is opened
Offers:  the citizens' menu entries "start" and "map", the retention of feedback about barriers
Start reading at web/home.py, then domain/near.py.
"""
