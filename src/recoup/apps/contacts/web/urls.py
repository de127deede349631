"""Where the pages of this room live."""

from django.urls import path

from recoup.apps.contacts.web import breaches

app_name = "contacts"
urlpatterns = [path("breaches/", breaches.breaches, name="breaches")]
