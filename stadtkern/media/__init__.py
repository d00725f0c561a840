"""Media: photos and pictures that somebody gave the city.

Words:   image, original, rendition, box, detector, purpose
Tells:   ImageReady, ImageRefused, ImagePublished, ImageWithdrawn      Hears: nothing
Offers:  retention rules "media.originals" and "media.withdrawn"; the registry `reviewers`
Rules:   an upload is never served as it came; nothing is public before faces and plates are blurred;
         no detector, no public photo.
Start reading at domain/storing.py.
"""
