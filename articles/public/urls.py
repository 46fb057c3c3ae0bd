"""Addresses under /articles/."""

from django.urls import path

from articles.public import downloads, feedback_views, feeds, views

app_name = "articles"

urlpatterns = [
    path("", views.article_list, name="list"),
    path("feed/", feeds.articles, name="feed"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("topics/<slug:slug>/feed/", feeds.topic, name="topic_feed"),
    path("<slug:slug>/", views.article, name="article"),
    path("<slug:slug>/feedback/", feedback_views.feedback, name="feedback"),
    path("share/<int:edition_id>.png", downloads.share_picture, name="share_picture"),
    path("<slug:slug>.<slug:ending>", downloads.article, name="sources_file"),
]
