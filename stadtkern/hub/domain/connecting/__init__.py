"""Connectors: values fetched from elsewhere by the clock, by hand or from a folder of files.

port.py says what a kind of source is and what it brings; kinds/ holds one file per kind; running.py brings a run to its
end and keeps its log; schedule.py says who is due and who is silent; imports/ reads definitions of the city's pack.
"""
