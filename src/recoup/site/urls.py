"""Where every page lives."""

from django.urls import include, path
from django.views.i18n import set_language

from recoup.site.api import api
from recoup.site.health import healthz
from recoup.site.tokens_web import add_token, end_token, tokens

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language", set_language, name="set_language"),
    path("api/", api.urls),
    path("tokens/", tokens, name="tokens"),
    path("tokens/new", add_token, name="add-token"),
    path("tokens/<int:token_id>/end", end_token, name="end-token"),
    path("account/", include("allauth.urls")),
]
