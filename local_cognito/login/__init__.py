"""A stand-in for Cognito's managed login, in front of MiniStack, whose own knows one page only.

The user pool, its users and its tokens stay MiniStack's: what is here are the pages, the browser's
session at the sign-in service, and the rules of the OAuth endpoints. It listens on loopback and
talks to loopback.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html
"""
