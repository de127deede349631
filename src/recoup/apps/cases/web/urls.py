"""Where the pages of this room live. Ids are the bank's own and may have strokes in them."""

from django.urls import path

from recoup.apps.cases.web import acts, case_page, days, desks, lists, writing

app_name = "cases"
urlpatterns = [
    path("my-day/", days.day, name="my-day"),
    path("my-day/claim", days.claim, name="claim"),
    path("my-day/person/<path:debtor_id>", days.person, name="person"),
    path("tasks/<int:task_id>/done", acts.task_done, name="task-done"),
    path("tasks/<int:task_id>/reopen", acts.task_reopened, name="reopen-task"),
    path("tasks/<int:task_id>/cancel", acts.task_cancelled, name="cancel-task"),
    path("moves/<int:move_id>/undo", acts.undo_assignment, name="undo-assignment"),
    path("contacts/<int:contact_id>/undo", acts.undo_contact, name="undo-contact"),
    path("hand-overs/<int:hand_over_id>/settle", desks.settle, name="settle-hand-over"),
    path("hand-overs/<int:hand_over_id>/withdraw", desks.withdraw, name="withdraw-hand-over"),
    path("cases/", lists.cases, name="list"),
    path("cases/<path:debtor_id>/timeline", case_page.timeline, name="timeline"),
    path("cases/<path:debtor_id>/ask", acts.ask, name="ask"),
    path("cases/<path:debtor_id>/write", writing.write, name="write"),
    path("cases/<path:debtor_id>/draft", writing.drafted, name="draft"),
    path("cases/<path:debtor_id>/look-at", writing.looked_at, name="look-at"),
    path("cases/<path:debtor_id>/dial", acts.dial, name="dial"),
    path("cases/<path:debtor_id>/log", acts.log_contact, name="log"),
    path("cases/<path:debtor_id>/promise", acts.promise, name="promise"),
    path(
        "cases/<path:debtor_id>/promise/withdraw", acts.take_back_promise, name="withdraw-promise"
    ),
    path("cases/<path:debtor_id>/note", acts.note, name="note"),
    path(
        "cases/<path:debtor_id>/notes/<int:place>/withdraw",
        acts.take_back_note,
        name="withdraw-note",
    ),
    path("cases/<path:debtor_id>/task", acts.task, name="task"),
    path("cases/<path:debtor_id>/assign", desks.assignment, name="assign"),
    path("cases/<path:debtor_id>/hand-over", desks.hand_over, name="hand-over"),
    path("cases/<path:debtor_id>/review", desks.review, name="review"),
    path("cases/<path:debtor_id>/", case_page.case, name="case"),
]
