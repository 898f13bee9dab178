// How fast can seats be held and sold, where nobody is in anybody's way?
//
// Buyers who are in hold one or two seats anywhere in a hall of SEATS, check out, and confirm. They cancel the sale at once,
// so that the hall never sells out and no buyer comes to its limit: each iteration is four writes. Some meet a seat that
// another one has just then (`onsale_refused{reason:seats-taken}`); where those are many the hall is too small for the rate.
import { sell } from '../lib/calls.js';
import { prepare } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const set = settings('hold');

export const options = describe(set, {
    name: 'hold',
    question: 'How fast can seats be held and sold, where nobody is in anybody\'s way?',
    load: load(set, { name: 'hold', busy: 1 }),
    room: OPEN_ROOM,
    seats: [set.SEATS],
    calls: ['hold', 'checkout', 'confirm'],
    watched: ['cancel'],
    proves: ['onsale_held', 'onsale_sold', 'onsale_cancelled'],
});

export function setup() {
    return prepare(set, { pool: set.POOL });
}

export default function (run) {
    sell(set, run, 1);
}
