"""What measured values mean for people: limits and sentences from the pack, said of the newest values."""
