import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RecordingItem } from "$lib/bindings/RecordingItem";
import { takeFrame } from "$lib/player/frame";
import { nowPlaying } from "$lib/player/now";
import { Posters } from "./posters";

vi.mock("$lib/player/frame", () => ({ takeFrame: vi.fn() }));

let next = 0;
function video(more: Partial<RecordingItem> = {}): RecordingItem {
  const files = [
    { key: "v", kind: "video" as const, segment: 0, media_type: "video/mp4", size: 1, sha256: "" },
  ];
  return { recording_id: `p${next++}`, teamspace: "t", poster: null, files, ...more } as RecordingItem;
}

const savePoster = vi.fn(() => Promise.resolve());
const openRecording = vi.fn((_: string, id: string) =>
  Promise.resolve({ ...video({ recording_id: id }), urls: ["http://127.0.0.1/v"] }),
);
let posters: Posters;

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(takeFrame).mockReset().mockResolvedValue("jpeg");
  savePoster.mockClear();
  nowPlaying.active = false;
  posters = new Posters({ openRecording, savePoster } as never);
});
afterEach(() => {
  posters.stop();
  vi.useRealTimers();
});
const calm = (ms = 5_000) => vi.advanceTimersByTimeAsync(ms);

it("takes posters one after the other when it is calm", async () => {
  const [a, b] = [video(), video()];
  posters.want(a);
  posters.want(b);
  expect(savePoster).not.toHaveBeenCalled();
  await calm();
  expect(savePoster.mock.calls).toEqual([
    ["t", a.recording_id, "jpeg"],
    ["t", b.recording_id, "jpeg"],
  ]);
});

it("waits while something plays", async () => {
  nowPlaying.active = true;
  posters.want(video());
  await calm();
  expect(takeFrame).not.toHaveBeenCalled();
  nowPlaying.active = false;
  await calm();
  expect(savePoster).toHaveBeenCalledOnce();
});

it("leaves out what went out of view, what has a poster, and sound", async () => {
  posters.want(video())();
  posters.want(video({ poster: "http://127.0.0.1/p" }));
  posters.want(video({ files: [] }));
  await calm();
  expect(takeFrame).not.toHaveBeenCalled();
});

it("tries a recording once per run, and goes on with the next one", async () => {
  vi.mocked(takeFrame).mockRejectedValueOnce(new Error("no decoder"));
  const [bad, good] = [video(), video()];
  posters.want(bad);
  posters.want(good);
  await calm();
  posters.want(bad);
  await calm();
  expect(takeFrame).toHaveBeenCalledTimes(2);
  expect(savePoster.mock.calls).toEqual([["t", good.recording_id, "jpeg"]]);
});
