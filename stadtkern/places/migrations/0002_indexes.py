"""Two columns only SQL reads: the point with its GiST index, the words with their GIN index.

0.62 is the cosine of 51.7 degrees north: it makes a degree east as long as a degree north for the order of
nearness in Central Europe; true metres are worked out afterwards.
"""

from django.db import migrations

UP = """
alter table places_place add column at point generated always as (point(lon * 0.62, lat)) stored;
create index place_at on places_place using gist (at);
alter table places_place add column search_vector tsvector
  generated always as (array_to_tsvector(array_remove(string_to_array(search, ' '), ''))) stored;
create index place_words on places_place using gin (search_vector);
create index place_door on places_place (street, house_number) where kind = 'address';
"""
DOWN = """
drop index place_door;
alter table places_place drop column search_vector;
alter table places_place drop column at;
"""


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [migrations.RunSQL(UP, DOWN)]
