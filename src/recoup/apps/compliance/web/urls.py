"""Where the room's pages live."""

from django.urls import path

from recoup.apps.compliance.web import approvals, trail

app_name = "compliance"

urlpatterns = [
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<int:approval_id>/", approvals.one_approval, name="one-approval"),
    path("approvals/<int:approval_id>/decide", approvals.decide, name="decide-approval"),
    path("approvals/<int:approval_id>/withdraw", approvals.withdraw, name="withdraw-approval"),
    path("trail/", trail.entries, name="trail"),
    path("trail/bundle", trail.bundle, name="bundle"),
    path("record/<str:room>/<str:record>/<path:record_id>/", trail.record, name="record"),
    path("reveals/", trail.reveals, name="reveals"),
    path("exports/", trail.exports, name="exports"),
]
