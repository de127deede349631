"""Where every page lives."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from recoup.site.api import api
from recoup.site.health import healthz
from recoup.site.home import home
from recoup.site.tokens_web import add_token, end_token, tokens
from recoup.site.ways_hook import way_told

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language", set_language, name="set_language"),
    path("ways/<str:channel>/told", way_told, name="way-told"),
    path("api/", api.urls),
    path("tokens/", tokens, name="tokens"),
    path("tokens/new", add_token, name="add-token"),
    path("tokens/<int:token_id>/end", end_token, name="end-token"),
    path("", include("recoup.apps.analytics.web.urls")),
    path("account/", include("allauth.urls")),
    path("people/", include("recoup.apps.people.web.urls")),
    path("promises/", include("recoup.apps.arrangements.web.urls")),
    path("ledger/", include("recoup.apps.ledger.web.urls")),
    path("", include("recoup.apps.cases.web.urls")),
    path("", include("recoup.apps.complaints.web.urls")),
    path("contacts/", include("recoup.apps.contacts.web.urls")),
    path("quality/", include("recoup.apps.quality.web.urls")),
    path("visits/", include("recoup.apps.visits.web.urls")),
    path("compliance/", include("recoup.apps.compliance.web.urls")),
    path("evidence/", include("recoup.apps.evidence.web.urls")),
    path("nights/", include("recoup.apps.closing.web.urls")),
    path("technician/", admin.site.urls),
    path("", home, name="home"),
    path("", include("recoup.apps.portfolio.web.urls")),
]
