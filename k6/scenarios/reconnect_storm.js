// What happens when everybody comes back at once?
//
// A crowd of CROWD waits and polls over connections that stay open. The runner restarts a gateway, or whoever runs this by
// hand does: all connections of it break at the same instant, and all who lost theirs come back at once, and again with a new
// connection for each of their next polls, as phones do. Errors are expected then, and are no objective; `onsale_gap` is how
// long each was without an answer, and everybody's place has to be the same afterwards.
import { sleep } from 'k6';

import { next, polls } from '../lib/crowd.js';
import { prepare } from '../lib/data.js';
import { gap } from '../lib/metrics.js';
import { Stream } from '../lib/random.js';
import { STANDING_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load, usersFor } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

// An outage keeps those who meet it.
const BUSY = 3;
const NEW_CONNECTIONS = 5;
const set = settings('reconnect_storm');

export const options = describe(set, {
    name: 'reconnect_storm',
    question: 'What happens when everybody comes back at once?',
    load: load(set, { name: 'reconnect_storm', busy: BUSY }),
    room: STANDING_ROOM,
    seats: [50],
    watched: ['status'],
    proves: ['onsale_joined', 'onsale_polled', 'onsale_bodies'],
    faults: ['gateway-restarted'],
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    const client = next(set, run, set.VUS || usersFor(set.RATE, BUSY));
    if (client) {
        pollsUntilAnswered(client);
    }
}

function pollsUntilAnswered(client) {
    const until = Date.now() + 1000 * set.PATIENCE;
    client.closes = client.newConnections > 0;
    client.newConnections = Math.max(0, (client.newConnections || 0) - 1);
    let answer = polls(client);
    const dice = new Stream('back', client.n);
    while (!answer.ok && Date.now() < until) {
        client.elsewhere();
        client.closes = true;
        client.newConnections = NEW_CONNECTIONS;
        sleep(dice.around(0.2));
        answer = polls(client);
    }
    if (client.longestGap > 0) {
        gap.add(client.longestGap);
        client.longestGap = 0;
    }
}
