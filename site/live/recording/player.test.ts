import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPlayer } from './player.ts';
import { SPEEDS, speedFor } from './speed.ts';

/** Frames that come when the test says so. */
function frames() {
  let waiting: ((nowMs: number) => void)[] = [];
  return {
    request: (call: (nowMs: number) => void) => waiting.push(call),
    cancel() {
      waiting = [];
    },
    at(nowMs: number) {
      const calls = waiting;
      waiting = [];
      for (const call of calls) call(nowMs);
    },
  };
}

function open() {
  const shown: [number, boolean][] = [];
  const clock = frames();
  const player = openPlayer({ startMs: 1000, endMs: 2000 }, (atMs, isPlaying) => shown.push([atMs, isPlaying]), clock);
  return { player, shown, clock };
}

test('plays from the start as time goes on, and stops at the end', () => {
  const { player, shown, clock } = open();
  player.play();
  for (const nowMs of [50, 150, 350, 600, 850, 1200, 1500]) clock.at(nowMs);
  assert.deepEqual(shown, [
    [1000, true],
    [1100, true],
    [1300, true],
    [1550, true],
    [1800, true],
    [2000, false],
  ]);
  assert.equal(player.isAtEnd(), true);
});

test('stands still while paused, and goes on from there at another speed', () => {
  const { player, shown, clock } = open();
  player.play();
  clock.at(0);
  clock.at(100);
  player.pause();
  clock.at(110);
  clock.at(5000);
  player.setSpeed(1 / 10);
  player.play();
  clock.at(6000);
  clock.at(6200);
  assert.deepEqual(
    shown.map(([atMs]) => atMs),
    [1000, 1100, 1100, 1100, 1120],
  );
});

test('a page that was not looked at leaves nothing out', () => {
  const { player, shown, clock } = open();
  player.play();
  clock.at(0);
  clock.at(60_000);
  assert.deepEqual(shown.at(-1), [1250, true]);
});

test('however often it is asked for other moments, one is shown a frame, and never one beyond the ends', () => {
  const { player, shown, clock } = open();
  for (const atMs of [1100, 1500, 900]) player.seek(atMs);
  clock.at(0);
  player.seek(9000);
  clock.at(16);
  assert.deepEqual(shown, [
    [1000, false],
    [2000, false],
  ]);
});

test('a tape is played as it ran, and slower where it would be over before anybody saw it', () => {
  assert.deepEqual([6000, 1000, 400, 98, 30].map(speedFor), [1, 1, 1 / 5, 1 / 20, 1 / 100]);
  assert.ok(SPEEDS.some(({ times }) => times > 1));
});
