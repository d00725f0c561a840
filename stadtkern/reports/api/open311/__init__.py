"""Open311 GeoReport v2, complete, in three pieces: grammar parses, store answers from the tables, answer renders.

Where the specification contradicts itself the official JSON Schemas are followed: codes and ids are strings,
metadata, variable and required are booleans, lat and long are numbers. Start reading at views.py.
"""
