"""Import jobs, from the header to a sign-in with the old password."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from django.contrib.auth.hashers import PBKDF2PasswordHasher, ScryptPasswordHasher

from tests.local_cognito.aws.operations.conftest import TestPool

pytestmark = pytest.mark.ministack

PASSWORD = "Imported-password-1"
HASHES = {
    "PBKDF2_SHA256": PBKDF2PasswordHasher().encode(PASSWORD, "seasalt", 1000),
    "SCRYPT": ScryptPasswordHasher().encode(PASSWORD, "seasalt", n=1024),
    # Made by bcrypt 5.0.0 and cryptography 50.0.2, in the forms that Django stores.
    "BCRYPT": "$2b$04$XrA2bWlMfEnZEPMeHFA/0O5lmE9K3qr/BZ4827dkyhLp.qOPoMjLC",
    "ARGON2ID": (
        "argon2$argon2id$v=19$m=64,t=1,p=1"
        "$YSBzYWx0IG9mIGJ5dGVzIQ$xVGdI09pUx87TEX+GheOt8j8uTUVaikSlbx8OB9UTeU"
    ),
}
BCRYPT_SHA256 = "bcrypt_sha256$$2b$04$dPAjrRn4BeWzX/3v74cOKuXXUgZT6SC0sAbXwRu89bG9G3UiAegGS"


def new_job(pool: TestPool, algorithm: str | None = None) -> Any:
    role = "arn:aws:iam::000000000000:role/import"
    named = {"JobName": "people", "UserPoolId": pool.user_pool_id, "CloudWatchLogsRoleArn": role}
    if algorithm:
        named["PasswordHashingAlgorithm"] = algorithm
    return pool.cognito.create_user_import_job(**named)["UserImportJob"]


def run(pool: TestPool, job: Any, rows: list[dict[str, str]]) -> Any:
    """Upload a file with these rows, start the job, and return the job when it has ended."""
    header = pool.cognito.get_csv_header(UserPoolId=pool.user_pool_id)["CSVHeader"]
    lines = [",".join(header)]
    for one in rows:
        values = {"cognito:mfa_enabled": "FALSE", **one}
        lines.append(",".join(values.get(name, "").replace(",", "\\,") for name in header))
    file = "\n".join(lines) + "\n"
    sent = requests.put(job["PreSignedUrl"], data=file.encode(), timeout=10)
    assert sent.status_code == 200
    named = {"UserPoolId": pool.user_pool_id, "JobId": job["JobId"]}
    assert pool.cognito.start_user_import_job(**named)["UserImportJob"]["StartDate"]
    for _ in range(200):
        described = pool.cognito.describe_user_import_job(**named)["UserImportJob"]
        if described["Status"] not in {"Pending", "InProgress"}:
            return described
        time.sleep(0.05)
    raise AssertionError(described)


def row(email: str, **more: str) -> dict[str, str]:
    return {"cognito:username": email, "email": email, "email_verified": "TRUE", **more}


@pytest.mark.parametrize("algorithm", HASHES)
def test_imported_user_signs_in_with_the_old_password(pool: TestPool, algorithm: str) -> None:
    email, other = f"{algorithm}1@example.com".lower(), f"{algorithm}2@example.com".lower()
    hashed = HASHES[algorithm]
    second = BCRYPT_SHA256 if algorithm == "BCRYPT" else hashed
    rows = [
        {**row(email, name='Ada, "A"', birthdate="12/31/1985"), "cognito:password_hash": hashed},
        {**row(other), "cognito:password_hash": second},
        {**row("broken@example.com"), "cognito:password_hash": "no hash"},
        {**row("date@example.com", birthdate="1985-12-31"), "cognito:password_hash": hashed},
    ]
    ended = run(pool, new_job(pool, algorithm), rows)
    assert ended["Status"] == "Succeeded"
    assert (ended["ImportedUsers"], ended["FailedUsers"], ended["SkippedUsers"]) == (2, 2, 0)
    known = pool.attributes(email)
    assert (known["name"], known["birthdate"]) == ('Ada, "A"', "1985-12-31")
    for _ in range(2):
        with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
            pool.signs_in(email, "another password")
        assert pool.signs_in(email, PASSWORD)["AccessToken"]
    asked = pool.begins(other)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.answers(asked, other, ANSWER="PASSWORD", PASSWORD="another password")
    answer = pool.answers(asked, other, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    assert answer["AuthenticationResult"]


def test_hash_is_worth_nothing_after_another_password_was_set(pool: TestPool) -> None:
    email = "changed@example.com"
    job = new_job(pool, "PBKDF2_SHA256")
    run(pool, job, [{**row(email), "cognito:password_hash": HASHES["PBKDF2_SHA256"]}])
    pool.cognito.admin_set_user_password(
        UserPoolId=pool.user_pool_id, Username=email, Password="New-password-12", Permanent=True
    )
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.signs_in(email, PASSWORD)
    assert pool.signs_in(email, "New-password-12")["AccessToken"]


def test_user_without_a_hash_must_reset_the_password(pool: TestPool) -> None:
    email = "nohash@example.com"
    ended = run(pool, new_job(pool), [row(email), row(email), row("no address")])
    assert (ended["ImportedUsers"], ended["SkippedUsers"], ended["FailedUsers"]) == (1, 1, 1)
    user = pool.cognito.admin_get_user(UserPoolId=pool.user_pool_id, Username=email)
    assert user["UserStatus"] == "RESET_REQUIRED"


def test_file_that_does_not_fit_fails_the_job(pool: TestPool) -> None:
    for content, message in (
        (b"name,email\n", "The_header_does_not_match_the_user_pool"),
        (b"\xff\xfe", "The_file_is_not_valid_CSV"),
        (None, "No_file_was_uploaded"),
    ):
        job = new_job(pool)
        if content is not None:
            requests.put(job["PreSignedUrl"], data=content, timeout=10)
        named = {"UserPoolId": pool.user_pool_id, "JobId": job["JobId"]}
        pool.cognito.start_user_import_job(**named)
        for _ in range(100):
            described = pool.cognito.describe_user_import_job(**named)["UserImportJob"]
            if described["Status"] == "Failed":
                break
            time.sleep(0.05)
        assert described["CompletionMessage"] == message
        with pytest.raises(pool.cognito.exceptions.PreconditionNotMetException):
            pool.cognito.start_user_import_job(**named)
        with pytest.raises(pool.cognito.exceptions.PreconditionNotMetException):
            pool.cognito.stop_user_import_job(**named)


def test_upload_needs_the_address_of_a_waiting_job(pool: TestPool) -> None:
    job = new_job(pool)
    address = job["PreSignedUrl"]
    assert requests.put(f"{address}x", data=b"", timeout=10).status_code == 403
    assert requests.get(address, timeout=10).status_code == 405
    page = {"Origin": "http://evil.example"}
    refused = requests.put(address, data=b"", headers=page, timeout=10)
    assert (refused.status_code, b"refused" in refused.content) == (403, True)
    with pool.later(16 * 60):
        assert requests.put(address, data=b"", timeout=10).status_code == 403
    listed = pool.cognito.list_user_import_jobs(UserPoolId=pool.user_pool_id, MaxResults=1)
    assert listed["UserImportJobs"][0]["JobId"] == job["JobId"]
    assert listed["PaginationToken"]
    with pool.later(25 * 60 * 60):
        described = pool.cognito.describe_user_import_job(
            UserPoolId=pool.user_pool_id, JobId=job["JobId"]
        )["UserImportJob"]
    assert described["Status"] == "Expired"
