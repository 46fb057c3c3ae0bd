"""Addresses under /articles/."""

from django.urls import path

from articles.public import downloads, feeds, views

app_name = "articles"

urlpatterns = [
    path("", views.article_list, name="list"),
    path("feed/", feeds.articles, name="feed"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("<slug:slug>/", views.article, name="article"),
    path("<slug:slug>.<slug:ending>", downloads.article, name="sources_file"),
]
