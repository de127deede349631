"""Where the room's pages live. Ids are the bank's own and may have strokes in them."""

from django.urls import path

from recoup.apps.evidence.web import cases, report, seals

app_name = "evidence"

urlpatterns = [
    path("seals/", seals.seals, name="seals"),
    path("seals/<str:day>/", seals.seal, name="seal"),
    path("report/", report.report, name="report"),
    path("report/take", report.take, name="take-report"),
    path("of/<path:debtor_id>/panel", cases.panel, name="panel"),
    path("of/<path:debtor_id>/bundle", cases.bundle, name="bundle"),
    path("of/<path:debtor_id>/file", cases.file_paper, name="file-paper"),
    path("of/<path:debtor_id>/", cases.evidence, name="case"),
]
