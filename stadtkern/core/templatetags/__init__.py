"""Tags of the house: `{% load core %}`."""
