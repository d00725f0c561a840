"""Decoders: how the bytes of a device become named values.

Words:   layout (fields declared as data), record (a value that says its own type), reading (values of one moment),
         script (somebody's JavaScript, run in the sandbox), payload (the bytes of one message)
Start reading at decoding.py; layout.py is the language of layouts, layouts/ holds the built-in ones.
"""
