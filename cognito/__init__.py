"""Amazon Cognito, without a framework: keys, tokens, the hosted UI and the user pool API.

Nothing here imports Django or reads the environment: every function takes what it needs. What goes
wrong is one of the errors of :mod:`cognito.errors`.
"""
