// What one iteration does in the scenarios that measure single calls.
import exec from 'k6/execution';

import * as checks from './checks.js';
import { insider, scheduleWith, visitor } from './data.js';
import { cancelled, ended, held, joined, released, sold } from './metrics.js';
import { Stream } from './random.js';

const SHARE_JOINING_AGAIN = 0.05;

// A new user joins; one in twenty joins again, as a second tab or a retry does, and has to get the same number.
export function token(set, run) {
    const client = visitor(set, run);
    if (!joins(client, run)) {
        return;
    }
    joined.add(1);
    if (new Stream('again', client.n).chance(SHARE_JOINING_AGAIN)) {
        joins(client, run);
    }
}

function joins(client, run) {
    const answer = client.join(run.concertId);
    if (answer.ok) {
        checks.placed(client, answer);
        client.token = answer.body.token || '';
    }
    return answer.ok;
}

// A virtual user remembers who it was, and what they were told: the session, the ETag of each thing.
const known = {};
const etags = {};

// Somebody who is in asks where it stands.
export function status(set, run) {
    const now = insider(set, run);
    const client = known[now.user] || now;
    known[now.user] = client;
    const answer = client.status();
    if (answer.ok) {
        checks.standing(client, answer);
        if (answer.body.status !== 'ACTIVE') {
            ended.add(1);
        }
    }
}

export function schedules(set, run) {
    const etag = set.ETAG ? etags.schedules : '';
    const answer = insider(set, run).schedules(run.concertId, { etag });
    if (answer.ok) {
        checks.scheduled(run, answer, etag);
        etags.schedules = answer.header('Etag');
    }
}

// To read a list of 1,000 seats takes the generator some 20 ms.
const LARGE = 100;
let looking;

export function seats(set, run) {
    const schedule = scheduleWith(run, set.SEATS);
    const client = insider(set, run);
    const etag = set.ETAG ? etags.seats : '';
    const answer = client.seats(run.concertId, schedule.scheduleId, { view: set.VIEW, etag });
    if (answer.ok) {
        looking = looking || new Stream('look', exec.vu.idInTest);
        const whole = set.VIEW === 'states' || schedule.seats <= LARGE || looking.chance(set.LOOK_RATIO);
        checks.seatsShown(schedule, answer, { etag, whole });
        etags.seats = answer.header('Etag');
    }
}

// One or two neighbouring seats, any of the hall.
function anySeats(schedule, dice) {
    const first = 1 + dice.below(schedule.seats);
    return { seatIds: dice.chance(0.5) && first < schedule.seats ? [first, first + 1] : [first] };
}

// Holds some seats, any of the hall, and sells them or gives them back; who bought takes it back at once. So the hall never
// sells out, no buyer comes to its limit, and it can go on for as long as one likes. `share` is that of the buyers.
export function sell(set, run, share) {
    const client = insider(set, run);
    const dice = new Stream('sell', client.n);
    const schedule = scheduleWith(run, set.SEATS);
    const wanted = anySeats(schedule, dice);
    const answer = client.hold(run.concertId, schedule.scheduleId, wanted, client.order);
    if (!answer.ok) {
        return;
    }
    held.add(1);
    checks.holding(schedule, wanted, answer);
    if (dice.chance(share)) {
        buys(client, answer.body);
        return;
    }
    const given = client.release(answer.body.holdId);
    if (given.ok) {
        checks.becomes('RELEASED', given);
        released.add(1);
    }
}

function buys(client, hold) {
    const paying = client.checkout(hold.holdId);
    if (!paying.ok) {
        return;
    }
    checks.paying(hold, paying);
    const sale = client.confirm(hold.holdId, client.order);
    if (!sale.ok) {
        return;
    }
    checks.selling(hold, sale);
    sold.add(1);
    const back = client.cancel(sale.body.saleId);
    if (back.ok) {
        checks.becomes('CANCELLED', back);
        cancelled.add(1);
    }
}
