"""Choice-based sign-in: `USER_AUTH`, which MiniStack lacks, with its step-up parameters.

    flow       what the user must prove next, until the tokens
    progress   how far a sign-in is: the session between two requests
    factors    first factors (password, code by mail or text message, passkey)
    second     second factors, and setting one up

https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html
"""
