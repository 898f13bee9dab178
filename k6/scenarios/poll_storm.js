// What does a long line cost that stands and polls?
//
// A crowd of CROWD waits in a room that calls nobody, and polls at RATE. Such a poll is answered from what the gateway knows
// already: it has to be as fast with a deep line as with a short one, and to cost Redis and Postgres nothing, which their own metrics
// show while this runs. Nobody's position may rise (`onsale_broken{invariant:I2}`).
import { next, polls } from '../lib/crowd.js';
import { prepare } from '../lib/data.js';
import { STANDING_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load, usersFor } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const BUSY = 0.6;
const set = settings('poll_storm');

export const options = describe(set, {
    name: 'poll_storm',
    question: 'What does a long line cost that stands and polls?',
    load: load(set, { name: 'poll_storm', busy: BUSY }),
    room: STANDING_ROOM,
    seats: [50],
    calls: ['status'],
    proves: ['onsale_joined', 'onsale_polled', 'onsale_bodies'],
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    const client = next(set, run, set.VUS || usersFor(set.RATE, BUSY));
    if (client) {
        polls(client);
    }
}
