"""The pages: a WSGI application served by granian."""

import os

from django.core.wsgi import get_wsgi_application

from stadtkern.config.secret_key import refuse_development_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")
application = get_wsgi_application()
refuse_development_key()
