"""A framework-free client of Amazon Cognito: keys, tokens, the hosted UI and the user pool API.

This package neither imports Django nor reads the environment: callers pass in what a function
needs. Every failure is one of the errors of :mod:`cognito.errors`.
"""
