"""A bucket behind the S3 protocol, over a real socket."""

import os
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from warehouse.oltp.identifiers import uuid7


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a store that speaks S3."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The setting that names a bucket of the test's own."""
    import boto3

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    name = f"files-{uuid7()}"
    boto3.client("s3", endpoint_url=s3, region_name="us-east-1").create_bucket(Bucket=name)
    return f"s3://{name}/longhouse?endpoint={s3}"
