"""Addresses of people. Those below konto/anmelden/ stand in front of allauth's own."""

from django.urls import URLPattern, path

from stadtkern.people.web import account, desk, desk_person, entrance, my_data

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("konto/", account.account, name="account"),
    path("konto/sitzungen/", account.open_sessions, name="sessions"),
    path("konto/sitzungen/<int:session_id>/beenden/", account.end_session, name="end-session"),
    path("konto/sitzungen/andere-beenden/", account.end_other_sessions, name="end-other-sessions"),
    path("konto/daten/", my_data.data, name="data"),
    path("konto/daten/herunterladen/", my_data.download, name="download"),
    path("konto/daten/loeschen/", my_data.erase, name="erase"),
    path("konto/geloescht/", my_data.erased, name="erased"),
    path("konto/anmelden/demo/", entrance.demo_login, name="demo-login"),
    path("konto/anmelden/login/code/", entrance.to_the_login_page, name="request-code"),
    path("konto/anmelden/oidc/<str:provider_id>/login/", entrance.start_at_provider, name="provider"),
    path("konto/anmelden/password/<path:rest>", entrance.closed, name="no-passwords"),
    path("konto/anmelden/reauthenticate/", entrance.closed, name="no-password-question"),
    path("konto/anmelden/sessions/", account.open_sessions, name="allauth-sessions"),
    path("desk/rechte/", desk.rights, name="rights"),
    path("desk/protokoll/", desk.audit_log, name="audit"),
    path("desk/organisationen/", desk.organisations, name="organisations"),
    path("desk/personen/", desk.persons, name="persons"),
    path("desk/personen/neu/", desk_person.invite, name="invite"),
    path("desk/personen/<int:person_id>/", desk_person.person, name="person"),
    path("desk/personen/<int:person_id>/rolle/", desk_person.join, name="join"),
    path("desk/personen/<int:person_id>/rolle/<int:membership_id>/beenden/", desk_person.end, name="end"),
    path("desk/personen/<int:person_id>/<slug:deed>/", desk_person.act, name="act"),
]
