"""Addresses of the care for data at the desk, below /desk/daten/."""

from django.urls import path

from stadtkern.hub.web import desk_alerts, desk_contracts, desk_rules

app_name = "hub-care"
urlpatterns = [
    path("regeln/", desk_rules.index, name="rules"),
    path("regeln/<int:datastream_id>/", desk_rules.stream, name="stream"),
    path("regeln/<int:datastream_id>/neu-pruefen/", desk_rules.judge_again, name="judge-again"),
    path("regeln/<int:datastream_id>/wartung/", desk_rules.care, name="care"),
    path("regeln/<int:datastream_id>/wartung/<int:period_id>/weg/", desk_rules.forget_care, name="forget-care"),
    path("regeln/<int:datastream_id>/<int:rule_id>/ende/", desk_rules.end, name="end-rule"),
    path("warnungen/", desk_alerts.index, name="alerts"),
    path("warnungen/uebernehmen/", desk_alerts.acknowledge, name="acknowledge"),
    path("warnungen/<int:alert_id>/", desk_alerts.show, name="alert"),
    path("warnungen/regeln/", desk_alerts.watched, name="alert-rules"),
    path("warnungen/regeln/neu/", desk_alerts.edit, name="new-alert-rule"),
    path("warnungen/regeln/<int:rule_id>/", desk_alerts.edit, name="alert-rule"),
    path("warnungen/regeln/<int:rule_id>/ende/", desk_alerts.end, name="end-alert-rule"),
    path("warnungen/regeln/<int:rule_id>/geheimnis/", desk_alerts.new_secret, name="new-secret"),
    path("warnungen/regeln/<int:rule_id>/noch-einmal/", desk_alerts.replay, name="replay"),
    path("vertraege/", desk_contracts.index, name="contracts"),
    path("vertraege/neu/", desk_contracts.new, name="new-contract"),
    path("vertraege/<int:contract_id>/verlaengern/", desk_contracts.extend, name="extend-contract"),
    path("vertraege/<int:contract_id>/ende/", desk_contracts.end, name="end-contract"),
    path("zugriffe/", desk_contracts.access, name="access"),
]
