import { expect, it } from "vitest";
import { limits } from "./bandwidth";

it("a limit that was set elsewhere can be seen and kept", () => {
  expect(limits(null)).toEqual(limits(1_000_000));
  expect(limits(3_000_000)).toContain(3_000_000);
  expect(limits(3_000_000)).toEqual([...limits(3_000_000)].sort((a, b) => a - b));
});
