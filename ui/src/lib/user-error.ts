/** Whatever was thrown, as the error that every part of the window expects. */
import type { UserError } from "./types";

export function isUserError(value: unknown): value is UserError {
  if (typeof value !== "object" || value === null) return false;
  const { code, message, action } = value as Partial<UserError>;
  return typeof code === "string" && typeof message === "string" && typeof action === "string";
}

export function asUserError(value: unknown): UserError {
  if (isUserError(value)) return value;
  const detail = value instanceof Error ? `${value.name}: ${value.message}` : String(value);
  return {
    code: "unexpected",
    message: "Something unexpected happened",
    action: "try again; if it happens again, copy the details into a report",
    detail,
  };
}
