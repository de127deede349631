"""Where every page lives."""

from django.urls import include, path
from django.views.i18n import set_language

from recoup.site.api import api
from recoup.site.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language", set_language, name="set_language"),
    path("api/", api.urls),
    path("account/", include("allauth.urls")),
]
