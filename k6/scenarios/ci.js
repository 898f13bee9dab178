// Does every endpoint still keep its objectives at a small rate, on a machine that does other things too?
//
// All four calls of the plan at RATE each, and purchases at a fifth of it, side by side, in well under two minutes. It finds what
// became ten times slower, or wrong; it says nothing about capacity.
import * as calls from '../lib/calls.js';
import { prepare } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const set = settings('ci');
const all = { scenarios: {}, offered: [] };
for (const [name, rate] of [['token', set.RATE], ['status', set.RATE], ['schedules', set.RATE], ['seats', set.RATE], ['sell', set.RATE / 5]]) {
    const one = load({ ...set, RATE: rate, SHAPE: 'constant' }, { name, exec: name, busy: 0.6 });
    const { warmup, ...measured } = one.scenarios;
    Object.assign(all.scenarios, measured, warmup ? { [`warmup_${name}`]: warmup } : {});
    all.offered.push(...one.offered);
}

export const options = describe(set, {
    name: 'ci',
    question: 'Does every endpoint still keep its objectives at a small rate, on a machine that does other things too?',
    load: all,
    room: OPEN_ROOM,
    seats: [50, 1000],
    calls: ['token', 'status', 'schedules', 'seats', 'hold', 'checkout', 'confirm'],
    watched: ['release', 'cancel'],
    proves: ['onsale_joined', 'onsale_held', 'onsale_sold'],
});

export function setup() {
    return prepare(set, { pool: set.POOL });
}

export const token = (run) => calls.token(set, run);
export const status = (run) => calls.status(set, run);
export const schedules = (run) => calls.schedules(set, run);
export const seats = (run) => calls.seats(set, run);
export const sell = (run) => calls.sell(set, run, 0.5);
