"""Running a city on one machine: PostgreSQL, pages, door, worker and Caddy as one family of processes.

Words:   cluster (a PostgreSQL data folder), part (one process), family (all parts),
         tether (a child ends with its parent)
Start reading at family.py; postgres.py stands alone and also serves the tests.
"""
