from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('key', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('content', models.JSONField()),
                ('made_at', models.DateTimeField()),
            ],
        ),
    ]
