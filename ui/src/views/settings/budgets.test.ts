import { expect, it } from "vitest";
import { budgets } from "./budgets";

it("offers sizes, and one that was set elsewhere in its place", () => {
  expect(budgets(10_000_000_000)).toHaveLength(8);
  const own = budgets(3_000_000_000);
  expect(own.indexOf(3_000_000_000)).toBe(own.indexOf(2_000_000_000) + 1);
});
