import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conditions, conditionsOf } from '../../../protocol/conditions.ts';
import type { Step } from '../../../protocol/lesson/lesson.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { beginAgain, COURSE_BEGINS, follow, stateOf } from './lesson-course.ts';

const asMade = conditionsOf(HOME_TOPOLOGY, {});
const told = (conditions: Conditions): FromRunner => ({ type: 'conditions', at: 0, request: null, conditions, commands: [] });
const off: Conditions = { ...asMade, mptcpEnabled: { client: false, server: true } };

const isOff: Step = {
  id: 'off',
  check: { that: 'mptcp-enabled', host: 'client', is: false },
  solution: [],
  mistakes: [],
};

test('one event can do several steps', () => {
  assert.equal(follow(COURSE_BEGINS, [isOff, { ...isOff, id: 'still-off' }], told(off)).at, 2);
});

test('a step whose lab is to be set up is not done before that', () => {
  const steps = [isOff, { ...isOff, id: 'broken', setup: [] }];
  const first = follow(COURSE_BEGINS, steps, told(off));
  assert.equal(first.at, 1);
  assert.equal(follow(beginAgain(first), steps, told(off)).at, 2);
});

test('a step about how the lab is now can be undone', () => {
  const done = follow(COURSE_BEGINS, [isOff], told(off));
  assert.equal(stateOf(isOff, 0, done).state, 'done');
  assert.equal(stateOf(isOff, 0, follow(done, [isOff], told(asMade))).state, 'undone');
});
