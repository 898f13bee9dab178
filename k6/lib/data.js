// What a run is about: its name, the concert and its schedules, and tokens that are in. Made once, in `setup`, and copied to
// every virtual user, so that it is kept small.
import exec from 'k6/execution';
import { sleep } from 'k6';

import { Client, joinTogether, statusTogether } from './api.js';

const AT_ONCE = 20;
const MOST_SECONDS = 120;
// Who is in is in at every gateway once each has heard of the room again.
const KNOWN_WITHIN_SECONDS = 1;

export function prepare(set, { pool = 0 } = {}) {
    const run = { id: idOfRun(), ...whatIsOn(set) };
    run.tokens = pool > 0 ? tokensThatAreIn(set, run, pool) : [];
    tellItBegins();
    return run;
}

// What users of this run are called begins with it, and is 64 characters long at most; what makes a run's name its own is its end.
const idOfRun = () => exec.test.options.tags.testid.slice(-40);

// The runner counts phases and faults from here.
export const tellItBegins = () => console.log('onsale: setup done');

// As told, or as the API says.
function whatIsOn(set) {
    if (set.CONCERT_ID > 0 && set.SCHEDULES.length > 0) {
        return { concertId: set.CONCERT_ID, schedules: set.SCHEDULES, isTold: true };
    }
    const looking = new Client(set, 'nobody', 0);
    const concertId = set.CONCERT_ID || (looking.concerts().body.concerts || [{}])[0].concertId;
    if (!concertId) {
        exec.test.abort(`no concert is told of at ${set.ONSALE_GATEWAYS}`);
    }
    const [token] = tokensThatAreIn(set, { id: idOfRun(), concertId }, 1, 'look');
    looking.token = token;
    const found = looking.schedules(concertId).body.schedules || [];
    return { concertId, schedules: found.map(({ scheduleId, totalSeats }) => ({ scheduleId, seats: totalSeats })), isTold: false };
}

// The schedules with so many seats, or those that are nearest to it.
export function schedulesWith(run, seats) {
    const off = (schedule) => Math.abs(schedule.seats - seats);
    const least = Math.min(...run.schedules.map(off));
    return run.schedules.filter((schedule) => off(schedule) === least);
}

// The first of them.
export const scheduleWith = (run, seats) => schedulesWith(run, seats)[0];

// Joins, and asks as told until everybody is ACTIVE.
function tokensThatAreIn(set, run, count, kind = 'pool') {
    const tokens = [];
    const until = Date.now() + 1000 * MOST_SECONDS;
    for (let first = 0; first < count; first += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => new Client(set, `${run.id}-${kind}-${first + at}`, at));
        enter(some, run.concertId, until);
        tokens.push(...some.map((client) => client.token));
    }
    sleep(KNOWN_WITHIN_SECONDS);
    return tokens;
}

function enter(clients, concertId, until) {
    const joins = joinTogether(clients, concertId);
    clients.forEach((client, at) => { client.token = joins[at].body.token || ''; });
    let waiting = clients.filter((_, at) => joins[at].body.status !== 'ACTIVE');
    while (waiting.length > 0) {
        if (Date.now() > until || waiting.some((client) => client.token === '')) {
            exec.test.abort(`the run's tokens are not let in: ${joins[0].status} ${joins[0].response.body}`);
            return;
        }
        sleep(0.5);
        const answers = statusTogether(waiting);
        waiting = waiting.filter((_, at) => answers[at].body.status !== 'ACTIVE');
    }
}

// Names this iteration, in a run and beside all others: what a user is called, and an order.
const nameOf = (run, n) => `${run.id}-${exec.scenario.name.slice(-12)}-${n}`;

// Who this iteration is: a user of its own.
export function visitor(set, run) {
    const n = exec.scenario.iterationInTest;
    return new Client(set, nameOf(run, n), n);
}

// A client with one of the run's tokens, which are taken in turn.
export const insider = (set, run) => clientOf(set, run, exec.scenario.iterationInTest);

export function clientOf(set, run, n) {
    const at = n % run.tokens.length;
    const client = new Client(set, `${run.id}-pool-${at}`, n);
    client.token = run.tokens[at];
    client.order = nameOf(run, n);
    return client;
}

// The first seats that are free.
export function freeSeats(set, run, schedule, count) {
    const looking = new Client(set, `${run.id}-pool-0`, 0);
    [looking.token] = run.tokens;
    const { states = '' } = looking.seats(run.concertId, schedule.scheduleId, { view: 'states' }).body;
    const free = [...states].flatMap((state, at) => (state === 'A' ? [at + 1] : [])).slice(0, count);
    if (free.length < count) {
        exec.test.abort(`${free.length} seats of schedule ${schedule.scheduleId} are free, and ${count} are needed`);
    }
    return free;
}
