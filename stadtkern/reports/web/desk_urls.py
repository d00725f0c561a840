"""Addresses of reports-desk."""

from django.urls import URLPattern

app_name = "reports-desk"
urlpatterns: list[URLPattern] = []
