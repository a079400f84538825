"""Objects of a store that speaks S3, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.far import HUSH, ONE, TWO, copies, district, kept_nowhere, names, told
from tests.servers import (
    cutting_proxy,
    free_port,
    s3_store,
)


class Bucket:
    """A bucket `north`, and a key that may do all."""

    def __init__(self, port: int) -> None:
        import boto3

        self.endpoint = f"http://127.0.0.1:{port}"

        def client(kind: str, key: str, secret: str) -> Any:
            return boto3.client(
                kind, endpoint_url=self.endpoint, region_name="us-east-1",
                aws_access_key_id=key, aws_secret_access_key=secret,
            )  # fmt: skip

        iam = client("iam", "any", "any")
        iam.create_user(UserName="u")
        allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=policy)
        made = iam.create_access_key(UserName="u")["AccessKey"]
        self.key, self.secret = made["AccessKeyId"], made["SecretAccessKey"]
        self.s3 = client("s3", self.key, self.secret)
        self.s3.create_bucket(Bucket="north")

    def put(self, key: str, content: str) -> None:
        self.s3.put_object(Bucket="north", Key=key, Body=content.encode())

    def written(self, secret: str = "") -> str:
        return f'access_key = "{self.key}"\nsecret_key = "{secret or self.secret}"'


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with s3_store() as port:
        yield Bucket(port)


@pytest.mark.slow
def test_a_bucket_s_objects_are_taken_once(bucket: Bucket, tmp_path: Path) -> None:
    for key in ("a/l_20250905.csv", "a/Süd + Ost/b 1%20.csv", "a/.hidden", "ab/x.csv", "x.csv"):
        bucket.put(key, ONE if "Ost" not in key else TWO)
    more = f'endpoint = "{bucket.endpoint}"\nregion = "us-east-1"'
    made = district(tmp_path, "s3://north/a", more, bucket.written())
    assert made.take().problems == []
    assert names(made) == ["Süd + Ost/b 1%20.csv", "l_20250905.csv"]
    assert made.take().new == 0
    bucket.put("a/../escape.csv", ONE)
    bucket.put("a/l_20250906.csv", TWO)
    landed = made.take()
    assert landed.new == 1
    assert "../escape.csv: the name leads out of the location" in told(landed)
    bucket.s3.delete_object(Bucket="north", Key="a/../escape.csv")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("location", "secret", "says"),
    [
        ("s3://north/a", HUSH, "the store refuses the key"),
        ("s3://south/a", "", "the bucket is not there"),
        ("s3://north/empty", "", ""),
    ],
)
def test_a_bucket_s_refusals_are_told_without_the_key(
    bucket: Bucket, tmp_path: Path, location: str, secret: str, says: str
) -> None:
    more = f'endpoint = "{bucket.endpoint}"\nregion = "us-east-1"'
    made = district(tmp_path, location, more, bucket.written(secret))
    landed = made.take()
    if says:
        assert says in told(landed, secret=bucket.secret)
        assert bucket.key not in told(landed)
    else:
        assert (landed.problems, landed.new) == ([], 0)
    kept_nowhere(made, secret or bucket.secret)


@pytest.mark.slow
def test_a_cut_object_leaves_nothing_and_the_next_run_has_it(
    bucket: Bucket, tmp_path: Path
) -> None:
    content = "x" * 4_000_000
    bucket.put("big/big.bin", content)
    limit: list[int | None] = [1_000_000]
    with cutting_proxy(int(bucket.endpoint.rpartition(":")[2]), lambda: limit[0]) as port:
        more = f'endpoint = "http://127.0.0.1:{port}"\nregion = "us-east-1"'
        made = district(tmp_path, "s3://north/big", more, bucket.written())
        assert "the store cannot be reached" in told(made.take())
        assert (copies(made), names(made)) == ([], [])
        limit[0] = None
        assert made.take().problems == []
    (landed,) = copies(made)
    assert (made.settings.landing / "lexia" / landed).read_text() == content


def test_a_store_that_is_away_is_said_so(tmp_path: Path) -> None:
    more = f'endpoint = "http://127.0.0.1:{free_port()}"\nregion = "us-east-1"'
    made = district(tmp_path, "s3://north/a", more, 'access_key = "a"\nsecret_key = "b"')
    assert "the store cannot be reached" in told(made.take(), secret="no secret")
