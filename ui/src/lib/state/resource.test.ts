import { describe, expect, test } from "vitest";
import { Resource } from "./resource.svelte";

/** A reading that ends when the test says so. */
function steered() {
  const waiting: { resolve: (value: string) => void; reject: (error: unknown) => void }[] = [];
  const read = () => new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
  return { read, waiting };
}

const settled = () => new Promise((done) => setTimeout(done));

describe("a resource", () => {
  test("keeps the old value on screen until the new one is there", async () => {
    const { read, waiting } = steered();
    const resource = new Resource(read);
    resource.set("old");
    const reading = resource.refresh();
    expect([resource.value, resource.loading]).toEqual(["old", true]);
    waiting[0]!.resolve("new");
    await reading;
    expect([resource.value, resource.loading]).toEqual(["new", false]);
  });

  test("asked many times while reading reads once more, so that the last change is seen", async () => {
    const { read, waiting } = steered();
    const resource = new Resource(read);
    const reading = resource.refresh();
    void resource.refresh();
    void resource.refresh();
    waiting[0]!.resolve("first");
    await settled();
    expect(waiting).toHaveLength(2);
    waiting[1]!.resolve("second");
    await reading;
    expect(resource.value).toBe("second");
    expect(waiting).toHaveLength(2);
  });

  test("that cannot be read says why and keeps its value; the next success clears it", async () => {
    const { read, waiting } = steered();
    const resource = new Resource(read);
    resource.set("kept");
    const failing = resource.refresh();
    waiting[0]!.reject({ code: "offline", message: "no network", action: "wait" });
    await failing;
    expect([resource.value, resource.error?.code]).toEqual(["kept", "offline"]);
    const working = resource.refresh();
    waiting[1]!.resolve("fresh");
    await working;
    expect([resource.value, resource.error]).toEqual(["fresh", null]);
  });
});
