"""Imports: a definition of the city's pack (hub/*.toml) says how files of a folder become things and values.

They go through the connector of tables: the same mapping, the same log, the same desk.
"""
