from django.urls import path

from mail import views

urlpatterns = [
    path("", views.mailbox, name="demo-mailbox"),
    path("<str:file>/<int:number>/", views.demo_mail, name="demo-mail"),
]
