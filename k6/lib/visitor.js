// A whole visit: a visitor comes, waits in line as it is told, looks, holds seats, and buys them, walks away, or takes back what
// it bought. Between the steps it thinks; where it is told to come back later it does; nobody waits for ever.
import { sleep } from 'k6';

import * as checks from './checks.js';
import { schedulesWith } from './data.js';
import { admitted, cancelled, ended, foundNothing, gap, gaveUp, held, joined, released, shownFreeRefused, sold, wait } from './metrics.js';
import { Stream } from './random.js';

// What has objectives in a visit, and what has to have happened for it to say anything.
export const JOURNEY_CALLS = ['token', 'status', 'schedules', 'seats', 'seats_after', 'hold', 'checkout', 'confirm'];
export const JOURNEY_PROVES = ['onsale_joined', 'onsale_admitted', 'onsale_held', 'onsale_sold'];

// About how long a visit takes from being let in: it thinks four times.
export const visitSeconds = (set) => 4 * set.THINK + 2;

// How often somebody who came too late for a seat chooses another.
const CHOICES = 8;
const MOST_SEATS = 4;
const SHARE_TO_THE_HOUSE = 0.25;
const SHARE_PAYING_TWICE = 0.1;

// Of ten, seven buy, two walk away with a hold, of whom one says so, and one takes back what it bought.
function planOf(dice) {
    const share = dice.share();
    return share < 0.7 ? 'buy' : share < 0.8 ? 'release' : share < 0.9 ? 'vanish' : 'cancel';
}

export class Visitor {
    constructor(set, run, client) {
        this.set = set;
        this.run = run;
        this.client = client;
        this.dice = new Stream('visit', client.n);
        this.plan = planOf(this.dice);
        const schedules = schedulesWith(run, set.SEATS);
        this.schedule = schedules[this.dice.below(schedules.length)];
        this.until = Date.now() + 1000 * set.PATIENCE;
    }

    visit() {
        if (this.join() && this.waits()) {
            admitted.add(1);
            this.shop();
        }
        gap.add(Math.max(this.client.longestGap, this.client.badSince ? Date.now() - this.client.badSince : 0));
    }

    // As a browser does: where there was no answer, or one that says later, it asks again.
    ask(call) {
        for (;;) {
            const answer = call();
            const isPassing = answer.status === 0 || answer.status === 503 || answer.status === 429;
            const pause = answer.retryAfter(1);
            if (answer.ok || !isPassing || Date.now() + 1000 * pause > this.until) {
                return answer;
            }
            if (answer.status === 0) {
                this.client.elsewhere();
            }
            sleep(this.dice.around(pause));
        }
    }

    thinks() {
        sleep(this.dice.around(this.set.THINK));
    }

    join() {
        this.came = Date.now();
        const answer = this.ask(() => this.client.join(this.run.concertId));
        if (!answer.ok) {
            gaveUp.add(1);
            return false;
        }
        joined.add(1);
        checks.placed(this.client, answer);
        this.client.token = answer.body.token || '';
        this.place = answer.body;
        return true;
    }

    // Asks when it is told to, until it is in.
    waits() {
        while (this.place.status === 'WAITING') {
            const pause = this.place.pollAfterMs / 1000;
            if (!(pause > 0) || Date.now() + 1000 * pause > this.until) {
                gaveUp.add(1);
                this.client.leave();
                return false;
            }
            sleep(pause);
            if (!this.stands()) {
                gaveUp.add(1);
                return false;
            }
        }
        wait.add((Date.now() - this.came) / 1000);
        if (this.place.status !== 'ACTIVE') {
            ended.add(1);
        }
        return this.place.status === 'ACTIVE';
    }

    // Asks where it is; false where nobody could say.
    stands() {
        const answer = this.ask(() => this.client.status());
        if (answer.ok) {
            checks.standing(this.client, answer);
            this.place = answer.body;
        }
        return answer.ok;
    }

    // The shop's page asks once more, to show until when its visitor may stay.
    shop() {
        this.stands();
        this.browses();
        const hold = this.holds();
        if (!hold) {
            this.ask(() => this.client.leave());
            return;
        }
        this.thinks();
        if (this.plan === 'vanish') {
            // Says nothing to anybody: the session and the hold run out.
            return;
        }
        if (this.plan === 'release') {
            this.releases(hold);
        } else {
            const sale = this.buys(hold);
            if (sale && this.plan === 'cancel') {
                this.cancels(sale);
            }
        }
        this.ask(() => this.client.leave());
    }

    browses() {
        const answer = this.ask(() => this.client.schedules(this.run.concertId));
        if (answer.ok) {
            checks.scheduled(this.run, answer);
        }
        this.thinks();
    }

    looks(options = {}) {
        const { concertId } = this.run;
        return this.ask(() => this.client.seats(concertId, this.schedule.scheduleId, { view: 'states', ...options }));
    }

    // What it holds then; nothing where it got nothing.
    holds() {
        for (let choice = 0; choice < CHOICES; choice += 1) {
            const seen = this.looks();
            if (!seen.ok || !checks.seatsShown(this.schedule, seen)) {
                break;
            }
            const wanted = choose(seen.body.states, this.dice);
            if (!wanted) {
                break;
            }
            this.thinks();
            const key = `${this.client.user}-${choice}`;
            const answer = this.ask(() => this.client.hold(this.run.concertId, this.schedule.scheduleId, wanted, key));
            if (answer.ok) {
                return this.has(wanted, answer);
            }
            if (!answer.refused) {
                return null;
            }
            if (answer.problem === 'seats-taken') {
                shownFreeRefused.add(1);
            }
        }
        foundNothing.add(1);
        return null;
    }

    has(wanted, answer) {
        held.add(1);
        checks.holding(this.schedule, wanted, answer);
        const hold = answer.body;
        const after = this.looks({ atLeast: hold.version });
        if (after.ok) {
            checks.ownShown(after, checks.seatsOf(hold));
        }
        return hold;
    }

    // Pays; some send the confirmation twice, as a shop does that did not see the answer.
    buys(hold) {
        const paying = this.ask(() => this.client.checkout(hold.holdId));
        if (!paying.ok) {
            return null;
        }
        checks.paying(hold, paying);
        this.thinks();
        const answer = this.confirms(hold);
        if (!answer.ok) {
            return null;
        }
        sold.add(1);
        if (this.dice.chance(SHARE_PAYING_TWICE)) {
            this.confirms(hold, answer.body);
        }
        return answer.body;
    }

    confirms(hold, earlier) {
        const answer = this.ask(() => this.client.confirm(hold.holdId, `order-${this.client.user}`));
        if (answer.ok) {
            checks.selling(hold, answer, earlier);
        }
        return answer;
    }

    releases(hold) {
        const answer = this.ask(() => this.client.release(hold.holdId));
        if (answer.ok) {
            checks.becomes('RELEASED', answer);
            released.add(1);
        }
    }

    cancels(sale) {
        const answer = this.ask(() => this.client.cancel(sale.saleId));
        if (answer.ok) {
            checks.becomes('CANCELLED', answer);
            cancelled.add(1);
        }
    }
}

// Some seats that follow one another, the front ones the most wanted; a quarter leave it to the house. Nothing where nothing is
// free. Looks only at as many characters as it has to: a large hall has many.
export function choose(states, dice) {
    const count = 1 + dice.below(MOST_SEATS);
    if (dice.chance(SHARE_TO_THE_HOUSE)) {
        return { bestAvailable: { count } };
    }
    const from = dice.zipf(states.length);
    const seatIds = [];
    let at = states.indexOf('A', from);
    at = at < 0 ? states.indexOf('A') : at;
    while (at >= 0 && seatIds.length < count) {
        seatIds.push(at + 1);
        at = states.indexOf('A', at + 1);
    }
    return seatIds.length === 0 ? null : { seatIds };
}
