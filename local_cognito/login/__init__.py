"""A stand-in for Cognito's managed login, because that of MiniStack has a single page.

MiniStack keeps the user pool and its users, and issues tokens. This package adds the pages, the
browser's session at the hosted UI, and the rules of the OAuth endpoints. It listens on loopback and
calls only loopback.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html
"""
