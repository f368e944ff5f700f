"""A Django application for the site that users come from: docs/migrate-users.md.

It answers one question of a Cognito user pool: is this password right, and which user is it? So
users sign in to the new site with their old password. Install it in the old project, which needs
Django 4.2 or later and may have any user model. It uses Django and nothing else, and it runs on
every Python that Django 4.2 runs on, from 3.8.
"""
