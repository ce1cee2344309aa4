"""Files in a bucket of a store that speaks S3."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from warehouse.files.places import ID, PORTION, FileGone, FilesUnreachable, Kept, as_id

PART = 8 * 1024 * 1024
"""Bytes of one part of an upload; S3 wants at least five MiB of all but the last."""
SECONDS_TO_CONNECT, SECONDS_TO_ANSWER, TRIES = 5, 20, 3
NOT_THERE = {"NoSuchKey", "404", "NotFound"}


class Bucket:
    """`s3://bucket/prefix?endpoint=https://…&region=…`; credentials from the usual AWS environment."""

    def __init__(self, url: str) -> None:
        told = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(told.query).items()}
        if told.scheme != "s3" or not told.netloc or set(asked) - {"endpoint", "region"}:
            raise FilesUnreachable(
                "LONGHOUSE_FILES_URL must read s3://bucket/prefix, with ?endpoint=https://… for a store that is not "
                "Amazon's and region=… where it wants one. Nothing was kept."
            )
        self._bucket = told.netloc
        self._prefix = f"{told.path.strip('/')}/" if told.path.strip("/") else ""
        self._where = f"s3://{self._bucket}/{self._prefix} at {asked.get('endpoint', 'Amazon')}"
        with self.told():
            self._client = _client(asked.get("endpoint"), asked.get("region"))

    def begin(self, organization_id: str, file_id: str) -> "BucketDraft":
        """A file to be sent in parts."""
        with self.told():
            return BucketDraft(self, self._client, self._bucket, self._key(organization_id, file_id))

    def open(self, organization_id: str, file_id: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Asked for at once, received as it is read."""
        asked = {} if not start and length is None else {"Range": _range(start, length)}
        with self.told():
            found = self._client.get_object(Bucket=self._bucket, Key=self._key(organization_id, file_id), **asked)
        return self._portions(found["Body"])

    def remove(self, organization_id: str, file_id: str) -> None:
        """Delete the object."""
        with self.told():
            self._client.delete_object(Bucket=self._bucket, Key=self._key(organization_id, file_id))

    def remove_all(self, organization_id: str) -> None:
        """Delete every object and every upload under the organization's prefix."""
        under = f"{self._prefix}{as_id(organization_id)}/"
        with self.told():
            for page in self._pages("list_objects_v2", under):
                keys = [{"Key": one["Key"]} for one in page.get("Contents", [])]
                if keys:
                    self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True})
            for upload in self._uploads(under):
                self._abort(upload)

    def kept(self) -> Iterator[Kept]:
        """Every object under the prefix that is named by two ids."""
        with self.told():
            for page in self._pages("list_objects_v2", self._prefix):
                for one in page.get("Contents", []):
                    organization_id, _, file_id = one["Key"].removeprefix(self._prefix).partition("/")
                    if ID.fullmatch(organization_id) and ID.fullmatch(file_id):
                        yield Kept(organization_id, file_id, one["LastModified"])

    def drop_halves(self, before: datetime) -> int:
        """Uploads that were begun and never completed: they are paid for and seen by nobody."""
        with self.told():
            stale = [one for one in self._uploads(self._prefix) if one["Initiated"] < before]
            for upload in stale:
                self._abort(upload)
        return len(stale)

    def _key(self, organization_id: str, file_id: str) -> str:
        return f"{self._prefix}{as_id(organization_id)}/{as_id(file_id)}"

    def _pages(self, listing: str, under: str) -> Iterator[dict[str, Any]]:
        yield from self._client.get_paginator(listing).paginate(Bucket=self._bucket, Prefix=under)

    def _uploads(self, under: str) -> list[dict[str, Any]]:
        # Read to its end first: aborting while it is read would move the pages.
        return [one for page in self._pages("list_multipart_uploads", under) for one in page.get("Uploads", [])]

    def _abort(self, upload: dict[str, Any]) -> None:
        self._client.abort_multipart_upload(Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"])

    def _portions(self, body: Any) -> Iterator[bytes]:
        try:
            with self.told():
                yield from body.iter_chunks(PORTION)
        finally:
            body.close()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raises FileGone or FilesUnreachable, in a sentence without credentials, for whatever the client met."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError, ValueError) as failure:
            code = failure.response["Error"].get("Code", "") if isinstance(failure, ClientError) else ""
            if code in NOT_THERE:
                raise FileGone("There is no such file.") from failure
            raise FilesUnreachable(
                f"The file store {self._where} refused or did not answer ({code or type(failure).__name__}). Nothing "
                "was kept. See that it runs, that LONGHOUSE_FILES_URL names it and that AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY may write there; then try again."
            ) from failure


class BucketDraft:
    """Sent in parts that nobody sees until they are completed."""

    def __init__(self, bucket: Bucket, client: Any, name: str, key: str) -> None:
        self._home, self._client = bucket, client
        self._target = {"Bucket": name, "Key": key}
        self._target |= {"UploadId": client.create_multipart_upload(**self._target)["UploadId"]}
        self._waiting = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._is_over = False

    def write(self, portion: bytes) -> None:
        """Sent once there is enough for a part."""
        self._waiting += portion
        while len(self._waiting) >= PART:
            self._send(bytes(self._waiting[:PART]))
            del self._waiting[:PART]

    def keep(self) -> None:
        """The last part, then all of them as one object."""
        if self._waiting or not self._parts:
            self._send(bytes(self._waiting))
        with self._home.told():
            self._client.complete_multipart_upload(**self._target, MultipartUpload={"Parts": self._parts})
        self._is_over = True

    def drop(self) -> None:
        """Aborted; where the store does not answer, the nightly clean-up does it."""
        if not self._is_over:
            self._is_over = True
            try:
                with self._home.told():
                    self._client.abort_multipart_upload(**self._target)
            except (FilesUnreachable, FileGone):
                return

    def _send(self, body: bytes) -> None:
        number = len(self._parts) + 1
        with self._home.told():
            sent = self._client.upload_part(**self._target, PartNumber=number, Body=body)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})


def _range(start: int, length: int | None) -> str:
    return f"bytes={start}-{'' if length is None else start + length - 1}"


def _client(endpoint: str | None, region: str | None) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region or ("us-east-1" if endpoint else None),
        config=Config(
            connect_timeout=SECONDS_TO_CONNECT,
            read_timeout=SECONDS_TO_ANSWER,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            s3={"addressing_style": "path"} if endpoint else None,
            # Not every store that speaks S3 knows the checksums that Amazon's clients add by themselves.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
