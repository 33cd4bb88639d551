"""Django behind granian: console, callbacks, API. (The public scan path is `asgi.py`, without Django.)"""

import os

from django.core.wsgi import get_wsgi_application

from livecode_admin import celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecode_admin.settings.production")
application = get_wsgi_application()
celery.app.set_default()  # shared tasks sent by views go to our broker
