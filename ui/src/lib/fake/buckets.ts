/**
 * The fake's object stores: the bucket `archive` holds a teamspace already, `clinic` may only be read, `garage` is a
 * store that does not keep its word; the secret `wrong` is one.
 */
import type { Bucket, BucketDraft, Tested } from "../types";
import { placeOf } from "../place";
import { error } from "./state";

function refuse(bucket: Bucket, trouble: string, message: string, action: string, region = "") {
  const path = placeOf({ kind: "bucket", ...bucket });
  return error("bucket_refused", message, action, { path, trouble, region }, trouble);
}

export function testBucket({ bucket, secret }: BucketDraft): Tested {
  if (secret === "wrong") {
    throw refuse(
      bucket,
      "wrong_secret",
      "The secret key is not the one of this access key",
      "enter the secret key again, or make a new access key",
    );
  }
  if (bucket.bucket === "garage") {
    const path = placeOf({ kind: "bucket", ...bucket });
    throw error(
      "teamspace_unsafe",
      `${path} cannot keep a teamspace safe: it lets several writers create the same file at once`,
      "choose another place",
      { path },
    );
  }
  const known = { archive: "Research archive", clinic: "Clinic study" }[bucket.bucket];
  return { teamspace: known ?? null, read_only: bucket.bucket === "clinic", warnings: [] };
}
