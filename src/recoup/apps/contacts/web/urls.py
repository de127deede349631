"""Where the pages of this room live."""

from django.urls import path

from recoup.apps.contacts.web import breaches, gate, messages

app_name = "contacts"
urlpatterns = [
    path("breaches/", breaches.breaches, name="breaches"),
    path("gate/", gate.decisions, name="decisions"),
    path("gate/<int:decision_id>/", gate.decision, name="decision"),
    path("messages/", messages.messages, name="messages"),
]
