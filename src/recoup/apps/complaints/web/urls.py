"""Where the pages of this room live."""

from django.urls import path

from recoup.apps.complaints.web import acts, answering, counting, desk, portal

app_name = "complaints"
urlpatterns = [
    path("complain/", portal.complain, name="complain"),
    path("complaints/", desk.complaints, name="list"),
    path("complaints/new", desk.new, name="new"),
    path("complaints/figures/", counting.figures, name="figures"),
    path("complaints/<str:number>/", desk.one, name="one"),
    path("complaints/<str:number>/match", acts.match, name="match"),
    path("complaints/<str:number>/owner", acts.owner, name="owner"),
    path("complaints/<str:number>/period", acts.period, name="period"),
    path("complaints/<str:number>/told", acts.told, name="told"),
    path("complaints/<str:number>/facts", acts.facts, name="facts"),
    path("complaints/<str:number>/appraisal", acts.appraisal, name="appraisal"),
    path("complaints/<str:number>/contacts", acts.contacts, name="contacts"),
    path("complaints/<str:number>/note", acts.note, name="note"),
    path("complaints/<str:number>/answer", answering.answer, name="answer"),
    path("complaints/<str:number>/letter", acts.letter, name="letter"),
]
