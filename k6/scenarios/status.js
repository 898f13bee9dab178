// How fast is a visitor who is in told so?
//
// Visitors of a pool, all ACTIVE, ask again and again: each answer renews a session, so that this is the dear kind of poll. Those
// who wait are the cheap kind, and have poll_storm.js. Each has to stay in one session (`onsale_broken{invariant:I4}`), and
// nobody may lose it (`onsale_ended` is not there).
import { status } from '../lib/calls.js';
import { prepare } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const set = settings('status');

export const options = describe(set, {
    name: 'status',
    question: 'How fast is a visitor who is in told so?',
    load: load(set, { name: 'status', busy: 0.6 }),
    room: OPEN_ROOM,
    seats: [50],
    calls: ['status'],
    proves: ['onsale_bodies'],
});

export function setup() {
    return prepare(set, { pool: set.POOL });
}

export default function (run) {
    status(set, run);
}
