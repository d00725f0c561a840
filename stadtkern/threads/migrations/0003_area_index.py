from django.db import migrations

# Whose area holds a point? A small GiST index answers, whatever the number of followers.
CREATE = """
create index threads_follow_area on threads_follow
    using gist (box(point(east, north), point(west, south))) where south is not null;
"""


class Migration(migrations.Migration):
    dependencies = [("threads", "0002_entries_append_only")]
    operations = [migrations.RunSQL(CREATE, "drop index threads_follow_area")]
