"""Recover the users of a pool as they were at a point in time.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiatePointInTimeRecovery.html
"""
