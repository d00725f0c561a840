"""Letters: messages of devices, kept as they came until they are observations.

Words:   letter (one message), arrival (a letter that is not kept yet), uplink (a LoRaWAN or MQTT message as every
         network tells it), frame (what tells a repeat from a new message), device (whose message it is), to read (to
         make observations of it)
Start reading at receiving.py (kept, then answered), then delivering.py (the job), desk.py (what a steward does).
"""
