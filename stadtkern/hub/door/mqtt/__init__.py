"""The hub at an MQTT broker: takes observations and messages, tells what is new (OGC 18-088, MQTT extension).

Words:   inbox (messages that are not acknowledged yet), to take (write or keep, then acknowledge), to tell (publish),
         sweep (read what the broker retains), leader (of several doors the one that tells)
Start reading at task.py; creating.py is the grammar of what comes in, telling.py of what goes out.
"""
