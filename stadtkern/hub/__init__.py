"""Hub (Stadtdatenwerk): what the city measures, kept, checked, given out by open standards.

Words:   thing, datastream, observation, flag, rollup, archive, letter (a message of a device), contract, reader
Tells:   hub.datastream_created, hub.observations_recorded ...
Hears:   people.person_erased
Offers:  search, map layers, home cards, near me, indicators, retention rules, subject "thing"
Start reading at words.py, models/things.py, domain/store/port.py, then domain/recording.py.
"""
