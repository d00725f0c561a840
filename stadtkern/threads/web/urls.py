"""Addresses of threads."""

from django.urls import URLPattern, path

from stadtkern.threads.web import desk, feed, following, inbox, links, push

app_name = "threads"
urlpatterns: list[URLPattern] = [
    path("m/<str:token>/", links.open_thread, name="thread"),
    path("mitteilungen/", inbox.show, name="inbox"),
    path("mitteilungen/gelesen/", inbox.read, name="read"),
    path("mitteilungen/einstellungen/", inbox.settings, name="settings"),
    path("mitteilungen/uebernehmen/", inbox.adopt, name="adopt"),
    path("mitteilungen/vergessen/", inbox.forget, name="forget"),
    path("mitteilungen/push/", push.sign_on, name="push"),
    path("mitteilungen/push/abmelden/", push.sign_off, name="push-off"),
    path("mitteilungen/folgen/", following.follow, name="follow"),
    path("mitteilungen/folgen/beenden/", following.unfollow, name="unfollow"),
    path("mitteilungen/folgen/<int:follow_id>/beenden/", inbox.unfollow, name="unfollow-one"),
    path("mitteilungen/bestaetigen/<str:token>/", links.confirm, name="confirm"),
    path("mitteilungen/<str:token>/", links.open_contact, name="contact"),
    path("abmelden/<str:topic>/<str:token>/", links.unsubscribe, name="unsubscribe"),
    path("feeds/mitteilungen/<str:token>.atom", feed.mine, name="feed"),
    path("desk/zustellungen/", desk.deliveries, name="deliveries"),
    path("desk/zustellungen/wiederholen/", desk.retry, name="retry"),
]
