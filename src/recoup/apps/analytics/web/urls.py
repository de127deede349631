"""Addresses of the room."""

from django.urls import path

from recoup.apps.analytics.web import boards, dashboards

app_name = "analytics"
urlpatterns = [
    path("board/", boards.show, name="board"),
    path("board/move", boards.move, name="move"),
    path("board/undo/<int:move_id>", boards.undo, name="undo"),
    path("dashboard/", dashboards.show, name="dashboard"),
    path("dashboard/export.xlsx", dashboards.export, name="export"),
]
