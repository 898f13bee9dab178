// What does a visitor notice while parts of the system fail?
//
// The journey at a rate that is easily served, while the runner kills or freezes a program or a store, one in each run: FAULT. There will be
// errors, and they are counted, but none is an objective: what must hold is what is said (`checks`, `onsale_broken`), and that
// it comes back. Visitors do as browsers do: they ask again, at the next gateway where one does not answer. `onsale_gap` is the
// longest time without a good answer that each of them met.
import { expect } from '../lib/api.js';
import { prepare, visitor } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';
import { JOURNEY_CALLS, JOURNEY_PROVES, Visitor, visitSeconds } from '../lib/visitor.js';

export { handleSummary } from '../lib/summary.js';

const FAULTS = ['redis', 'postgres', 'queue', 'catalog', 'gateway'].flatMap((what) => [`${what}-killed`, `${what}-frozen`]);
const set = settings('failure');
expect({ schedules: ['session-ended'], seats: ['session-ended'], seats_after: ['session-ended'], hold: ['session-ended'] });

export const options = describe(set, {
    name: 'failure',
    question: 'What does a visitor notice while parts of the system fail?',
    // Whoever meets a fault stays for it, too.
    load: load(set, { name: 'failure', busy: visitSeconds(set) + 30 }),
    room: {
        ...OPEN_ROOM,
        capacity: Math.ceil(set.RATE * (visitSeconds(set) + 20)),
        ratePerSecond: 2 * set.RATE + 5,
        burst: Math.ceil(2 * set.RATE + 5),
        leaseMs: 60000,
        sessionCapMs: 600000,
    },
    seats: new Array(set.SCHEDULE_COUNT).fill(set.SEATS),
    watched: [...JOURNEY_CALLS, 'release', 'cancel', 'leave'],
    proves: JOURNEY_PROVES,
    faults: FAULTS,
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    new Visitor(set, run, visitor(set, run)).visit();
}
