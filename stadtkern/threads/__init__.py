"""Threads: one thread per matter, one inbox, one notification core for the whole house.

Words:   thread, contact, participant, entry (step, message, note), follow, topic, notification, delivery
Tells:   threads.entry_added, threads.notification_failed        Hears: people.person_erased
Start reading at domain/conversation.py, then domain/notifying.py.
"""
