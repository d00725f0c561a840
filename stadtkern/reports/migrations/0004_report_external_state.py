from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_report_open_by_due")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="external_state",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="what the other side said last: open or closed",
                max_length=8,
            ),
        ),
    ]
