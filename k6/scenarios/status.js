// How fast is a visitor told where it stands, when it is in?
//
// Visitors of a pool, all ACTIVE, ask again and again: each answer renews a session, so that this is the dear kind of poll. Those
// who wait are the cheap kind, and have poll_storm.js. Each has to stay in one session (I4).
import { standing } from '../lib/checks.js';
import { insider, prepare } from '../lib/data.js';
import { ended } from '../lib/metrics.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const set = settings('status');

export const options = describe(set, {
    name: 'status',
    question: 'How fast is a visitor told where it stands, when it is in?',
    load: load(set, { name: 'status', busy: 0.3 }),
    room: OPEN_ROOM,
    seats: [50],
    calls: ['status'],
    proves: ['onsale_bodies'],
});

export function setup() {
    return prepare(set, { pool: set.POOL });
}

// A virtual user remembers each visitor that it was, and the session it was told of.
const known = {};

export default function (run) {
    const now = insider(set, run);
    const client = known[now.user] || now;
    known[now.user] = client;
    const answer = client.status();
    if (answer.ok) {
        standing(client, answer);
        if (answer.body.status !== 'ACTIVE') {
            ended.add(1);
        }
    }
}
