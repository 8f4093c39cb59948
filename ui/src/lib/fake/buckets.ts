/**
 * The fake's object stores: the bucket `archive` holds a teamspace already, `clinic` may only be read, `garage` is a
 * store that does not keep its word; the secret `wrong` is one.
 */
import { placeOf } from "../place";
import type { Bucket, BucketDraft, PlaceDraft, Tested } from "../types";
import { COLLEAGUES } from "./colleagues";
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
  return tested(known ?? null, bucket.bucket === "clinic");
}

/** The teamspace that stands in a folder: one of each that is called `Team`. */
export const standsIn = (path: string): string | null => (/\/Team$/.test(path) ? "Field research" : null);

export function testPlace(draft: PlaceDraft): Tested {
  return draft.kind === "bucket" ? testBucket(draft) : tested(standsIn(draft.path), false);
}

function tested(name: string | null, read_only: boolean): Tested {
  return {
    teamspace: name,
    members: name === null ? [] : COLLEAGUES,
    more_members: false,
    read_only,
    warnings: [],
  };
}
