"""Where the room's pages live."""

from django.urls import path

from recoup.apps.closing.web import nights, schedule

app_name = "closing"
urlpatterns = [
    path("", nights.history, name="nights"),
    path("run", nights.run, name="run"),
    path("schedule", schedule.schedule, name="schedule"),
    path("catch-up", schedule.catch_up, name="catch-up"),
    path("<int:night_id>/", nights.one_night, name="one-night"),
    path("<int:night_id>/progress", nights.progress, name="progress"),
    path("<int:night_id>/again", nights.again, name="again"),
    path("<int:night_id>/report", nights.report, name="report"),
    path("<int:night_id>/rejects", nights.rejects, name="rejects"),
    path("<int:night_id>/rejects-file", nights.rejects_file, name="rejects-file"),
    path("pending/<str:debtor_id>", nights.pending, name="pending"),
]
