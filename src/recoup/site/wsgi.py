"""The desk as a WSGI application, for gunicorn; it answers once its process is prepared."""

import os

from django.core.wsgi import get_wsgi_application

from recoup.site.readiness import Prepared, prepare, prepare_night

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.site.settings")
application = Prepared(get_wsgi_application(), prepare=prepare, renew=prepare_night)
