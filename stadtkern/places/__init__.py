"""Places: districts, addresses, geometry, geocoding, the base map and its tiles.

Words:   district, place, precision, hit, location        Tells and hears: nothing
Offers:  search source "places", map layers "districts" and "places", near-me answer "places", pack loader "places"
Ports:   Geocoder (gazetteer, Photon, Nominatim), tile source (a server with {z}/{x}/{y}, a PMTiles file)
Start reading at domain/geometry.py, then domain/geocoding.py.
"""
