/** What a person enters for a bucket, and what is still missing. */
import { m } from "$lib/paraglide/messages";
import type { BucketDraft } from "$lib/types";

export interface BucketForm {
  endpoint: string;
  region: string;
  bucket: string;
  prefix: string;
  /** An access key of one's own, or Amazon's variables and profiles. */
  signIn: "access_key" | "aws";
  keyId: string;
  secret: string;
  profile: string;
}

export const emptyBucket = (): BucketForm => ({
  endpoint: "",
  region: "us-east-1",
  bucket: "",
  prefix: "",
  signIn: "access_key",
  keyId: "",
  secret: "",
  profile: "",
});

export type BucketWrong = Record<"endpoint" | "region" | "bucket" | "keyId" | "secret", string | null>;

export function wrongInBucket(form: BucketForm): BucketWrong {
  const ofKey = form.signIn === "access_key";
  const open =
    /^http:\/\//i.test(form.endpoint.trim()) && !/^http:\/\/(127\.|localhost)/i.test(form.endpoint.trim());
  return {
    endpoint: open ? m.bucket_need_https() : null,
    region: form.region.trim() ? null : m.bucket_need_region(),
    bucket: form.bucket.trim() ? null : m.bucket_need_name(),
    keyId: !ofKey || form.keyId.trim() ? null : m.bucket_need_key(),
    secret: !ofKey || form.secret ? null : m.bucket_need_secret(),
  };
}

export const isWrong = (wrong: BucketWrong): boolean => Object.values(wrong).some(Boolean);

export function draftOf(form: BucketForm): BucketDraft {
  return {
    bucket: {
      endpoint: form.endpoint.trim() || null,
      region: form.region.trim(),
      bucket: form.bucket.trim(),
      prefix: form.prefix.trim(),
      credentials:
        form.signIn === "access_key"
          ? { kind: "access_key", id: form.keyId.trim() }
          : { kind: "aws", profile: form.profile.trim() || null },
    },
    secret: form.signIn === "access_key" ? form.secret : null,
  };
}
