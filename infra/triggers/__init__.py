"""Lambda functions that Cognito calls as triggers.

They are small and do not use Django, because Cognito waits 5 seconds at most. infra/cognito.yaml
contains each as inline code: a file of up to 4,096 characters that needs only what Lambda has.
Parameters of the template enable them.
"""
