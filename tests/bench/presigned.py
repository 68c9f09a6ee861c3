"""URLs that carry their own signature, so that plain curl may put: SigV4 in the query.

docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import datetime
import hashlib
import hmac
import os
import urllib.parse


def presigned(method: str, key: str, **query: str) -> str:
    """For a key of the bench's bucket, an hour long; the body is not signed."""
    at = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
    path = urllib.parse.quote(f"/{os.environ['CAVRA_S3_BUCKET_LOCK']}/{key}")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/{os.environ['AWS_REGION']}/s3/aws4_request"
    query |= {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}",
        "X-Amz-Date": now,
        "X-Amz-Expires": "3600",
        "X-Amz-SignedHeaders": "host",
    }
    text = urllib.parse.urlencode(sorted(query.items()), quote_via=urllib.parse.quote, safe="")
    request = f"{method}\n{path}\n{text}\nhost:{at.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    secret = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in [*scope.split("/"), f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}"]:
        secret = hmac.digest(secret, part.encode(), "sha256")
    return f"{at.scheme}://{at.netloc}{path}?{text}&X-Amz-Signature={secret.hex()}"
