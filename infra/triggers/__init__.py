"""Functions that Cognito calls while it works: small, without Django, since it waits 5 seconds.

infra/cognito.yaml has them as functions of their own; parameters of it switch them on. Each is one
file of the standard library, of not more than 4,096 characters: Lambda takes it as text.
"""
