"""The hub's part of the door (ASGI): machines send values in masses and learn the truth about each.

Words:   ingest (what takes requests under /ingest/), gate (the one way in), entry (what one request wants written),
         group (entries that share a transaction), caller (who holds the key)
Start reading at ingest.py; gate.py is what MQTT and webhooks use as well; commit.py keeps the promise of a 201.
"""
