/** Where a teamspace stands, in words: a path, or `s3://bucket/folder` with the store's host. */
import type { Location } from "./types";

export function placeOf(location: Location): string {
  if (location.kind === "folder") return location.path;
  const path = [location.bucket, location.prefix].filter(Boolean).join("/");
  const host = location.endpoint ? ` (${location.endpoint.replace(/^https?:\/\//, "")})` : "";
  return `s3://${path}${host}`;
}
