// Does the waiting room take the crowd of an on-sale, and let it in no faster than it should?
//
// Arrivals go from nothing to RATE in ten seconds and stay there for DURATION: more than the house serves, so that a line forms.
// Everybody polls as it is told, the called go on to buy, and who has waited for PATIENCE leaves. The objectives hold for all of
// it: the crowd must not make anything slow, only long. Read `onsale_wait` for what it was like, `onsale_gave_up`, and the room's own
// figures for how full the house was; the room never lets in more than its capacity, which the runner looks at.
import { expect } from '../lib/api.js';
import { prepare, visitor } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { arrivals, step } from '../lib/shapes.js';
import { JOURNEY_CALLS, JOURNEY_PROVES, Visitor, visitSeconds } from '../lib/visitor.js';

export { handleSummary } from '../lib/summary.js';

const RISE = 10;
const set = settings('onsale');
expect({ token: ['line-full', 'overloaded'], status: ['overloaded'] });

// The house serves two in five of those who come: whoever is in stays for a visit.
const served = Math.max(1, 0.4 * set.RATE);
const visitors = Math.ceil(set.RATE * (RISE / 2 + set.DURATION));
const steps = [step(0, set.RATE, RISE), step(set.RATE, set.RATE, set.DURATION)];
const seconds = RISE + set.DURATION;

export const options = describe(set, {
    name: 'onsale',
    question: 'Does the waiting room take the crowd of an on-sale, and let it in no faster than it should?',
    load: {
        // Everybody may be there at once, to the last.
        scenarios: { onsale: arrivals({ steps, exec: 'default', vus: set.VUS || visitors + 5, stop: Math.ceil(set.PATIENCE + 2 * visitSeconds(set)) }) },
        offered: [{ scenario: 'onsale', rate: visitors / seconds, seconds }],
    },
    room: {
        ...OPEN_ROOM,
        capacity: Math.ceil(served * visitSeconds(set)),
        ratePerSecond: served,
        burst: Math.ceil(served),
        // Those who vanish keep their slot for so long.
        leaseMs: 60000,
        sessionCapMs: 600000,
    },
    seats: new Array(set.SCHEDULE_COUNT).fill(set.SEATS),
    calls: JOURNEY_CALLS,
    watched: ['release', 'cancel', 'leave'],
    proves: JOURNEY_PROVES,
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    new Visitor(set, run, visitor(set, run)).visit();
}
