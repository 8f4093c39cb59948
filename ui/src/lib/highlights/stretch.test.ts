import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Playback } from "../player/playback.svelte";
import { StretchPlayer } from "./stretch.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A playback of 60 seconds that is moved by hand. */
function held(onend?: () => void) {
  const playback = {
    now: 0,
    length: 60,
    whole: true,
    playing: true,
    get position() {
      return playback.now;
    },
    pause: vi.fn(() => (playback.playing = false)),
    goToPosition: vi.fn((seconds: number) => (playback.now = seconds)),
  };
  const player = new StretchPlayer(playback as unknown as Playback, onend);
  /** What an `$effect` does: looks until something changes. */
  const at = (seconds: number) => {
    playback.now = seconds;
    const stop = player.watch();
    vi.advanceTimersByTime(50);
    stop?.();
  };
  return { playback, player, at };
}

const A = { id: "a", from: 10_000, to: 12_000 };
const B = { id: "b", from: 30_000, to: 31_500 };

test("a stretch ends where it ends", () => {
  const { playback, player, at } = held();
  player.play(A);
  expect(playback.goToPosition).toHaveBeenCalledWith(10, true);
  at(10.5);
  at(11.9);
  expect([player.active, playback.pause.mock.calls.length]).toEqual([A, 0]);
  at(12.02);
  expect([player.active, playback.pause.mock.calls.length]).toEqual([null, 1]);
});

test("several follow each other, and the end of all is told once", () => {
  const ended = vi.fn();
  const { playback, player, at } = held(ended);
  player.play(A, B);
  at(10.5);
  at(11.4);
  at(12);
  expect([player.active, playback.now, ended.mock.calls.length]).toEqual([B, 30, 0]);
  at(30.1);
  at(31.2);
  at(31.6);
  expect([player.active, ended.mock.calls.length]).toEqual([null, 1]);
});

test("a machine that looks late has not left it", () => {
  const { playback, player, at } = held();
  player.play(A, B);
  at(10.5);
  vi.advanceTimersByTime(4000);
  at(14.5);
  expect([player.active, playback.now]).toEqual([B, 30]);
});

test("whoever goes elsewhere has left it, and hears on", () => {
  for (const elsewhere of [2, 40]) {
    const { playback, player, at } = held();
    player.play(A, B);
    at(10.5);
    at(elsewhere);
    expect([player.active, playback.pause.mock.calls.length]).toEqual([null, 0]);
  }
});

test("a recording that is shorter than the highlight ends it", async () => {
  const ended = vi.fn();
  const { playback, player, at } = held(ended);
  player.play({ id: "c", from: 58_000, to: 90_000 });
  at(58.5);
  playback.playing = false;
  at(59.9);
  await Promise.resolve();
  expect([player.active, ended.mock.calls.length]).toEqual([null, 1]);
});
