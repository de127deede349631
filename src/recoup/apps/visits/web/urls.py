"""Where the pages of this room live."""

from django.urls import path

from recoup.apps.visits.web import pages, sending

app_name = "visits"
urlpatterns = [
    path("", pages.day, name="day"),
    path("choose", pages.choose, name="choose"),
    path("plan", pages.plan, name="plan"),
    path("team", pages.team, name="team"),
    path("arrive", sending.arrived, name="arrive"),
    path("record", sending.recorded, name="record"),
    path("photo", sending.photographed, name="photo"),
]
