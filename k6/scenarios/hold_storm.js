// Does each seat have exactly one winner, however many want it?
//
// STORM_VUS buyers go for the same HOT seats at the same instant, each in an order of its own. Of every seat exactly one may
// be told that it has it: `onsale_won{seat:…}` is 1 for each, or the run fails. The rest is refused, which is how it is meant to
// be; who is told to come back, because another's request has the seat at that very moment, does.
import { sleep } from 'k6';
import exec from 'k6/execution';

import { expect } from '../lib/api.js';
import * as checks from '../lib/checks.js';
import { clientOf, freeSeats, prepare, scheduleWith } from '../lib/data.js';
import { held, won } from '../lib/metrics.js';
import { Stream } from '../lib/random.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { each } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const TRIES = 20;
const set = settings('hold_storm');
// A winner of many comes to its limit; 503 tells who lost a race for a row to come back.
expect({ hold: ['limit-reached', 'unavailable'] });

const winners = {};
for (let seat = 0; seat < set.HOT; seat += 1) {
    winners[`onsale_won{seat:hot-${seat}}`] = ['count==1'];
}

export const options = describe(set, {
    name: 'hold_storm',
    question: 'Does each seat have exactly one winner, however many want it?',
    load: { scenarios: { hold_storm: each({ vus: set.STORM_VUS, most: 60 }) }, offered: [] },
    room: OPEN_ROOM,
    seats: [set.SEATS],
    watched: ['hold'],
    proves: ['onsale_held', 'onsale_won'],
    more: winners,
});

export function setup() {
    const run = prepare(set, { pool: set.STORM_VUS });
    return { ...run, hot: freeSeats(set, run, scheduleWith(run, set.SEATS), set.HOT) };
}

export default function (run) {
    const client = clientOf(set, run, exec.scenario.iterationInTest);
    for (const at of shuffled(run.hot.length, new Stream('order', client.n))) {
        triesFor(client, run, at);
    }
}

function shuffled(count, dice) {
    const order = Array.from({ length: count }, (_, at) => at);
    for (let last = count - 1; last > 0; last -= 1) {
        const other = dice.below(last + 1);
        [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
}

function triesFor(client, run, at) {
    const schedule = scheduleWith(run, set.SEATS);
    const wanted = { seatIds: [run.hot[at]] };
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const answer = client.hold(run.concertId, schedule.scheduleId, wanted, `${client.user}-${at}`);
        if (answer.ok) {
            checks.holding(schedule, wanted, answer);
            held.add(1);
            won.add(1, { seat: `hot-${at}` });
            return;
        }
        if (answer.status !== 503) {
            return;
        }
        sleep(answer.retryAfter(1) / 2);
    }
}
