"""Where the pages of this room live."""

from django.urls import path

from recoup.apps.quality.web import findings, reviewing

app_name = "quality"
urlpatterns = [
    path("", reviewing.queue, name="queue"),
    path("draw", reviewing.draw, name="draw"),
    path("weeks/<str:begins>/", reviewing.week, name="week"),
    path("samples/<int:sample_id>/", reviewing.sample, name="sample"),
    path("samples/<int:sample_id>/score", reviewing.score, name="score"),
    path("samples/<int:sample_id>/finding", findings.open_one, name="open-finding"),
    path("figures/", reviewing.figures, name="figures"),
    path("mine/", findings.mine, name="mine"),
    path("findings/", findings.listed, name="findings"),
    path("findings/<int:finding_id>/", findings.one, name="finding"),
    path("findings/<int:finding_id>/move", findings.move, name="move-finding"),
]
