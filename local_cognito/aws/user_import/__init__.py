"""Import jobs: users from a CSV file, with the hashes of their passwords.

    jobs      the jobs of a pool
    rows      one line of the file becomes a user
    hashes    check a password against an imported hash
    uploads   the address that the file is sent to

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
"""
